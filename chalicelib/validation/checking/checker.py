"""The exact checker: one record at a time, every rule in plain sight.

It is the reference for what the verdict on a file is; the fast path is held against it.
"""

from collections.abc import Iterator

from chalicelib.validation.checking.cells import MISSING_CELL, check_cell
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_checker import Found, KeyChecker, RowKeys, Values
from chalicelib.validation.checking.keys import Place
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import ErrorCode, Fault, ValidationError, position_in_file

EXTRA_CELL = Fault(ErrorCode.EXTRA_CELL, "the row has more cells than there are columns")
BLANK_ROW = Fault(ErrorCode.BLANK_ROW, "the row is empty: remove it")


class RecordChecker:
    """Checks the records of one file, in order."""

    def __init__(self, columns: Columns, keys: RowKeys) -> None:
        """Check against these columns, and note the keys."""
        self._columns = columns
        self._keys = keys

    def errors(self, record: Record | UnreadableRecord) -> Iterator[ValidationError]:
        """Tell what is wrong with the next record by itself, column by column."""
        if isinstance(record, UnreadableRecord):
            names = self._columns.names
            at = record.field
            yield unreadable(record, names[at - 1] if at is not None and at <= len(names) else None)
            return
        place = (record.row, record.line)
        found = self._faults(record)
        # A key is looked at after all cells, but what it lacks may stand before what is wrong with the others.
        yield from sorted((error_at(self._columns, place, *each) for each in found), key=position_in_file)
        for position in range(len(self._columns.fields), len(record.cells) if any(record.cells) else 0):
            yield error_at(self._columns, place, position, EXTRA_CELL)

    def _faults(self, record: Record) -> Iterator[Found]:
        """Check each cell that has a column, and note the keys."""
        cells, fields = record.cells, self._columns.fields
        values: Values = dict.fromkeys(self._keys.positions)
        if any(cells):
            values = {}
            for position, field in enumerate(fields):
                cell = cells[position] if position < len(cells) else MISSING_CELL
                values[position], faults = check_cell(cell, field)
                for fault in faults:
                    yield position, fault
        else:
            yield None, BLANK_ROW
        yield from self._keys.note(values, (record.row, record.line))


def late_errors(columns: Columns, keys: KeyChecker) -> Iterator[ValidationError]:
    """Return, after the last record, what is wrong with records because of others."""
    for place, position, fault in keys.late():
        yield error_at(columns, place, position, fault)


def error_at(columns: Columns, place: Place, position: int | None, fault: Fault) -> ValidationError:
    """Say where in the file a fault is."""
    row, line = place
    if position is None:
        return fault.at(row=row, line=line)
    name = columns.names[position] if position < len(columns.names) else None
    return fault.at(row=row, line=line, field=position + 1, column=name)


def unreadable(record: UnreadableRecord, column: str | None) -> ValidationError:
    """Say where in the file a record is that cannot be told apart into cells."""
    return record.fault.at(row=record.row, line=record.line, field=record.field, column=column)
