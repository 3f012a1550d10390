"""The native engine of one file: the kernel goes through the blocks, the reference through what it leaves.

While the report has room for errors, the kernel names the records in which something is wrong, and the reference makes
the errors of these. When there is no more room, the kernel counts what is wrong by column and label.
"""

import ctypes
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from attrs import evolve

from chalicelib.validation.checking.cells import MISSING_CELL, REQUIRED, check_cell
from chalicelib.validation.checking.checker import BLANK_ROW, EXTRA_CELL, RecordChecker, error_at
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_checker import KeyChecker
from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.keys import Keys
from chalicelib.validation.fast.native.lookahead import MOST_BYTES, Lane, Lookahead, Part
from chalicelib.validation.fast.native.scanner import Event, Scanner, Table
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.grammar import NUL, QUOTE_INSIDE, TEXT_AFTER_QUOTE, Grammar
from chalicelib.validation.reading.records import RECORD_BYTES, Record, RecordReader, UnreadableRecord
from chalicelib.validation.reading.source import BLOCK_BYTES
from chalicelib.validation.report import Fault, ValidationError
from chalicelib.validation.tally import ErrorTally

_BUFFER_BYTES = RECORD_BYTES + BLOCK_BYTES + MOST_BYTES
"""Room for the largest record, and for a block behind it."""
_WIDEST = 1_000
"""In columns: more take much memory, which each thread needs for itself."""


