"""The fast path of one file: the language that suits what comes, and what that language leaves to be checked."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from attrs import evolve, frozen

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_checker import KeyChecker
from chalicelib.validation.fast.language.cells import UNCHECKED, CellLanguage
from chalicelib.validation.fast.language.records import Break, RecordLanguage
from chalicelib.validation.fast.lookahead import NOTHING_FORESEEN, Lookahead
from chalicelib.validation.fast.run_checker import RunChecker
from chalicelib.validation.fast.scanner import Scanner
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.records import CleanRun, Record, Run, UnreadableRecord
from chalicelib.validation.report import ErrorTally, ValidationError
from chalicelib.validation.schema.table_schema import Field

_OFTEN = 16
"""So many records with the same trait, one soon after the other, make it a habit of the file."""
_SOON = 100
"""In rows."""
_MANY = 1_000
"""When so many rows, one after the other, have nothing wrong in a column, it is trusted again."""
_WIDEST = 1_000
"""In columns: more are not worth an automaton."""
_CELL_CODES = frozenset({"type-error", "constraint-error"})
"""What may be wrong with a cell that is written as it should be."""


@frozen(kw_only=True)
class _Form:
    """What records are taken for clean."""

    breaks: Break
    width: int
    has_long_cells: bool = False
    relaxed: frozenset[int] = frozenset()
    """The columns whose cells may be anything, for each is looked at afterwards."""


class FastPath:
    """Finds the clean records of a file, checks what they leave open, and learns from those that are not clean."""

    def __init__(self, columns: Columns, dialect: Dialect, keys: KeyChecker, beginning: bytes, *, threads: int) -> None:
        """Take the file's columns and keys, and its data as it begins, which tells how its lines end."""
        self._columns = columns
        self._dialect = dialect
        self._keys = keys
        self._traits: dict[_Form, tuple[int, int]] = {}
        self._lookahead = Lookahead(threads) if threads > 1 else None
        self._take(_Form(breaks=Break.of(beginning, dialect), width=len(columns.fields)))

    def ahead(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Pass blocks on, and scan them meanwhile."""
        return self._lookahead.blocks(blocks) if self._lookahead else blocks

    def enter(self, start: int) -> None:
        """Go on to the next block, which begins there in the data."""
        if self._lookahead:
            self._foreseen = self._lookahead.foreseen(start)

    def run(self, data: bytes, start: int, end: int) -> Run:
        """Give the longest run that starts with the record at `start` and stays before `end`."""
        if self._scanner is None:
            return Run(start, 0, 0)
        if run := self._foreseen.runs.get(start):
            return run
        known = self._foreseen.next_start(start, end)
        run = self._scanner.run(data, start, known)
        return run if run.rows or known == end else self._scanner.run(data, start, end)

    def check(self, run: CleanRun, tally: ErrorTally) -> None:
        """Add what is wrong with the records of a run all the same, and note their keys."""
        wrong = self._checker.check(run, tally)
        if run.rows >= _MANY and (calm := self._form.relaxed - wrong):
            self._take(evolve(self._form, relaxed=self._form.relaxed - calm))

    def note(self, record: Record | UnreadableRecord, errors: Sequence[ValidationError]) -> None:
        """Learn from a record that was not clean: what happens again and again is expected from then on."""
        if isinstance(record, UnreadableRecord) or self._scanner is None:
            return
        for form in _suited(record, errors, self._form, self._dialect):
            times, last = self._traits.get(form, (0, record.row))
            times = times + 1 if record.row - last <= _SOON else 1
            self._traits[form] = times, record.row
            if times >= _OFTEN:
                self._take(form)
                return

    def _take(self, form: _Form) -> None:
        """From now on, take records of that form for clean."""
        self._form = form
        self._traits.clear()
        language = _language(self._columns.fields, self._dialect, form)
        self._scanner = _scanner(language) if form.width <= _WIDEST else None
        self._checker = RunChecker(self._columns, self._keys, language)
        self._foreseen = NOTHING_FORESEEN
        if self._lookahead:
            self._lookahead.scanner = self._scanner


def _suited(record: Record, errors: Sequence[ValidationError], form: _Form, dialect: Dialect) -> Iterator[_Form]:
    """Give the forms that are like the present one, but for one trait of a record that it does not have."""
    # A line break that is escaped is none of a clean cell; one that is quoted is.
    if record.lines > 1 and dialect.quote_char and not form.has_long_cells:
        yield evolve(form, has_long_cells=True)
    if len(record.cells) != form.width and any(record.cells):
        yield evolve(form, width=len(record.cells))
    for error in errors:
        if error.field is not None and error.code in _CELL_CODES and error.field - 1 not in form.relaxed:
            yield evolve(form, relaxed=form.relaxed | {error.field - 1})


@lru_cache(maxsize=64)
def _language(fields: Sequence[Field | None], dialect: Dialect, form: _Form) -> RecordLanguage:
    known = [UNCHECKED if at in form.relaxed else CellLanguage.of(field) for at, field in enumerate(fields)]
    known += [CellLanguage()] * (form.width - len(fields))
    return RecordLanguage(
        cells=tuple(known[: form.width]),
        dialect=dialect,
        breaks=form.breaks,
        has_long_cells=form.has_long_cells,
    )


@lru_cache(maxsize=64)
def _scanner(language: RecordLanguage) -> Scanner | None:
    try:
        return Scanner(language)
    except OverflowError:  # too large an automaton
        return None
