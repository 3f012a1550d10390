"""The reference checker: one record at a time, every rule in plain Python.

It decides what the right report is. The fast path has to give the same report.
"""

from collections.abc import Iterator

from chalicelib.validation.checking.cells import MISSING_CELL, check_cell, with_cause
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_checker import Found, KeyChecker, RowKeys
from chalicelib.validation.checking.keys import RowPosition
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import ErrorCode, Fault, ValidationError, position_in_file
from chalicelib.validation.row_set import RowSet

EXTRA_CELL = Fault(ErrorCode.EXTRA_CELL, "the row has more cells than there are columns")
BLANK_ROW = Fault(ErrorCode.BLANK_ROW, "the row is empty: remove it")


class RecordChecker:
    """Checks the records of one file, in order."""

    def __init__(self, columns: Columns, keys: RowKeys) -> None:
        """Check against these columns, and record the keys."""
        self._columns = columns
        self._keys = keys

    def errors(self, record: Record | UnreadableRecord, *, explains: bool = True) -> Iterator[ValidationError]:
        """Iterate over the errors of the next record, column by column, and record its keys.

        If it `explains` errors, messages name the causes that cells show. That takes time, and is of no use for errors
        that are only counted.
        """
        if isinstance(record, UnreadableRecord):
            names = self._columns.names
            at = record.field
            yield unreadable(record, names[at - 1] if at is not None and at <= len(names) else None)
            return
        row_position = (record.row, record.line)
        found = self._faults(record, explains=explains)
        # Faults of keys come after those of all cells, and belong before those of later columns.
        yield from sorted((error_at(self._columns, row_position, *each) for each in found), key=position_in_file)
        for position in range(len(self._columns.fields), len(record.cells) if any(record.cells) else 0):
            yield error_at(self._columns, row_position, position, EXTRA_CELL)

    def _faults(self, record: Record, *, explains: bool) -> Iterator[Found]:
        """Check each cell that has a column, and record the keys."""
        cells, fields = record.cells, self._columns.fields
        if not any(cells):
            yield None, BLANK_ROW  # and no error of a key: one cause, one error
            return
        values = {}
        for position, field in enumerate(fields):
            cell = cells[position] if position < len(cells) else MISSING_CELL
            values[position], faults = check_cell(cell, field)
            for fault in faults:
                yield position, with_cause(fault, cell) if explains else fault
        self._keys.add(values, (record.row, record.line))


def late_errors(columns: Columns, keys: KeyChecker, faulty: RowSet | None) -> Iterator[ValidationError]:
    """Iterate, after the last record, over the errors that depend on several records, and mark their rows."""
    for row_position, position, fault in keys.late_faults(faulty):
        yield error_at(columns, row_position, position, fault)


def error_at(columns: Columns, row_position: RowPosition, position: int | None, fault: Fault) -> ValidationError:
    """Return the error of a fault at a position of a record."""
    row, line = row_position
    if position is None:
        return fault.at(row=row, line=line)
    name = columns.names[position] if position < len(columns.names) else None
    return fault.at(row=row, line=line, field=position + 1, column=name)


def unreadable(record: UnreadableRecord, column: str | None) -> ValidationError:
    """Return the error of a record that cannot be split into cells."""
    return record.fault.at(row=record.row, line=record.line, field=record.field, column=column)
