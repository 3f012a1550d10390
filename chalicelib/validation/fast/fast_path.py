"""The fast path of one file: which language its records are scanned with, and what that language leaves unchecked."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from attrs import evolve, frozen

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_checker import KeyChecker
from chalicelib.validation.fast.language.cells import UNCHECKED, CellLanguage
from chalicelib.validation.fast.language.records import Break, RecordLanguage
from chalicelib.validation.fast.lookahead import NO_LOOKAHEAD, Lookahead
from chalicelib.validation.fast.run_checker import RunChecker
from chalicelib.validation.fast.scanner import Scanner
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.records import CleanRun, Record, Run, UnreadableRecord
from chalicelib.validation.report import ErrorCode, ValidationError
from chalicelib.validation.schema.table_schema import Field
from chalicelib.validation.tally import ErrorTally

_LEARN_AFTER = 16
"""Records with the same deviation, close together, before the fast path expects it."""
_CLOSE_ROWS = 100
"""The most rows between two records for them to be close together."""
_TRUST_AFTER = 1_000
"""Rows without an error in a relaxed column before the automaton checks that column again."""
_MAX_COLUMNS = 1_000
"""Files with more columns do not pay for an automaton."""
_CELL_CODES = frozenset({ErrorCode.TYPE_ERROR, ErrorCode.CONSTRAINT_ERROR})
"""The errors that a correctly quoted cell can have."""


@frozen(kw_only=True)
class _Assumptions:
    """What the fast path assumes about the records that come next. A record that differs is not clean."""

    breaks: Break
    width: int
    has_long_cells: bool = False
    relaxed: frozenset[int] = frozenset()
    """The columns whose cells may be anything: each cell is checked afterwards."""


class FastPath:
    """Finds runs of clean records, checks what the scan leaves open, and learns from records that are not clean."""

    def __init__(self, columns: Columns, dialect: Dialect, keys: KeyChecker, beginning: bytes, *, threads: int) -> None:
        """Prepare to scan a file; `beginning` is its first data, from which the kind of line break is detected."""
        self._columns = columns
        self._dialect = dialect
        self._keys = keys
        self._deviations: dict[_Assumptions, tuple[int, int]] = {}
        self._lookahead = Lookahead(threads) if threads > 1 else None
        self._use(_Assumptions(breaks=Break.of(beginning, dialect), width=len(columns.fields)))

    def prefetch(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the blocks unchanged, and scan the next ones in the background."""
        return self._lookahead.blocks(blocks) if self._lookahead else blocks

    def start_block(self, start: int) -> None:
        """Move to the next block, which starts at that offset of the data."""
        if self._lookahead:
            self._scanned = self._lookahead.scanned_runs(start)

    def run(self, data: bytes, start: int, end: int) -> Run:
        """Return the longest run that starts with the record at `start` and ends at or before `end`."""
        if self._scanner is None:
            return Run(start, 0, 0)
        if run := self._scanned.runs.get(start):
            return run
        known = self._scanned.next_start(start, end)
        run = self._scanner.run(data, start, known)
        return run if run.rows or known == end else self._scanner.run(data, start, end)

    def check(self, run: CleanRun, tally: ErrorTally) -> None:
        """Add the errors of a run's records that the scan does not find, and record the rows' keys."""
        wrong = self._checker.check(run, tally)
        if run.rows >= _TRUST_AFTER and (trusted := self._assumptions.relaxed - wrong):
            self._use(evolve(self._assumptions, relaxed=self._assumptions.relaxed - trusted))

    def learn(self, record: Record | UnreadableRecord, errors: Sequence[ValidationError]) -> None:
        """Learn from a record that was not clean: a deviation that recurs is expected from then on."""
        if isinstance(record, UnreadableRecord) or self._scanner is None:
            return
        for assumptions in _fitting(record, errors, self._assumptions, self._dialect):
            times, last = self._deviations.get(assumptions, (0, record.row))
            times = times + 1 if record.row - last <= _CLOSE_ROWS else 1
            self._deviations[assumptions] = times, record.row
            if times >= _LEARN_AFTER:
                self._use(assumptions)
                return

    def _use(self, assumptions: _Assumptions) -> None:
        """Scan the following records under these assumptions."""
        self._assumptions = assumptions
        self._deviations.clear()
        language = _language(self._columns.fields, self._dialect, assumptions)
        self._scanner = _scanner(language) if assumptions.width <= _MAX_COLUMNS else None
        self._checker = RunChecker(self._columns, self._keys, language)
        self._scanned = NO_LOOKAHEAD
        if self._lookahead:
            self._lookahead.scanner = self._scanner


def _fitting(
    record: Record, errors: Sequence[ValidationError], current: _Assumptions, dialect: Dialect
) -> Iterator[_Assumptions]:
    """Yield the current assumptions with one of them changed so that it fits a record."""
    # A clean cell can contain a quoted line break, but no escaped one.
    if record.lines > 1 and dialect.quote_char and not current.has_long_cells:
        yield evolve(current, has_long_cells=True)
    if len(record.cells) != current.width and any(record.cells):
        yield evolve(current, width=len(record.cells))
    for error in errors:
        if error.field is not None and error.code in _CELL_CODES and error.field - 1 not in current.relaxed:
            yield evolve(current, relaxed=current.relaxed | {error.field - 1})


@lru_cache(maxsize=64)
def _language(fields: Sequence[Field | None], dialect: Dialect, assumptions: _Assumptions) -> RecordLanguage:
    cells = [UNCHECKED if at in assumptions.relaxed else CellLanguage.of(field) for at, field in enumerate(fields)]
    cells += [CellLanguage()] * (assumptions.width - len(fields))
    return RecordLanguage(
        cells=tuple(cells[: assumptions.width]),
        dialect=dialect,
        breaks=assumptions.breaks,
        has_long_cells=assumptions.has_long_cells,
    )


@lru_cache(maxsize=64)
def _scanner(language: RecordLanguage) -> Scanner | None:
    try:
        return Scanner(language)
    except OverflowError:  # the automaton would be too large
        return None
