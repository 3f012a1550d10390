"""What the kernel found in a file, as errors.

While the report has room, the kernel emits an event for each faulty record, and the reference makes the errors of that
record. When the report is full, the kernel counts errors by column and label, and emits only what it cannot judge.
"""

from collections.abc import Iterator

from attrs import evolve

from chalicelib.validation.checking.cells import MISSING_CELL, check_cell
from chalicelib.validation.checking.checker import BLANK_ROW, EXTRA_CELL, RecordChecker, error_at
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_checker import KeyChecker
from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.keys import Keys
from chalicelib.validation.fast.native.scanner import BufferedScanner, Event, Scanner, Table
from chalicelib.validation.reading.grammar import NUL, QUOTE_INSIDE, TEXT_AFTER_QUOTE, Grammar
from chalicelib.validation.reading.records import Record, RecordReader, UnreadableRecord
from chalicelib.validation.report import Fault, ValidationError
from chalicelib.validation.tally import ErrorTally


class Findings:
    """Turns events and counts of scans into errors of the tally."""

    def __init__(self, columns: Columns, table: Table, *, reader: RecordReader, tally: ErrorTally, keys: Keys) -> None:
        """Add errors to the tally, and keys to `keys`; the reader knows the current row and line."""
        dialect = table.dialect
        self._columns = columns
        self._reader = reader
        self._tally = tally
        self._keys = keys
        self._table = table
        self._checker = RecordChecker(columns, keys)
        without_keys = evolve(columns, keys=(), foreign_keys=())
        self._cell_checker = RecordChecker(without_keys, KeyChecker(without_keys))
        self._grammar = Grammar(dialect)
        self._record_reader = RecordReader([], dialect)
        """Reads single records that the kernel found."""
        self._new_labels: dict[tuple[int, bytes], int] = {}
        """The labels of cells that the reference judged and that the kernel does not remember yet."""
        self.row_count = 0

    def check_by_reference(self, record: Record | UnreadableRecord) -> None:
        """Check one record that the kernel has not seen."""
        self.row_count += 1
        self._tally.add(self._checker.errors(record), record)

    def scan(self, buffered: BufferedScanner, start: int, end: int) -> int:
        """Scan a part of the buffer, and take what was found; return where the first unjudged record starts."""
        scan, tally = buffered.scanner.state, self._tally
        scan.emits = not tally.is_full
        scan.most_events = min(max(tally.room, 1), scan.events_cap) if scan.emits else scan.events_cap
        return self.take(buffered, start, buffered.scanner.scan(buffered.buffer.address, start, end))

    def take(self, buffered: BufferedScanner, start: int, stop: int) -> int:
        """Take what a scan from `start` to `stop` found; return up to where it was taken."""
        scanner = buffered.scanner
        if not scanner.state.emits:
            self._take_unjudged(buffered)
        elif (full_at := self._take_faulty(buffered, scanner.events())) is not None:
            # The report is full: from this record on, errors are counted. The part before it is scanned again, so that
            # keys and rows are those of this part alone. The scan needs to see one byte behind the last record (two
            # after CR) and may judge it as a record; events from there on are taken as well.
            scanner.discard()
            begins_with_cr = buffered.buffer.map[full_at : full_at + 1] == b"\r"
            stop = scanner.scan(buffered.buffer.address, start, full_at + 1 + begins_with_cr)
            self._take_faulty(buffered, [event for event in scanner.events() if event.start >= full_at])
            scanner.state.status = c.NEEDS_ROOM
        self._keys.absorb(scanner, self._reader.row + 1, self._reader.line)
        for (column, raw), label in self._new_labels.items():
            scanner.remember(column, raw, label)
        self._new_labels.clear()
        rows, table_rows, lines = scanner.take_progress()
        self._reader.go_past(rows, lines)
        self.row_count += table_rows
        return stop

    def take_counts(self, scanner: Scanner) -> None:
        """Add what the kernel counted to the tally."""
        for at, fault, times in [*self._cell_counts(scanner), *self._row_counts(scanner)]:
            self._tally.count(error_at(self._columns, (0, 0), at, fault), times)
        scanner.reset()

    def add_late(self) -> None:
        """Add the errors that depend on several records; call it once, after the last record."""
        most = self._tally.late_room
        made: list[ValidationError] = []
        for position, fault, total, row_positions in self._keys.late_faults(most):
            errors = [error_at(self._columns, row_position, position, fault) for row_position in row_positions]
            made += errors
            if total > len(errors):
                self._tally.count(error_at(self._columns, (0, 0), position, fault), total - len(errors))
        self._tally.add_late(made)
        self._keys.close()

    # --- events -----------------------------------------------------------------------------------------------------

    def _take_faulty(self, buffered: BufferedScanner, events: list[Event]) -> int | None:
        """Add the errors of the records of these events.

        Return where the first record starts for whose errors the report has no room; None if it had room for all.
        """
        by_row: dict[int, list[Event]] = {}
        for event in events:
            by_row.setdefault(event.row, []).append(event)
        for number, (_, found) in enumerate(sorted(by_row.items())):
            if number and self._tally.is_full:
                return found[0].start
            kinds = {event.kind for event in found}
            is_faulty = c.RECORD in kinds or any(
                self._judge(buffered, event) for event in found if event.kind == c.CELL
            )
            if not is_faulty and c.KEYS not in kinds:
                continue
            record = self._record(buffered, found[0])
            if is_faulty:
                # If the kernel noted the keys of the record, they must not be recorded twice.
                checker = self._checker if kinds & {c.RECORD, c.KEYS} else self._cell_checker
                self._tally.add(checker.errors(record), record)
            else:
                self._add_keys(record)
        return None

    def _take_unjudged(self, buffered: BufferedScanner) -> None:
        """Count the faults of cells, and record the keys of records, that the kernel cannot judge."""
        for event in buffered.scanner.events():
            if event.kind == c.CELL:
                for fault in self._judge(buffered, event):
                    self._tally.count(error_at(self._columns, (0, 0), event.column, fault), 1)
            else:
                self._add_keys(self._record(buffered, event))

    def _judge(self, buffered: BufferedScanner, event: Event) -> tuple[Fault, ...]:
        """Return the faults of a cell by the reference, and have the kernel remember its label."""
        raw = buffered.buffer.map[event.cell : event.cell + event.cell_length]
        quote = self._grammar.quote
        if not event.flags & c.STRAY or event.flags & c.QUOTED:
            if event.flags & c.DOUBLED:
                raw = raw.replace(quote * 2, quote)
            if event.flags & c.ESCAPED:
                raw = self._grammar.escaped.sub(rb"\1", raw)
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

    def _record(self, buffered: BufferedScanner, event: Event) -> Record:
        """Read the record of an event by the reference."""
        raw = buffered.buffer.map[event.start : event.start + event.length]
        self._record_reader.begin_at(raw, self._reader.row + 1 + event.row, self._reader.line + event.line)
        record = self._record_reader.record()
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
        structural = {
            c.AFTER_QUOTE: TEXT_AFTER_QUOTE,
            c.STRAY_QUOTE: QUOTE_INSIDE,
            c.NOT_DECODED: self._grammar.not_decoded,
            c.HAS_NUL: NUL,
        }
        counts = memoryview(scanner.counts).cast("B").cast("Q")
        for at, judgement in enumerate(self._table.judgements):
            of_column = counts[at * c.LABELS : (at + 1) * c.LABELS]
            for label, times in enumerate(of_column):
                if times:
                    faults = (structural[label],) if label in structural else judgement.labels.faults[label]
                    yield from ((at, fault, times) for fault in faults)

    def _row_counts(self, scanner: Scanner) -> Iterator[tuple[int | None, Fault, int]]:
        """Yield the same for the faults of whole rows; `short_rows[n]` counts the rows with n cells."""
        scan, width = scanner.state, len(self._columns.fields)
        missing = 0
        for at, times in enumerate(scanner.short_rows):
            missing += times
            if missing:
                field = self._columns.fields[at]
                yield at, MISSING_CELL, missing
                if field is not None and field.required:
                    yield at, field.lacking, missing
        if scan.extra_cells:
            yield width, EXTRA_CELL, scan.extra_cells
        if scan.blank_rows:
            yield None, BLANK_ROW, scan.blank_rows
