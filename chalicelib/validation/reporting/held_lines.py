"""Lines of a report that wait for the end of the file."""

import json
import zlib
from collections.abc import Iterator

from chalicelib.validation.repair.listed import Cell

_LEVEL = 1
"""The fastest one. Lines are much alike, and take a tenth of their size or less."""


class HeldLines:
    """Lines in the order in which they were added, each with its cell; compressed, as they may have 64 MiB."""

    def __init__(self) -> None:
        """Start without a line."""
        self._lines = 0
        self._compressor = zlib.compressobj(_LEVEL)
        self._compressed: list[bytes] = []

    def __len__(self) -> int:
        """Return the number of lines."""
        return self._lines

    def add(self, line: bytes, cell: Cell | None) -> None:
        """Add a line, which contains no line feed, and the cell that may get a suggestion."""
        self._lines += 1
        if compressed := self._compressor.compress(b"%b\n%b\n" % (line, json.dumps(cell).encode() if cell else b"")):
            self._compressed.append(compressed)

    def taken(self) -> Iterator[tuple[bytes, Cell | None]]:
        """Iterate over the lines once; no line can be added after that."""
        self._compressed.append(self._compressor.flush())
        written = self._written()
        for line, cell in zip(written, written, strict=True):
            position, text = json.loads(cell.decode()) if cell else (0, "")
            yield line, (position, text) if cell else None

    def _written(self) -> Iterator[bytes]:
        decompressor, rest = zlib.decompressobj(), b""
        for compressed in self._compressed:
            *lines, rest = (rest + decompressor.decompress(compressed)).split(b"\n")
            yield from lines
