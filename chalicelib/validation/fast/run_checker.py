"""Check what a scan leaves open in clean records: keys, and cells with rules that the automaton does not express."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat

from attrs import frozen

from chalicelib.validation.checking.cells import MISSING_CELL, check_cell, explained, faults_of
from chalicelib.validation.checking.checker import EXTRA_CELL, error_at
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_checker import KeyChecker
from chalicelib.validation.checking.keys import RowPosition
from chalicelib.validation.fast.language.extraction import Extraction, select_records
from chalicelib.validation.fast.language.records import RecordLanguage
from chalicelib.validation.reading.records import CleanRun
from chalicelib.validation.regex.automaton import automaton
from chalicelib.validation.regex.characters import Characters
from chalicelib.validation.regex.translation import Writing, translated
from chalicelib.validation.report import Fault, ValidationError
from chalicelib.validation.schema.table_schema import Field
from chalicelib.validation.tally import ErrorTally

_Faults = tuple[Fault, ...]


@frozen
class _ColumnFaults:
    """The same faults in one column of several records."""

    position: int | None
    faults: _Faults
    offsets: Sequence[int]
    """Which records of the run have them, counted from 0."""


class RunChecker:
    """Checks the runs that were scanned with one language."""

    def __init__(self, columns: Columns, keys: KeyChecker, language: RecordLanguage) -> None:
        """Check what the language leaves open of these columns, and record the keys."""
        self._columns = columns
        self._keys = keys
        self._language = language
        width = len(language.cells)
        self._uniform: list[tuple[int, _Faults]] = []
        self._uniform += [(at, (EXTRA_CELL,)) for at in range(len(columns.fields), width)]
        self._uniform += [(at, _missing(field)) for at, field in enumerate(columns.fields) if at >= width]
        self._column_checks = {
            at: _column_check(field)
            for at, (field, cell) in enumerate(zip(columns.fields, language.cells, strict=False))
            if field is not None and not cell.is_whole
        }
        wanted = {*self._column_checks, *keys.positions}
        # If cells can contain line breaks, the line on which a record starts is known only after splitting the records.
        is_needed = wanted or (self._uniform and language.has_long_cells)
        positions = sorted(at for at in wanted if at < width) or [0]
        self._extraction = Extraction(language, positions) if is_needed else None

    def check(self, run: CleanRun, tally: ErrorTally) -> set[int | None]:
        """Add the errors of a run's records, and record their keys; return the 0-based columns that had errors."""
        findings = [_ColumnFaults(at, faults, range(run.rows)) for at, faults in self._uniform]
        cells: Mapping[int, Sequence[str]] = {}
        lines: Sequence[int] = range(run.line, run.line + run.rows)
        if self._extraction:
            cells, lines = self._extraction.columns(run)
            for at, column_check in self._column_checks.items():
                faulty = column_check.faults(cells[at])
                findings += (_ColumnFaults(at, faults, offsets) for faults, offsets in faulty.items())
            self._add_keys(cells, range(run.row, run.row + run.rows), lines)
        if tally.is_full:
            self._count(findings, tally)
        elif findings:
            self._add(findings, cells, run, lines, tally)
        return {found.position for found in findings}

    def _add_keys(self, cells: Mapping[int, Sequence[str]], rows: Sequence[int], lines: Sequence[int]) -> None:
        wanted = self._keys.positions
        is_plain = wanted.isdisjoint(self._column_checks) and wanted <= cells.keys()
        if not wanted or (is_plain and self._keys.add_all(cells, rows, lines)):
            return
        for offset, row_position in enumerate(zip(rows, lines, strict=True)):
            values = {
                at: check_cell(cells[at][offset], self._columns.fields[at])[0] if at in cells else MISSING_CELL
                for at in self._keys.positions
            }
            self._keys.add(values, row_position)

    def _count(self, findings: Iterable[_ColumnFaults], tally: ErrorTally) -> None:
        for found in findings:
            for fault in found.faults:
                tally.count(error_at(self._columns, (0, 0), found.position, fault), len(found.offsets))

    def _add(
        self,
        findings: Iterable[_ColumnFaults],
        cells: Mapping[int, Sequence[str]],
        run: CleanRun,
        lines: Sequence[int],
        tally: ErrorTally,
    ) -> None:
        """Add the errors row by row, with their records if the report needs them."""
        rows: dict[int, list[_ColumnFaults]] = {}
        for found in findings:
            for offset in found.offsets:
                rows.setdefault(offset, []).append(found)
        offsets = sorted(rows)
        records = select_records(self._language, run, lines, offsets) if tally.wants_records else repeat(None)
        for offset, record in zip(offsets, records, strict=False):
            tally.add(self._errors(rows[offset], cells, offset, (run.row + offset, lines[offset])), record)

    def _errors(
        self,
        findings: Iterable[_ColumnFaults],
        cells: Mapping[int, Sequence[str]],
        offset: int,
        row_position: RowPosition,
    ) -> Iterator[ValidationError]:
        """Yield the errors of one row, from left to right."""
        for found in sorted(findings, key=lambda each: -1 if each.position is None else each.position):
            column = None if found.position is None else cells.get(found.position)
            text = MISSING_CELL if column is None else column[offset]
            for fault in found.faults:
                yield error_at(self._columns, row_position, found.position, explained(fault, text))


