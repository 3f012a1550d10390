"""The native engine of one file: reads blocks, scans them by the kernel, and leaves the rest to the reference."""

import ctypes
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.findings import Findings
from chalicelib.validation.fast.native.keys import Keys
from chalicelib.validation.fast.native.lookahead import MAX_BLOCK_BYTES, Lookahead, ScannedBlock
from chalicelib.validation.fast.native.scanner import Memory, ScannedData, Scanner, Table
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.records import RECORD_BYTES, Record, RecordReader, UnreadableRecord
from chalicelib.validation.reading.source import BLOCK_BYTES
from chalicelib.validation.report import Fault
from chalicelib.validation.tally import ErrorTally

_BUFFER_BYTES = RECORD_BYTES + BLOCK_BYTES + MAX_BLOCK_BYTES
"""Room for the largest record, and for a block behind it."""
_MAX_COLUMNS_IN_THREADS = 1_000
"""A wider file is scanned by one thread: each scanner needs memory for each column."""


class NativeChecker:
    """Checks the rest of a file, of which the header has been read."""

    def __init__(  # noqa: PLR0913 - one argument for each part of the validation
        self,
        library: ctypes.CDLL,
        columns: Columns,
        dialect: Dialect,
        reader: RecordReader,
        tally: ErrorTally,
        *,
        threads: int,
        secret: bytes | None = None,
    ) -> None:
        """Check what the reader has not read yet against these columns.

        `secret` are the 16 bytes that key the digests of keys; by default, they are random.
        """
        secret = secret or os.urandom(16)
        self._dialect = dialect
        self._reader = reader
        self._tally = tally
        self.keys = keys = Keys(library, columns, secret)
        table = Table(columns, dialect, keys.columns, secret, marks_rows=tally.faulty_rows is not None)
        self._findings = Findings(columns, table, reader=reader, tally=tally, keys=keys)
        self._buffer = Memory(_BUFFER_BYTES + c.PADDING)
        scanner = Scanner(library, table, _BUFFER_BYTES)
        self._main = ScannedData(scanner, self._buffer.map, self._buffer.address)
        uses_threads = threads > 1 and len(columns.fields) <= _MAX_COLUMNS_IN_THREADS
        self._lookahead = (
            Lookahead(partial(Scanner, library, table, MAX_BLOCK_BYTES), threads) if uses_threads else None
        )

    def check(
        self,
        begun: Iterable[Record | UnreadableRecord],
        is_cut: Callable[[], bool],
        watch: Callable[[int], None] | None = None,
    ) -> int:
        """Check the records in `begun`, which have been read, and all that follow; return the number of rows.

        `is_cut` is called after a record was read by the reference. If it returns True, that record is incomplete and
        is not checked. `watch` is called with the number of errors after each scan.
        """
        for record in begun:
            self._findings.check_by_reference(record)
        try:
            for _ in self._scans(is_cut):
                if watch:
                    self._findings.take_counts(self._main.scanner)
                    watch(self._tally.error_count)
        finally:
            if self._lookahead:
                self._lookahead.close()
        self._findings.take_counts(self._main.scanner)
        if watch:
            watch(self._tally.error_count)
        return self._findings.row_count

    def add_late(self) -> Fault | None:
        """Add the errors that depend on several records; call it once, after the last record.

        Return the fault of a file whose faulty rows cannot be determined.
        """
        return self._findings.add_late()

    def _scans(self, is_cut: Callable[[], bool]) -> Iterator[None]:
        """Check the whole file; yield after each scan, and after each record that the reference checked."""
        reader, buffer = self._reader, self._buffer
        while reader.row < max(self._dialect.comment_rows, default=0) and reader.has_more():
            if not self._check_next_by_reference(is_cut):
                return
            yield
        size = self._fill(0, reader.ahead)
        at = 0
        while True:
            at = self._findings.scan(self._main, at, size)
            status = self._main.scanner.state.status
            yield
            if status == c.NEEDS_ROOM:
                continue
            if status == c.NEEDS_REFERENCE or size - at > RECORD_BYTES + len(b"\r"):
                self._return_blocks()
                reader.go_on(buffer.map[at:size])
                if not self._check_next_by_reference(is_cut):
                    return
                at, size = 0, self._fill(0, reader.ahead)
                continue
            buffer.map.move(0, at, size - at)
            size, at = size - at, 0
            filled = self._append_block(size)
            if filled is None:
                break
            size = filled
        reader.go_on(buffer.map[:size])
        while reader.has_more() and self._check_next_by_reference(is_cut):
            yield

    def _append_block(self, size: int) -> int | None:
        """Append the next block to the `size` bytes in the buffer, without what was scanned ahead of time.

        Return the number of bytes in the buffer; None at the end of the file.
        """
        if self._lookahead is None:
            block = self._reader.fetch()
            return self._fill(size, block) if block else None
        self._scan_ahead(self._lookahead)
        scanned = self._lookahead.next()
        if scanned is None:
            return None
        size = self._join(scanned, size)
        self._lookahead.release(scanned)
        return size

    def _join(self, scanned: ScannedBlock, size: int) -> int:
        """Take what was found in the next block, if its records were entered where the ones before it end.

        Otherwise the block is appended to the buffer. Return the number of bytes in the buffer.
        """
        buffer, block = self._buffer, scanned.block
        entry, stop = scanned.result.result()
        if entry == len(block):
            return self._append(size, block)
        seam = self._append(size, block[:entry])
        reached = self._findings.scan(self._main, 0, seam)
        if reached < seam:
            buffer.map.move(0, reached, seam - reached)
            return self._append(seam - reached, block[entry:])
        self._findings.take(scanned.part)
        self._main.scanner.add_counts(scanned.part.scanner)
        return self._append(0, block[stop:])

    def _append(self, size: int, data: bytes) -> int:
        """Append data to the buffer, which has room for a block behind the largest record."""
        self._buffer.map[size : size + len(data)] = data
        return size + len(data)

    def _scan_ahead(self, lookahead: Lookahead) -> None:
        """Start to scan the next blocks, one for each thread."""
        while lookahead.has_room and (block := self._reader.fetch()):
            lookahead.add(block[:MAX_BLOCK_BYTES], emits=not self._tally.is_full)
            self._reader.put_back(block[MAX_BLOCK_BYTES:])

    def _return_blocks(self) -> None:
        """Return the blocks that were fetched ahead to the reader."""
        if self._lookahead:
            self._reader.put_back(self._lookahead.cancel())

    def _fill(self, size: int, data: bytes) -> int:
        """Append data to the buffer as far as there is room; the reader gets the rest back."""
        room = _BUFFER_BYTES - size
        self._reader.put_back(data[room:])
        return self._append(size, data[:room])

    def _check_next_by_reference(self, is_cut: Callable[[], bool]) -> bool:
        """Read and check one record by the reference; return False if the file is cut off inside it."""
        record = self._reader.record()
        if record is None:
            return True
        if is_cut():
            return False
        self._findings.check_by_reference(record)
        return True
