"""Divides the records of a part of a file between two buffers, by the kernel."""

import ctypes
import os

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.digests import Digests
from chalicelib.validation.fast.native.memory import Memory
from chalicelib.validation.fast.native.scan_table import Table
from chalicelib.validation.fast.native.scanner import Scanner
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.row_set import RowSet

_ONE_COLUMN = Columns(names=(None,), fields=(None,))
"""No cell is looked at."""


class Division:
    """A buffer of bytes in UTF-8, of which complete records are divided."""

    def __init__(self, library: ctypes.CDLL, dialect: Dialect, size: int) -> None:
        """Reserve a buffer of `size` bytes."""
        self._library = library
        table = Table(_ONE_COLUMN, dialect, (), Digests(library, os.urandom(16)))
        self._scanner = Scanner(library, table, size)
        self._buffer = Memory(size + c.PADDING)
        self._outputs = [Memory(size) for _ in range(2)]
        self.needs_reference = False
        """Whether the next record is one that only the reference reads: it is too large."""

    def append(self, size: int, data: bytes) -> int:
        """Put data behind the first `size` bytes in the buffer; return how many there are then."""
        self._buffer.map[size : size + len(data)] = data
        return size + len(data)

    def rest(self, start: int, size: int) -> bytes:
        """Return the bytes from `start` to `size`."""
        return bytes(self._buffer.map[start:size])

    def divide(self, size: int, first_row: int, rejected: RowSet) -> tuple[int, int, bytes, bytes]:
        """Divide the complete records among the first `size` bytes, of which the first one is the row `first_row`.

        Return where the first incomplete record starts, the number of records, and the accepted and the rejected ones.
        """
        accepted, refused = self._outputs
        division = c.Division(
            bits=rejected.bits(first_row, size) + b"\0", accepted=accepted.address, rejected=refused.address
        )
        scan = self._scanner.state
        stop = int(self._library.divide(scan, self._buffer.address, 0, size, division))
        rows, scan.rows = scan.rows, 0
        self.needs_reference = scan.status == c.NEEDS_REFERENCE
        return stop, rows, accepted.map[: division.accepted_size], refused.map[: division.rejected_size]

    def drop(self, start: int, size: int) -> int:
        """Move the bytes from `start` to `size` to the front, and return how many they are."""
        self._buffer.map.move(0, start, size - start)
        return size - start
