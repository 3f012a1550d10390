"""What the kernel found in a file, as errors.

While the report has room, faults are events, in the order of the file. When the report is full, the kernel counts them
by column and label. Cells that the kernel cannot judge, and keys that it cannot write, are events in any case.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, groupby
from operator import attrgetter

from attrs import evolve

from chalicelib.validation.checking.cells import MISSING_CELL, check_cell, with_cause
from chalicelib.validation.checking.checker import BLANK_ROW, EXTRA_CELL, RecordChecker, error_at
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.keys import RowPosition
from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.keys import Keys
from chalicelib.validation.fast.native.scan_table import Table
from chalicelib.validation.fast.native.scanner import Event, ScannedData, Scanner
from chalicelib.validation.reading.grammar import (
    NUL,
    QUOTE_INSIDE,
    SPACE_AFTER_QUOTE,
    SPACE_BEFORE_QUOTE,
    TEXT_AFTER_QUOTE,
    Grammar,
)
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import Fault, ValidationError
from chalicelib.validation.tally import ErrorTally

_MAX_EVENTS = 4_096
"""A scan ends when there are this number of faults as events, which Python takes before the next scan."""

Found = tuple[int | None, Fault]
"""The 0-based position of a column, or None for the row, and a fault."""


class Findings:
    """Turns events and counts of scans into errors of the tally."""

    _reader: RecordReader
    _tally: ErrorTally

    def __init__(self, columns: Columns, table: Table, keys: Keys) -> None:
        """Add keys to `keys`; call `begin` before anything else."""
        self._columns = columns
        self._keys = keys
        self._table = table
        self._checker = RecordChecker(columns, keys)
        self._grammar = Grammar(table.dialect)
        # The kernel begins below the rows that the dialect leaves out by number, and rows of a part have other numbers.
        self._record_reader = RecordReader([], evolve(table.dialect, comment_rows=frozenset()))
        """Reads single records that the kernel found."""
        self._structural = {
            c.TEXT_AFTER_QUOTE: (TEXT_AFTER_QUOTE,),
            c.SPACE_AFTER_QUOTE: (SPACE_AFTER_QUOTE,),
            c.SPACE_BEFORE_QUOTE: (SPACE_BEFORE_QUOTE,),
            c.STRAY_QUOTE: (QUOTE_INSIDE,),
            c.NOT_DECODED: (self._grammar.not_decoded,),
            c.HAS_NUL: (NUL,),
        }
        self._new_labels: dict[tuple[int, bytes], int] = {}
        """The labels of cells that the reference judged and that the kernel does not remember yet."""
        self._counted: dict[tuple[int | None, str], ValidationError] = {}
        """An error of each column and code, to be counted."""
        self.row_count = 0

    def begin(self, reader: RecordReader, tally: ErrorTally) -> None:
        """Add errors to the tally from now on; the reader knows the current row and line."""
        self._reader, self._tally, self.row_count = reader, tally, 0

    def check_by_reference(self, record: Record | UnreadableRecord) -> None:
        """Check one record that the kernel has not seen."""
        self.row_count += 1
        self._tally.add(self._checker.errors(record), record)

    def scan(self, scanned: ScannedData, start: int, end: int, *, one: bool = False) -> int:
        """Scan a part of the data, or one record of it, and take what was found.

        Return where the first unjudged record starts.
        """
        scan = scanned.scanner.state
        scan.emits = not self._tally.is_full
        scan.most_events = _MAX_EVENTS if scan.emits else scan.events_cap
        judge = scanned.scanner.scan_one if one else scanned.scanner.scan
        stop = judge(scanned.address, start, end)
        self.take(scanned)
        return stop

    def take(self, scanned: ScannedData) -> None:
        """Take the events, keys and progress of a scan. Its counts stay for `take_counts`."""
        scanner = scanned.scanner
        if self._tally.faulty_rows is not None:
            self._tally.faulty_rows.add_bits(self._reader.row + 1, scanner.take_faulty())
        for _, events in groupby(scanner.events(), _ROW):
            if self._tally.is_full:
                self._count(scanned, events)
            else:
                self._add_errors(scanned, list(events))
        self._keys.absorb(scanner, self._reader.row + 1, self._reader.line)
        for (column, raw), label in self._new_labels.items():
            scanner.remember(column, raw, label)
        self._new_labels.clear()
        rows, table_rows, lines = scanner.take_progress()
        self._reader.go_past(rows, lines)
        self.row_count += table_rows

    def take_counts(self, scanner: Scanner) -> None:
        """Add what the kernel counted to the tally."""
        for at, fault, times in [*self._cell_counts(scanner), *self._row_counts(scanner)]:
            error = self._counted.get((at, fault.code))
            if error is None:
                error = self._counted[at, fault.code] = error_at(self._columns, (0, 0), at, fault)
            self._tally.count(error, times)
        scanner.reset()

    def add_late(self) -> Fault | None:
        """Add the errors that depend on several records, as the function does."""
        return add_late(self._columns, self._keys, self._tally, self._reader.row)

    # --- events -----------------------------------------------------------------------------------------------------

    def _add_errors(self, scanned: ScannedData, events: list[Event]) -> None:
        """Add the errors of one record, and record its keys if the kernel did not."""
        found = self._found(scanned, events)
        if (first := next(found, None)) is None:
            return
        event = events[0]
        record = self._record(scanned, event) if self._tally.wants_records else None
        row_position = (self._reader.row + 1 + event.row, self._reader.line + event.line)
        errors = (error_at(self._columns, row_position, *each) for each in chain([first], found))
        self._tally.add(errors, record)

    def _found(self, scanned: ScannedData, events: list[Event]) -> Iterator[Found]:
        """Yield the faults of one record; those that the report has no room for are only counted, if they are many."""
        for event in events:
            match event.kind:
                case c.FAULTY_CELL if event.detail in self._structural:
                    yield from ((event.column, fault) for fault in self._structural[event.detail])
                case c.FAULTY_CELL | c.UNJUDGED_CELL:
                    is_judged = event.kind == c.FAULTY_CELL
                    faults = self._faults(event.column, event.detail) if is_judged else self._judge(scanned, event)
                    if faults:
                        text = self._text(scanned, event).decode()
                        yield from ((event.column, with_cause(fault, text)) for fault in faults)
                case c.SHORT_RECORD:
                    yield from self._missing_from(event.column)
                case c.LONG_RECORD:
                    listed = min(event.detail, event.column + self._tally.room)
                    yield from ((at, EXTRA_CELL) for at in range(event.column, listed))
                    extra = error_at(self._columns, (0, 0), event.column, EXTRA_CELL)
                    self._tally.count(extra, event.detail - listed)
                case c.BLANK_RECORD:
                    yield None, BLANK_ROW
                case c.UNNOTED_KEYS:
                    self._add_keys(self._record(scanned, event))

    def _count(self, scanned: ScannedData, events: Iterator[Event]) -> None:
        """Count the faults of one record, as the kernel does when the report is full."""
        scanner = scanned.scanner
        for event in events:
            match event.kind:
                case c.FAULTY_CELL:
                    scanner.counts[event.column * c.LABELS + event.detail] += 1
                case c.UNJUDGED_CELL:
                    for fault in self._judge(scanned, event):
                        self._tally.mark(self._reader.row + 1 + event.row)
                        self._tally.count(error_at(self._columns, (0, 0), event.column, fault), 1)
                case c.SHORT_RECORD:
                    scanner.short_rows[event.column] += 1
                case c.LONG_RECORD:
                    scanner.state.extra_cells += event.detail - event.column
                case c.BLANK_RECORD:
                    scanner.state.blank_rows += 1
                case c.UNNOTED_KEYS:
                    self._add_keys(self._record(scanned, event))

    def _faults(self, column: int, label: int) -> tuple[Fault, ...]:
        """Return the meaning of a label."""
        return self._structural.get(label) or self._table.judgements[column].labels.faults[label]

    def _missing_from(self, width: int) -> Iterator[Found]:
        """Yield the faults of a record that has only this number of cells."""
        for at in range(width, len(self._columns.fields)):
            yield from ((at, fault) for fault in check_cell(MISSING_CELL, self._columns.fields[at])[1])

    def _judge(self, scanned: ScannedData, event: Event) -> tuple[Fault, ...]:
        """Return the faults of a cell by the reference, and have the kernel remember its label."""
        raw = self._text(scanned, event)
        value, found = check_cell(raw.decode(), self._columns.fields[event.column])
        faults = tuple(found)
        to_key = c.FAULTY if isinstance(value, Fault) else c.NONE if value is None else c.KNOWN
        labels = self._table.judgements[event.column].labels
        fault_mask = labels.fault_mask
        label = labels.label_for(faults, to_key)
        if label != c.ASK:
            if labels.fault_mask != fault_mask or self._table.columns[event.column].to_key[label] != to_key:
                self._table.update_labels(event.column)
            self._new_labels[event.column, raw] = label
        return faults

    def _text(self, scanned: ScannedData, event: Event) -> bytes:
        """Return the text of a cell, without the quotes and escapes of the dialect."""
        raw = scanned.data[event.cell : event.cell + event.cell_length]
        if event.flags & c.STRAY and not event.flags & c.QUOTED:
            return raw
        if event.flags & c.DOUBLED:
            raw = raw.replace(self._grammar.quote * 2, self._grammar.quote)
        return self._grammar.escaped.sub(rb"\1", raw) if event.flags & c.ESCAPED else raw

    def _record(self, scanned: ScannedData, event: Event) -> Record:
        """Read the record of an event by the reference."""
        raw = scanned.data[event.start : event.start + event.length]
        # A record that is too long has millions of cells: those are read that may be in error, and their neighbours.
        self._record_reader.most_cells = len(self._columns.fields) + self._tally.room + 2
        self._record_reader.begin_at(raw, self._reader.row + 1 + event.row, self._reader.line + event.line)
        record = self._record_reader.record()
        self._record_reader.go_on(b"")  # which holds no data beside the cells
        if not isinstance(record, Record):
            raise TypeError("the kernel has read as a record of the table what the reference has not")
        return record

    def _add_keys(self, record: Record) -> None:
        """Record the keys of a record by the reference."""
        cells, fields = record.cells, self._columns.fields
        values = {
            at: check_cell(cells[at] if at < len(cells) else MISSING_CELL, fields[at])[0] for at in self._keys.positions
        }
        self._keys.add(values, (record.row, record.line))

    # --- counts -----------------------------------------------------------------------------------------------------

    def _cell_counts(self, scanner: Scanner) -> Iterator[tuple[int | None, Fault, int]]:
        """Yield the position of a column, a fault of its cells, and how often the kernel counted it."""
        counts = memoryview(scanner.counts).cast("B").cast("Q")
        for index in [index for index, times in enumerate(counts) if times]:
            at, label = divmod(index, c.LABELS)
            yield from ((at, fault, counts[index]) for fault in self._faults(at, label))

    def _row_counts(self, scanner: Scanner) -> Iterator[tuple[int | None, Fault, int]]:
        """Yield the same for the faults of whole rows; `short_rows[n]` counts the rows with n cells."""
        scan, width = scanner.state, len(self._columns.fields)
        short = list(accumulate(scanner.short_rows))
        if short[-1]:
            yield from ((at, fault, short[at]) for at, fault in self._missing_from(0) if at is not None and short[at])
        if scan.extra_cells:
            yield width, EXTRA_CELL, scan.extra_cells
        if scan.blank_rows:
            yield None, BLANK_ROW, scan.blank_rows


_ROW = attrgetter("row")


def add_late(columns: Columns, keys: Keys, tally: ErrorTally, last_row: int, processes: int = 1) -> Fault | None:
    """Add the errors that depend on several records; call it once, after the last record.

    Return the fault of a file whose faulty rows cannot be determined.
    """
    add_late_faults(columns, keys.late_faults(tally.late_room, tally.faulty_rows, last_row, processes), tally)
    keys.close()
    return keys.fault


def add_late_faults(
    columns: Columns, found: Iterable[tuple[int | None, Fault, int, Sequence[RowPosition]]], tally: ErrorTally
) -> None:
    """Add the faults of keys: the position of each and its fault, the number of faulty rows, and the first of them."""
    made: list[ValidationError] = []
    for position, fault, total, row_positions in found:
        errors = [error_at(columns, row_position, position, fault) for row_position in row_positions]
        made += errors
        if total > len(errors):
            tally.count(error_at(columns, (0, 0), position, fault), total - len(errors))
    tally.add_late(made)
