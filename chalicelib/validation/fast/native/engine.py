"""The native engine: reads blocks of a file, scans them by the kernel, and leaves the rest to the reference."""

import ctypes
import os
from collections.abc import Callable, Iterable, Iterator

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.digests import Digests
from chalicelib.validation.fast.native.findings import Findings
from chalicelib.validation.fast.native.keys import Keys
from chalicelib.validation.fast.native.memory import Memory
from chalicelib.validation.fast.native.scan_table import Table
from chalicelib.validation.fast.native.scanner import ScannedData, Scanner
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import RECORD_BYTES, Record, UnreadableRecord
from chalicelib.validation.reading.source import BLOCK_BYTES
from chalicelib.validation.report import Fault
from chalicelib.validation.tally import ErrorTally

_BUFFER_BYTES = RECORD_BYTES + 2 * BLOCK_BYTES
"""Room for the largest record, which may not start at 0, and for a block behind it."""
_ALIGNMENT = 64
"""In bytes. Each block is read to a multiple of it, which is faster."""
_GROWTH = 1.25
"""By how much data grows before the kernel looks again for the end of a record."""


class NativeChecker:
    """Checks the rest of a file, of which the header has been read, or parts of one, each after `begin`."""

    _reader: RecordReader
    _tally: ErrorTally

    def __init__(
        self,
        library: ctypes.CDLL,
        columns: Columns,
        dialect: Dialect,
        *,
        marks_rows: bool,
        keys: Keys | None = None,
    ) -> None:
        """Check records against these columns, and add keys to `keys`.

        With `marks_rows`, the tally marks faulty rows.
        """
        self._keys = keys = keys or Keys(library, columns, os.urandom(16))
        table = Table(columns, dialect, keys.columns, Digests(library, keys.secret), marks_rows=marks_rows)
        self._findings = Findings(columns, table, keys)
        self._buffer = Memory(_BUFFER_BYTES + c.PADDING)
        self._room = memoryview(self._buffer.map)[:_BUFFER_BYTES]
        scanner = Scanner(library, table, _BUFFER_BYTES)
        self._break = (dialect.line_terminator or "\n").encode()
        self._main = ScannedData(scanner, self._buffer.map, self._buffer.address)

    def begin(self, reader: RecordReader, tally: ErrorTally) -> None:
        """Check next what the reader has not read yet, and forget what was found before."""
        self._reader, self._tally = reader, tally
        self._findings.begin(reader, tally)
        self._main.scanner.reset()
        self._keys.clear()

    def check(
        self,
        begun: Iterable[Record | UnreadableRecord],
        is_cut: Callable[[], bool],
        watch: Callable[[Callable[[], int]], None] | None = None,
    ) -> int:
        """Check the records in `begun`, which have been read, and all that follow; return the number of rows.

        `is_cut` is called after a record was read by the reference. If it returns True, that record is incomplete and
        is not checked. `watch` is called after each scan, with a function that returns the number of errors.
        """
        for record in begun:
            self._findings.check_by_reference(record)
        for _ in self._scans(is_cut):
            if watch:
                watch(self._error_count)
        self._findings.take_counts(self._main.scanner)
        if watch:
            watch(self._error_count)
        return self._findings.row_count

    def _error_count(self) -> int:
        """Return the number of errors so far."""
        self._findings.take_counts(self._main.scanner)
        return self._tally.error_count

    def add_late(self) -> Fault | None:
        """Add the errors that depend on several records; call it once, after the last record.

        Return the fault of a file whose faulty rows cannot be determined.
        """
        return self._findings.add_late()

    def _scans(self, is_cut: Callable[[], bool]) -> Iterator[None]:
        """Check the whole file; yield after each scan, and after each record that the reference checked."""
        reader, buffer = self._reader, self._buffer.map
        while reader.row < reader.last_numbered_row and reader.has_more():
            if not self._check_next_by_reference(is_cut):
                return
            yield
        at = end = 0
        while added := reader.fill(self._room[end:]):
            end += added
            while True:
                at = self._findings.scan(self._main, at, end)
                status = self._main.scanner.state.status
                yield
                if status != c.NEEDS_ROOM:
                    break
            if status == c.NEEDS_REFERENCE or end - at > RECORD_BYTES + len(b"\r"):
                reader.put_back(buffer[at:end])
                if not self._check_next_by_reference(is_cut):
                    return
                at = end = 0
            else:
                start = (at - end) % _ALIGNMENT  # so that the end is at a multiple
                buffer.move(start, at, end - at)
                at, end = start, start + end - at
        at, end = self._judge_last(at, end, is_cut) if reader.has_ended else self._judge_cut(at, end)
        reader.put_back(buffer[at:end])
        while reader.has_more() and self._check_next_by_reference(is_cut):
            yield

    def _judge_last(self, at: int, end: int, is_cut: Callable[[], bool]) -> tuple[int, int]:
        """Judge the last record of the file, which no line break ends, as if one did.

        Return the start and the end of the data in the buffer that is left to the reference.
        """
        reader, buffer = self._reader, self._buffer.map
        if at == end:
            return at, end
        reader.go_to_end(buffer[end - 1 : end])
        if is_cut():
            return end, end
        buffer[end : end + 1] = self._break
        return min(self._findings.scan(self._main, at, end + 1), end), end

    def _judge_cut(self, at: int, end: int) -> tuple[int, int]:
        """Judge the record that the end of a part cuts.

        Return the start and the end of the data in the buffer that was not judged. It is behind the part, or begins
        with that record: the reference reads one that is too large, or that does not end.
        """
        start, tried = at, end - at
        while tried and at == start and tried <= RECORD_BYTES + len(b"\r"):
            while end - at < _GROWTH * tried and (added := self._reader.fill_beyond(self._room[end:])):
                end += added
            if end - at == tried:
                break
            tried = end - at
            at = self._findings.scan(self._main, at, end, one=True)
        return at, end

    def _check_next_by_reference(self, is_cut: Callable[[], bool]) -> bool:
        """Read and check one record by the reference; return False if the file is cut off inside it."""
        record = self._reader.record()
        if record is None:
            return True
        if is_cut():
            return False
        self._findings.check_by_reference(record)
        return True
