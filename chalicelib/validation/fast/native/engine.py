"""The native engine of one file: the kernel goes through the blocks, the reference through what it leaves.

While the report has room for errors, the kernel names the records in which something is wrong, and the reference makes
the errors of these. When there is no more room, the kernel counts what is wrong by column and label.
"""

import ctypes
import os
from collections.abc import Callable, Iterable, Iterator

from attrs import evolve

from chalicelib.validation.checking.cells import MISSING_CELL, REQUIRED, check_cell
from chalicelib.validation.checking.checker import BLANK_ROW, EXTRA_CELL, RecordChecker, error_at
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_checker import KeyChecker
from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.keys import Keys
from chalicelib.validation.fast.native.scanner import Event, Memory, Scanner, Table
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.grammar import NUL, QUOTE_INSIDE, TEXT_AFTER_QUOTE, Grammar
from chalicelib.validation.reading.records import RECORD_BYTES, Record, RecordReader, UnreadableRecord
from chalicelib.validation.reading.source import BLOCK_BYTES
from chalicelib.validation.report import Fault, ValidationError
from chalicelib.validation.tally import ErrorTally

_BUFFER_BYTES = RECORD_BYTES + 2 * BLOCK_BYTES
"""Room for the largest record, and for a block behind it."""


class NativeChecker:
    """Checks what is left of a file when its header has been read."""

    def __init__(
        self,
        library: ctypes.CDLL,
        columns: Columns,
        dialect: Dialect,
        reader: RecordReader,
        tally: ErrorTally,
    ) -> None:
        """Check the records that a reader gives against these columns."""
        secret = os.urandom(16)
        self._columns = columns
        self._dialect = dialect
        self._reader = reader
        self._tally = tally
        self._keys = Keys(library, columns, secret)
        self._checker = RecordChecker(columns, self._keys)
        without_keys = evolve(columns, keys=(), foreign_keys=())
        self._cell_checker = RecordChecker(without_keys, KeyChecker(without_keys))
        self._table = Table(columns, dialect, self._keys.parts, secret)
        self._scanner = Scanner(library, self._table)
        self._buffer = Memory(_BUFFER_BYTES + c.PADDING)
        self._grammar = Grammar(dialect)
        self._again = RecordReader([], dialect)
        """Reads records for the reference that the kernel has found something in."""
        self._judged_cells: dict[tuple[int, bytes], int] = {}
        """The labels of cells that the reference has judged since the kernel went on."""
        self.row_count = 0

    def check(
        self,
        begun: Iterable[Record | UnreadableRecord],
        is_cut: Callable[[], bool],
        watch: Callable[[int], None] | None = None,
    ) -> int:
        """Check the records that have been read, and all others, and return the number of rows.

        The last record is not looked at if `is_cut` says, when it has been read, that the file goes on elsewhere.
        """
        for record in begun:
            self._check_by_reference(record)
        for _ in self._blocks_checked(is_cut):
            if watch:
                self._take_counts()
                watch(self._tally.error_count)
        self._take_counts()
        if watch:
            watch(self._tally.error_count)
        return self.row_count

    def add_late(self) -> None:
        """Add, after the last record, what is wrong with records because of others."""
        most = self._tally.late_room
        made: list[ValidationError] = []
        for position, fault, total, places in self._keys.late_faults(most):
            errors = [error_at(self._columns, place, position, fault) for place in places]
            made += errors
            if total > len(errors):
                self._tally.count(error_at(self._columns, (0, 0), position, fault), total - len(errors))
        self._tally.add_late(made)
        self._keys.close()

    # --- reading ----------------------------------------------------------------------------------------------------

    def _blocks_checked(self, is_cut: Callable[[], bool]) -> Iterator[None]:
        """Check all blocks, stopping after each stretch."""
        reader, buffer = self._reader, self._buffer
        while reader.row < max(self._dialect.comment_rows, default=0) and reader.has_more():
            if not self._next_by_reference(is_cut):
                return
            yield
        held = self._fill(0, reader.ahead)
        at = 0
        while True:
            at = self._scan(at, held)
            status = self._scanner.state.status
            yield
            if status == c.NEEDS_ROOM:
                continue
            if status == c.NEEDS_REFERENCE or held - at > RECORD_BYTES + len(b"\r"):
                reader.go_on(buffer.map[at:held])
                if not self._next_by_reference(is_cut):
                    return
                at, held = 0, self._fill(0, reader.ahead)
                continue
            buffer.map.move(0, at, held - at)
            held, at = held - at, 0
            block = reader.fetch()
            if not block:
                break
            held = self._fill(held, block)
        reader.go_on(buffer.map[:held])
        while reader.has_more() and self._next_by_reference(is_cut):
            yield

    def _fill(self, held: int, data: bytes) -> int:
        """Put data behind what is held; what has no room there is the reader's again."""
        room = _BUFFER_BYTES - held
        self._buffer.map[held : held + min(len(data), room)] = data[:room]
        self._reader.put_back(data[room:])
        return held + min(len(data), room)

    def _next_by_reference(self, is_cut: Callable[[], bool]) -> bool:
        """Have the reference read and check a record; False if it is the last and goes on elsewhere."""
        record = self._reader.record()
        if record is None:
            return True
        if is_cut():
            return False
        self._check_by_reference(record)
        return True

    def _check_by_reference(self, record: Record | UnreadableRecord) -> None:
        self.row_count += 1
        self._tally.add(self._checker.errors(record), record)

    # --- what the kernel found --------------------------------------------------------------------------------------

    def _scan(self, start: int, end: int) -> int:
        """Have the kernel judge records, and take what it found."""
        scanner, tally = self._scanner, self._tally
        scanner.state.emits = not tally.is_full
        scanner.state.most_events = scanner.state.events_cap
        if scanner.state.emits:
            scanner.state.most_events = min(max(tally.room, 1), scanner.state.events_cap)
        at = scanner.scan(self._buffer.address, start, end)
        row, line = self._reader.row + 1, self._reader.line
        if not scanner.state.emits:
            self._take_unknown(scanner.events(), row, line)
        elif (cut := self._take_emitted(scanner.events(), row, line)) is not None:
            # From there on errors are only counted. What is before is gone through again, so that all that the kernel
            # found is of this part. One byte more shows that the last record has ended; it may be a record itself.
            scanner.forget()
            at = scanner.scan(self._buffer.address, start, cut + 1)
            self._take_emitted([event for event in scanner.events() if event.start >= cut], row, line)
            scanner.state.status = c.NEEDS_ROOM
        self._keys.absorb(scanner, row, line)
        self._have_remembered()
        rows, table_rows, lines = scanner.forget_place()
        self._reader.go_past(rows, lines)
        self.row_count += table_rows
        return at

    def _take_emitted(self, events: list[Event], row: int, line: int) -> int | None:
        """Have the reference make the errors of records in which something is or may be wrong.

        Returns where the first record begins for whose errors there is no more room; None if there is none.
        """
        of_rows: dict[int, list[Event]] = {}
        for event in events:
            of_rows.setdefault(event.row, []).append(event)
        for number, (_, found) in enumerate(sorted(of_rows.items())):
            if number and self._tally.is_full:
                return found[0].start
            kinds = {event.kind for event in found}
            is_wrong = c.RECORD in kinds or any(self._judged(event) for event in found if event.kind == c.CELL)
            if not is_wrong and c.KEYS not in kinds:
                continue
            record = self._record(found[0], row, line)
            if is_wrong:
                checker = self._checker if kinds & {c.RECORD, c.KEYS} else self._cell_checker
                self._tally.add(checker.errors(record), record)
            else:
                self._add_keys(record)
        return None

    def _take_unknown(self, events: list[Event], row: int, line: int) -> None:
        """Count what is wrong with cells and keys that the kernel cannot judge."""
        for event in events:
            if event.kind == c.CELL:
                for fault in self._judged(event):
                    self._tally.count(error_at(self._columns, (0, 0), event.column, fault), 1)
            else:
                self._add_keys(self._record(event, row, line))

    def _judged(self, event: Event) -> tuple[Fault, ...]:
        """Judge a cell by the reference, and have the kernel remember what it says."""
        raw = self._buffer.map[event.cell : event.cell + event.cell_length]
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
        known = labels.faulty
        label = labels.of(faults, to_key)
        if label != c.ASK:
            if labels.faulty != known or self._table.columns[event.column].to_key[label] != to_key:
                self._table.relabel(event.column)
            self._judged_cells[event.column, raw] = label
        return faults

    def _have_remembered(self) -> None:
        """Have the kernel remember what the reference said of cells."""
        for (column, raw), label in self._judged_cells.items():
            self._scanner.remember(column, raw, label)
        self._judged_cells.clear()

    def _record(self, event: Event, row: int, line: int) -> Record:
        """Read a record as the reference does."""
        again = self._again
        again.begin_at(self._buffer.map[event.start : event.start + event.length], row + event.row, line + event.line)
        record = again.record()
        if not isinstance(record, Record):
            raise TypeError("the kernel has read as a record of the table what the reference has not")
        return record

    def _add_keys(self, record: Record) -> None:
        """Record the keys of a record, as the reference does."""
        cells, fields = record.cells, self._columns.fields
        values = {
            at: check_cell(cells[at] if at < len(cells) else MISSING_CELL, fields[at])[0] for at in self._keys.positions
        }
        self._keys.add(values, (record.row, record.line))

    def _take_counts(self) -> None:
        """Have the tally count what the kernel counted."""
        scanner, scan = self._scanner, self._scanner.state
        for at, fault, times in [*self._counted(), *self._counted_rows()]:
            self._tally.count(error_at(self._columns, (0, 0), at, fault), times)
        ctypes.memset(scan.counts, 0, ctypes.sizeof(scanner.counts))
        ctypes.memset(scan.short_rows, 0, ctypes.sizeof(scanner.short_rows))
        scan.blank_rows = scan.extra_cells = 0

    def _counted(self) -> Iterator[tuple[int | None, Fault, int]]:
        """Return what is wrong with cells, and how often."""
        structural = {
            c.AFTER_QUOTE: TEXT_AFTER_QUOTE,
            c.STRAY_QUOTE: QUOTE_INSIDE,
            c.NOT_DECODED: self._grammar.not_decoded,
            c.HAS_NUL: NUL,
        }
        counts = memoryview(self._scanner.counts).cast("B").cast("Q")
        for at, judged in enumerate(self._table.judgements):
            of_column = counts[at * c.LABELS : (at + 1) * c.LABELS]
            for label, times in enumerate(of_column):
                if times:
                    faults = (structural[label],) if label in structural else judged.labels.faults[label]
                    yield from ((at, fault, times) for fault in faults)

    def _counted_rows(self) -> Iterator[tuple[int | None, Fault, int]]:
        """Return what is wrong with rows, and how often."""
        scan, width = self._scanner.state, len(self._columns.fields)
        missing = 0
        for at, times in enumerate(self._scanner.short_rows):
            missing += times
            if missing:
                field = self._columns.fields[at]
                yield at, MISSING_CELL, missing
                if field is not None and field.required:
                    yield at, REQUIRED, missing
        if scan.extra_cells:
            yield width, EXTRA_CELL, scan.extra_cells
        if scan.blank_rows:
            yield None, BLANK_ROW, scan.blank_rows