def _missing(field: Field | None) -> _Faults:
    return tuple(check_cell(MISSING_CELL, field)[1])


class _ColumnCheck:
    """Checks the cells of one column by the reference, each distinct text once."""

    def __init__(self, field: Field) -> None:
        """Check the cells of this field."""
        self._field = field
        self._known: dict[str, _Faults] = {}

    def faults(self, cells: Sequence[str]) -> Mapping[_Faults, Sequence[int]]:
        """Return the offsets of the faulty cells, by their faults."""
        known, field = self._known, self._field
        if len(known) > _MAX_REMEMBERED:
            known.clear()
        wrong: dict[_Faults, list[int]] = {}
        for offset, cell in enumerate(cells):
            faults = known.get(cell)
            if faults is None:
                faults = known[cell] = tuple(faults_of(cell, field))
            if faults:
                wrong.setdefault(faults, []).append(offset)
        return wrong


class _TypeCheck:
    """Checks the cells of a column without constraints by the regular expression of its type."""

    def __init__(self, field: Field) -> None:
        """Check the cells of this field, whose type has an expression."""
        form = str(field.type.form)
        self._missing = field.missing_values
        self._fault = (field.type.fault,)
        self._fault_of_missing = tuple(faults_of(next(iter(self._missing)), field)) if self._missing else ()
        self._is_value = re.compile(form).fullmatch
        known = "|".join([f"(?:{form})", *map(re.escape, self._missing)])
        self._known = automaton(rf"\x00(?:{translated(known, Writing(excluded=Characters.of(_END)))})\x00")
        self._expects_nothing = True

    def faults(self, cells: Sequence[str]) -> Mapping[_Faults, Sequence[int]]:
        """Return the offsets of the faulty cells, by their faults."""
        if self._expects_nothing and not self._known.search(f"{_END}{_END.join(cells)}{_END}".encode()):
            return {self._fault: range(len(cells))}
        wrong = [offset for offset, value in enumerate(map(self._is_value, cells)) if value is None]
        missing = [offset for offset, cell in enumerate(cells) if cell in self._missing]
        mistyped = wrong if not missing else sorted({*wrong}.difference(missing))
        self._expects_nothing = len(mistyped) == len(cells)
        found = {self._fault: mistyped, self._fault_of_missing: missing}
        return {faults: offsets for faults, offsets in found.items() if faults and offsets}


_MAX_REMEMBERED = 10_000
_END = "\0"
"""Separates cells: a clean cell contains no NUL."""


def _column_check(field: Field) -> _ColumnCheck | _TypeCheck:
    """Return the fastest check of a field's cells."""
    is_simple = field.type.form is not None and field.type.is_whole and not field.constraints
    return _TypeCheck(field) if is_simple else _ColumnCheck(field)