class NativeChecker:
    """Checks what is left of a file when its header has been read."""

    def __init__(  # noqa: PLR0913 - each is made for this one file
        self,
        library: ctypes.CDLL,
        columns: Columns,
        dialect: Dialect,
        reader: RecordReader,
        tally: ErrorTally,
        *,
        threads: int,
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
        self._lane = Lane(Scanner(library, self._table), _BUFFER_BYTES)
        is_shared = threads > 1 and len(columns.fields) <= _WIDEST
        self._lookahead = Lookahead(partial(Scanner, library, self._table), threads) if is_shared else None
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
        try:
            for _ in self._blocks_checked(is_cut):
                if watch:
                    self._take_counts(self._lane.scanner)
                    watch(self._tally.error_count)
        finally:
            if self._lookahead:
                self._lookahead.close()
        self._take_counts(self._lane.scanner)
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
        reader, buffer = self._reader, self._lane.buffer
        while reader.row < max(self._dialect.comment_rows, default=0) and reader.has_more():
            if not self._next_by_reference(is_cut):
                return
            yield
        held = self._fill(0, reader.ahead)
        at = 0
        while True:
            at = self._scan(self._lane, at, held)
            status = self._lane.scanner.state.status
            yield
            if status == c.NEEDS_ROOM:
                continue
            if status == c.NEEDS_REFERENCE or held - at > RECORD_BYTES + len(b"\r"):
                self._take_back()
                reader.go_on(buffer.map[at:held])
                if not self._next_by_reference(is_cut):
                    return
                at, held = 0, self._fill(0, reader.ahead)
                continue
            buffer.map.move(0, at, held - at)
            held, at = held - at, 0
            more = self._more(held)
            if more is None:
                break
            held = more
        reader.go_on(buffer.map[:held])
        while reader.has_more() and self._next_by_reference(is_cut):
            yield

    def _more(self, held: int) -> int | None:
        """Put the next block behind what is held, or go past it if it has been scanned.

        Returns how much is held then; None at the end of the file.
        """
        if self._lookahead is None:
            block = self._reader.fetch()
            return self._fill(held, block) if block else None
        self._look_ahead(self._lookahead)
        part = self._lookahead.next()
        if part is None:
            return None
        held = self._past(part, held)
        self._lookahead.release(part)
        return held

    def _past(self, part: Part, held: int) -> int:
        """Go past a block that has been scanned if the guess was right, and leave it to its turn if not."""
        buffer, block = self._lane.buffer, part.block
        entry, at = part.found.result()
        if entry == len(block):
            return self._append(held, block)
        seam = self._append(held, block[:entry])
        reached = self._scan(self._lane, 0, seam)
        if reached < seam:
            buffer.map.move(0, reached, seam - reached)
            return self._append(seam - reached, block[entry:])
        at = self._take(part.lane, entry, at)
        self._take_counts(part.lane.scanner)
        return self._append(0, block[at:])

    def _append(self, held: int, data: bytes) -> int:
        """Put data behind what is held; there is room for a block behind the largest record."""
        self._lane.buffer.map[held : held + len(data)] = data
        return held + len(data)

    def _look_ahead(self, lookahead: Lookahead) -> None:
        """Begin to scan blocks, as many as there are threads."""
        while lookahead.wants_more and (block := self._reader.fetch()):
            lookahead.add(block[:MOST_BYTES], emits=not self._tally.is_full)
            self._reader.put_back(block[MOST_BYTES:])

    def _take_back(self) -> None:
        """Have the reader read on with the blocks that have not had their turn."""
        if self._lookahead:
            self._reader.put_back(self._lookahead.take_back())

    def _fill(self, held: int, data: bytes) -> int:
        """Put data behind what is held; what has no room there is the reader's again."""
        room = _BUFFER_BYTES - held
        self._reader.put_back(data[room:])
        return self._append(held, data[:room])

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

    def _scan(self, lane: Lane, start: int, end: int) -> int:
        """Have the kernel judge records, and take what it found; return where the first begins that is not judged."""
        scan, tally = lane.scanner.state, self._tally
        scan.emits = not tally.is_full
        scan.most_events = min(max(tally.room, 1), scan.events_cap) if scan.emits else scan.events_cap
        return self._take(lane, start, lane.scanner.scan(lane.buffer.address, start, end))

    def _take(self, lane: Lane, start: int, at: int) -> int:
        """Take what the kernel found between two places; return up to where it was taken."""
        scanner = lane.scanner
        if not scanner.state.emits:
            self._take_unknown(lane)
        elif (cut := self._take_emitted(lane, scanner.events())) is not None:
            # From there on errors are only counted. What is before is gone through again, so that all that the kernel
            # found is of this part. A byte or two more show that the last record has ended; they may be a record too.
            scanner.forget()
            begins_with_cr = lane.buffer.map[cut : cut + 1] == b"\r"
            at = scanner.scan(lane.buffer.address, start, cut + 1 + begins_with_cr)
            self._take_emitted(lane, [event for event in scanner.events() if event.start >= cut])
            scanner.state.status = c.NEEDS_ROOM
        self._keys.absorb(scanner, self._reader.row + 1, self._reader.line)
        for (column, raw), label in self._judged_cells.items():
            scanner.remember(column, raw, label)
        self._judged_cells.clear()
        rows, table_rows, lines = scanner.forget_place()
        self._reader.go_past(rows, lines)
        self.row_count += table_rows
        return at

    def _take_emitted(self, lane: Lane, events: list[Event]) -> int | None:
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
            is_wrong = c.RECORD in kinds or any(self._judged(lane, event) for event in found if event.kind == c.CELL)
            if not is_wrong and c.KEYS not in kinds:
                continue
            record = self._record(lane, found[0])
            if is_wrong:
                checker = self._checker if kinds & {c.RECORD, c.KEYS} else self._cell_checker
                self._tally.add(checker.errors(record), record)
            else:
                self._add_keys(record)
        return None

    def _take_unknown(self, lane: Lane) -> None:
        """Count what is wrong with cells and keys that the kernel cannot judge."""
        for event in lane.scanner.events():
            if event.kind == c.CELL:
                for fault in self._judged(lane, event):
                    self._tally.count(error_at(self._columns, (0, 0), event.column, fault), 1)
            else:
                self._add_keys(self._record(lane, event))

    def _judged(self, lane: Lane, event: Event) -> tuple[Fault, ...]:
        """Judge a cell by the reference, and have the kernel remember what it says."""
        raw = lane.buffer.map[event.cell : event.cell + event.cell_length]
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

    def _record(self, lane: Lane, event: Event) -> Record:
        """Read a record as the reference does."""
        again, reader = self._again, self._reader
        raw = lane.buffer.map[event.start : event.start + event.length]
        again.begin_at(raw, reader.row + 1 + event.row, reader.line + event.line)
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

    def _take_counts(self, scanner: Scanner) -> None:
        """Have the tally count what the kernel counted."""
        for at, fault, times in [*self._counted(scanner), *self._counted_rows(scanner)]:
            self._tally.count(error_at(self._columns, (0, 0), at, fault), times)
        scanner.forget_all()

    def _counted(self, scanner: Scanner) -> Iterator[tuple[int | None, Fault, int]]:
        """Return what is wrong with cells, and how often."""
        structural = {
            c.AFTER_QUOTE: TEXT_AFTER_QUOTE,
            c.STRAY_QUOTE: QUOTE_INSIDE,
            c.NOT_DECODED: self._grammar.not_decoded,
            c.HAS_NUL: NUL,
        }
        counts = memoryview(scanner.counts).cast("B").cast("Q")
        for at, judged in enumerate(self._table.judgements):
            of_column = counts[at * c.LABELS : (at + 1) * c.LABELS]
            for label, times in enumerate(of_column):
                if times:
                    faults = (structural[label],) if label in structural else judged.labels.faults[label]
                    yield from ((at, fault, times) for fault in faults)

    def _counted_rows(self, scanner: Scanner) -> Iterator[tuple[int | None, Fault, int]]:
        """Return what is wrong with rows, and how often."""
        scan, width = scanner.state, len(self._columns.fields)
        missing = 0
        for at, times in enumerate(scanner.short_rows):
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
