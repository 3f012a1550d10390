"""The numbers of a file's faulty rows, in bounded memory: a bit for each row, in a temporary file."""

import ctypes
import mmap
import re
from collections.abc import Iterator
from typing import IO
from weakref import finalize

from chalicelib.validation import temporary_files

_FIRST_BYTES = 64 * 1024
"""The size of the file at first; it doubles."""
_PIECE_BYTES = 64 * 1024


class RowSet:
    """A set of row numbers from 0. It takes no space before a row is added."""

    def __init__(self) -> None:
        """Start an empty set."""
        self._file: IO[bytes] | None = None
        self._bits: mmap.mmap | bytearray = bytearray()

    def add(self, row: int) -> None:
        """Add a row; raises TemporarySpaceFull."""
        self._reserve(row)
        self._bits[row >> 3] |= 1 << (row & 7)

    def add_bits(self, first: int, bits: bytes) -> None:
        """Add the rows whose bits are set, the lowest bit of the first byte being row `first`; raises the same."""
        number = int.from_bytes(bits, "little") << (first & 7)
        if number:
            start, size = first >> 3, -(-number.bit_length() // 8)
            self._reserve(8 * (start + size) - 1)
            present = int.from_bytes(self._bits[start : start + size], "little")
            self._bits[start : start + size] = (present | number).to_bytes(size, "little")

    def update(self, other: "RowSet") -> None:
        """Add the rows of another set; raises TemporarySpaceFull."""
        for at, piece in other.pieces():
            self.add_bits(8 * at, piece)

    def address(self, last: int) -> int:
        """Return the address of the bits, which reach to the row `last`. It is valid until a later row is added."""
        self._reserve(last)
        return ctypes.addressof(ctypes.c_char.from_buffer(self._bits))

    def count(self) -> int:
        """Return the number of rows."""
        return sum(int.from_bytes(piece, "little").bit_count() for _, piece in self.pieces())

    def bits(self, first: int, count: int) -> bytes:
        """Return the bits of `count` rows from `first` on, the lowest bit of the first byte being row `first`."""
        size = -(-count // 8)
        number = int.from_bytes(self._bits[first >> 3 : (first >> 3) + size + 1], "little") >> (first & 7)
        return (number & ((1 << count) - 1)).to_bytes(size, "little")

    def __contains__(self, row: int) -> bool:
        """Return whether a row is in the set."""
        return row >> 3 < len(self._bits) and bool(self._bits[row >> 3] >> (row & 7) & 1)

    def __iter__(self) -> Iterator[int]:
        """Iterate over the rows, ascending."""
        for at, piece in self.pieces():
            for byte in _NOT_ZERO.finditer(piece):
                first = 8 * (at + byte.start())
                yield from (first + bit for bit in _BITS[byte[0][0]])

    def __bool__(self) -> bool:
        """Return whether there are any rows."""
        return any(True for _ in self.pieces())

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """Iterate over the parts of the bits that are not zero, each with its offset in bytes."""
        for at in range(0, len(self._bits), _PIECE_BYTES):
            piece = bytes(self._bits[at : at + _PIECE_BYTES])
            if piece.strip(b"\0"):
                yield at, piece

    def _reserve(self, row: int) -> None:
        """Make room for a row."""
        size = len(self._bits)
        if row >> 3 < size:
            return
        wanted = max(size, _FIRST_BYTES)
        while row >> 3 >= wanted:
            wanted *= 2
        if self._file is None:
            self._file = temporary_files.temporary_file(temporary_files.MARKS)
            finalize(self, self._file.close)
        # Written, not only reserved: a page of a mapping that has no room on the disk would end the process.
        for at in range(size, wanted, _FIRST_BYTES):
            temporary_files.append(self._file, bytes(min(_FIRST_BYTES, wanted - at)), temporary_files.MARKS)
        self._bits = mmap.mmap(self._file.fileno(), wanted)


_NOT_ZERO = re.compile(rb"[^\0]")
_BITS = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))
"""The bits that are set in each byte."""
