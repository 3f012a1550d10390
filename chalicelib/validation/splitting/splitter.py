"""Splits a file into its accepted and its rejected rows, byte by byte as they are in the file."""

import ctypes
from collections.abc import Iterable, Iterator
from itertools import chain

from chalicelib.validation.fast.native.division import Division
from chalicelib.validation.fast.native.library import library
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.records import RECORD_BYTES
from chalicelib.validation.reading.source import BLOCK_BYTES, BinaryFile, blocks
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.schema.dataset_options import refuse_unsplittable
from chalicelib.validation.splitting.line_ends import byte_order
from chalicelib.validation.splitting.record_lines import RecordLines, Write

_BUFFER_BYTES = RECORD_BYTES + 4 * BLOCK_BYTES
"""Room for the largest record, and for a block behind it."""


def split(  # noqa: PLR0913 - the file, how to read it, and where its rows go
    source: BinaryFile | Iterable[bytes],
    dialect: Dialect,
    rejected: RowSet,
    *,
    accept: Write,
    reject: Write,
    native: bool = True,
    is_beginning: bool = True,
) -> None:
    """Write the accepted rows of a file by `accept`, and the rejected ones by `reject`, in bounded memory.

    Both get the byte order mark, and all records to the end of the header. What the dialect leaves out of the table
    goes with the accepted rows. Without `is_beginning`, `source` has complete records from the middle of a file, of
    which the first is row 1. Raises SchemaInvalid if files of this dialect cannot be split.
    """
    refuse_unsplittable(dialect)
    splitter = _Splitter(source, dialect, rejected, accept=accept, reject=reject)
    if is_beginning:
        splitter.write_beginning()
    splitter.write_rows(native=native)


class _Splitter:
    """Splits one file."""

    def __init__(
        self, source: BinaryFile | Iterable[bytes], dialect: Dialect, rejected: RowSet, *, accept: Write, reject: Write
    ) -> None:
        self._blocks = blocks(source, BLOCK_BYTES)
        self._dialect = dialect
        self._rejected = rejected
        self._accept, self._reject = accept, reject
        self._encoding = byte_order(dialect.encoding, b"")[0]
        self._row = 0

    def write_beginning(self) -> None:
        """Write the byte order mark and the header to both parts."""
        beginning = next(self._blocks, b"")
        self._encoding, mark = byte_order(self._dialect.encoding, beginning)
        self._both(mark)
        self._put_back(beginning[len(mark) :])
        lines, dialect = self._lines(), self._dialect
        is_below = not dialect.header
        while lines.has_more() and not (is_below and lines.row >= dialect.rows_above):
            is_record = lines.next(self._both)
            is_below = is_below or (is_record and lines.row >= max(dialect.header_rows, default=0))
        self._leave(lines)

    def write_rows(self, *, native: bool) -> None:
        """Write the rest of the file."""
        kernel = library() if native else None
        if kernel and self._encoding == "utf-8" and self._dialect.is_bytewise:
            self._divide(kernel)
        lines = self._lines()
        while lines.has_more():
            lines.next(self._side(lines.row + 1))

    def _divide(self, kernel: ctypes.CDLL) -> None:
        """Divide the rest of the file, apart from what only the reference reads of its end."""
        division, size = Division(kernel, self._dialect, _BUFFER_BYTES), 0
        while block := next(self._blocks, b""):
            size = division.append(size, block)
            stop, rows, accepted, rejected = division.divide(size, self._row + 1, self._rejected)
            self._accept(accepted)
            self._reject(rejected)
            self._row += rows
            if division.needs_reference or size - stop > RECORD_BYTES + len(b"\r"):
                self._put_back(division.rest(stop, size))
                lines, size = self._lines(), 0
                if lines.has_more():
                    lines.next(self._side(self._row + 1))
                self._leave(lines)
            else:
                size = division.drop(stop, size)
        self._put_back(division.rest(0, size))

    def _lines(self) -> RecordLines:
        return RecordLines(self._blocks, self._dialect, self._encoding, self._row)

    def _leave(self, lines: RecordLines) -> None:
        """Continue behind the last record that was read there."""
        self._row = lines.row
        self._put_back(lines.rest())

    def _put_back(self, data: bytes) -> None:
        self._blocks = chain(_pieces(data), self._blocks)

    def _side(self, row: int) -> Write:
        return self._reject if row in self._rejected else self._accept

    def _both(self, data: bytes) -> None:
        self._accept(data)
        self._reject(data)


def _pieces(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data), BLOCK_BYTES):
        yield data[at : at + BLOCK_BYTES]
