"""What clean records leave open: their keys, and cells whose rules the language that found them does not know."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat

from attrs import frozen

from chalicelib.validation.checking.cells import MISSING_CELL, check_cell, faults_of
from chalicelib.validation.checking.checker import EXTRA_CELL, error_at
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_checker import KeyChecker
from chalicelib.validation.checking.keys import Place
from chalicelib.validation.fast.language.automaton import automaton
from chalicelib.validation.fast.language.characters import Characters
from chalicelib.validation.fast.language.extraction import Extraction, picked
from chalicelib.validation.fast.language.records import RecordLanguage
from chalicelib.validation.fast.language.translation import Writing, translated
from chalicelib.validation.reading.records import CleanRun
from chalicelib.validation.report import ErrorTally, Fault, ValidationError
from chalicelib.validation.schema.table_schema import Field

_Faults = tuple[Fault, ...]


@frozen
class _Finding:
    """The same that is wrong in one column of several records."""

    position: int | None
    faults: _Faults
    offsets: Sequence[int]
    """Which records of the run, counted from 0."""


class RunChecker:
    """Checks runs of records that one language found."""

    def __init__(self, columns: Columns, keys: KeyChecker, language: RecordLanguage) -> None:
        """Check against these columns what the language leaves open, and note the keys."""
        self._columns = columns
        self._keys = keys
        self._language = language
        width = len(language.cells)
        self._uniform: list[tuple[int, _Faults]] = []
        self._uniform += [(at, (EXTRA_CELL,)) for at in range(len(columns.fields), width)]
        self._uniform += [(at, _missing(field)) for at, field in enumerate(columns.fields) if at >= width]
        self._judges = {
            at: _judge(field)
            for at, (field, cell) in enumerate(zip(columns.fields, language.cells, strict=False))
            if field is not None and not cell.is_whole
        }
        wanted = {*self._judges, *keys.positions}
        # Where a record may take several lines, only taking them apart tells on which line each one starts.
        is_needed = wanted or (self._uniform and language.has_long_cells)
        positions = sorted(at for at in wanted if at < width) or [0]
        self._extraction = Extraction(language, positions) if is_needed else None

    def check(self, run: CleanRun, tally: ErrorTally) -> set[int | None]:
        """Add what is wrong with the records of a run, and note their keys; say in which columns something was."""
        findings = [_Finding(at, faults, range(run.rows)) for at, faults in self._uniform]
        lines: Sequence[int] = range(run.line, run.line + run.rows)
        if self._extraction:
            cells, lines = self._extraction.columns(run)
            for at, judge in self._judges.items():
                findings += (_Finding(at, faults, offsets) for faults, offsets in judge.verdicts(cells[at]).items())
            findings += self._note_keys(cells, range(run.row, run.row + run.rows), lines)
        if tally.is_full:
            self._count(findings, tally)
        elif findings:
            self._add(findings, run, lines, tally)
        return {found.position for found in findings}

    def _note_keys(
        self, cells: Mapping[int, Sequence[str]], rows: Sequence[int], lines: Sequence[int]
    ) -> Iterator[_Finding]:
        wanted = self._keys.positions
        is_plain = wanted.isdisjoint(self._judges) and wanted <= cells.keys()
        if not wanted or (is_plain and self._keys.note_all(cells, rows, lines)):
            return
        for offset, place in enumerate(zip(rows, lines, strict=True)):
            values = {
                at: check_cell(cells[at][offset], self._columns.fields[at])[0] if at in cells else MISSING_CELL
                for at in self._keys.positions
            }
            for position, fault in self._keys.note(values, place):
                yield _Finding(position, (fault,), (offset,))

    def _count(self, findings: Iterable[_Finding], tally: ErrorTally) -> None:
        for found in findings:
            for fault in found.faults:
                tally.count(error_at(self._columns, (0, 0), found.position, fault), len(found.offsets))

    def _add(self, findings: Iterable[_Finding], run: CleanRun, lines: Sequence[int], tally: ErrorTally) -> None:
        """Add the errors row by row, with their records if somebody wants these."""
        rows: dict[int, list[_Finding]] = {}
        for found in findings:
            for offset in found.offsets:
                rows.setdefault(offset, []).append(found)
        offsets = sorted(rows)
        records = picked(self._language, run, lines, offsets) if tally.wants_records else repeat(None)
        for offset, record in zip(offsets, records, strict=False):
            tally.add(self._errors(rows[offset], (run.row + offset, lines[offset])), record)

    def _errors(self, findings: Iterable[_Finding], place: Place) -> Iterator[ValidationError]:
        """Give the errors of one row, from left to right."""
        for found in sorted(findings, key=lambda each: -1 if each.position is None else each.position):
            for fault in found.faults:
                yield error_at(self._columns, place, found.position, fault)


def _missing(field: Field | None) -> _Faults:
    return tuple(check_cell(MISSING_CELL, field)[1])


class _Judge:
    """Looks at the cells of one column."""

    def __init__(self, field: Field) -> None:
        """Look at the cells of this field."""
        self._field = field
        self._known: dict[str, _Faults] = {}

    def verdicts(self, cells: Sequence[str]) -> Mapping[_Faults, Sequence[int]]:
        """Give, for all that is wrong with one or more of the cells, the offsets of these."""
        known, field = self._known, self._field
        if len(known) > _MOST_REMEMBERED:
            known.clear()
        wrong: dict[_Faults, list[int]] = {}
        for offset, cell in enumerate(cells):
            faults = known.get(cell)
            if faults is None:
                faults = known[cell] = tuple(faults_of(cell, field))
            if faults:
                wrong.setdefault(faults, []).append(offset)
        return wrong


class _TypeJudge:
    """Looks at the cells of a column in which nothing counts but the type."""

    def __init__(self, field: Field) -> None:
        """Look at the cells of this field, whose type has an expression."""
        form = str(field.type.form)
        self._missing = field.missing_values
        self._fault = (field.type.fault,)
        self._fault_of_missing = tuple(faults_of(next(iter(self._missing)), field)) if self._missing else ()
        self._is_value = re.compile(form).fullmatch
        known = "|".join([f"(?:{form})", *map(re.escape, self._missing)])
        self._known = automaton(rf"\x00(?:{translated(known, Writing(excluded=Characters.of(_END)))})\x00")
        self._expects_nothing = True

    def verdicts(self, cells: Sequence[str]) -> Mapping[_Faults, Sequence[int]]:
        """Give, for all that is wrong with one or more of the cells, the offsets of these."""
        if self._expects_nothing and not self._known.search(f"{_END}{_END.join(cells)}{_END}".encode()):
            return {self._fault: range(len(cells))}
        wrong = [offset for offset, value in enumerate(map(self._is_value, cells)) if value is None]
        missing = [offset for offset, cell in enumerate(cells) if cell in self._missing]
        mistyped = wrong if not missing else sorted({*wrong}.difference(missing))
        self._expects_nothing = len(mistyped) == len(cells)
        verdicts = {self._fault: mistyped, self._fault_of_missing: missing}
        return {faults: offsets for faults, offsets in verdicts.items() if faults and offsets}


_MOST_REMEMBERED = 10_000
_END = "\0"
"""What no cell has in it."""


def _judge(field: Field) -> _Judge | _TypeJudge:
    """Give what looks at a field's cells fastest."""
    is_simple = field.type.form is not None and field.type.is_whole and not field.constraints
    return _TypeJudge(field) if is_simple else _Judge(field)
