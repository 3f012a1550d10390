"""Lines of a report that wait for the end of the file."""

import zlib
from collections.abc import Iterator

from chalicelib.validation.repair.listed import Cell

_LEVEL = 1
"""The fastest one. Lines are much alike, and take a tenth of their size or less."""


class HeldLines:
    """Lines in the order in which they were added, each with its cell; compressed, as they may have 64 MiB."""

    def __init__(self) -> None:
        """Start without a line."""
        self._cells: list[Cell | None] = []
        self._compressor = zlib.compressobj(_LEVEL)
        self._compressed: list[bytes] = []

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self._cells)

    def add(self, line: bytes, cell: Cell | None) -> None:
        """Add a line, which contains no line feed, and the cell that may get a suggestion."""
        self._cells.append(cell)
        if compressed := self._compressor.compress(line + b"\n"):
            self._compressed.append(compressed)

    def taken(self) -> Iterator[tuple[bytes, Cell | None]]:
        """Iterate over the lines once; no line can be added after that."""
        self._compressed.append(self._compressor.flush())
        yield from zip(self._lines(), self._cells, strict=True)

    def _lines(self) -> Iterator[bytes]:
        decompressor, rest = zlib.decompressobj(), b""
        for compressed in self._compressed:
            *lines, rest = (rest + decompressor.decompress(compressed)).split(b"\n")
            yield from lines
