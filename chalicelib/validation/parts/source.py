"""The source of a file that is read in parts: bytes from any place."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from attrs import field, frozen

from chalicelib.validation.reading.source import require_bytes


class PartSource(Protocol):
    """A file whose bytes can be read from any place on. All reads must be of the same version of the file."""

    @property
    def size(self) -> int:
        """The number of bytes."""
        ...

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` to `end`, which is at most the size."""
        ...


@frozen
class FileSource:
    """A file on disk."""

    path: Path
    size: int = field(init=False)

    @size.default
    def _size(self) -> int:
        return self.path.stat().st_size

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` to `end`."""
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(end - start)


@frozen
class OpenFile:
    """An open file, read by its descriptor, whose position does not change. Forks of this process may read it, too."""

    descriptor: int
    size: int = field(init=False)

    @size.default
    def _size(self) -> int:
        return os.fstat(self.descriptor).st_size

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` to `end`; raises OSError if the file has become shorter."""
        data = os.pread(self.descriptor, end - start, start)
        while len(data) < end - start:
            more = os.pread(self.descriptor, end - start - len(data), start + len(data))
            require_bytes(len(more))
            data += more
        return data

    def read_into(self, room: memoryview, start: int) -> int:
        """Read up to `len(room)` bytes, at least one, from the offset `start` on; return how many.

        Raises OSError if the file has become shorter.
        """
        size = os.preadv(self.descriptor, [room], start)
        require_bytes(size)
        return size


@frozen
class BytesSource:
    """A file in memory."""

    data: bytes

    @property
    def size(self) -> int:
        """The number of bytes."""
        return len(self.data)

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` to `end`."""
        return self.data[start:end]


def pieces(source: PartSource, start: int, end: int, size: int) -> Iterator[bytes]:
    """Yield the bytes from `start` to `end`, at most `size` at a time."""
    for at in range(start, end, size):
        yield source.read(at, min(at + size, end))
