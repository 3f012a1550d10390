"""What must be unique, and what must refer to something, in all of a file and in bounded memory.

Of each row's key we keep a digest and the row's place. When there are many they go to temporary files, in partitions
by their digest: what is alike is in one partition, and one partition at a time fits into memory. So nothing is known
before the end of the file, but then it is exact.
"""

import struct
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import IO

from chalicelib.validation.field_types import Value, canonical

_ENTRY = struct.Struct("qqQQ")
"""A digest, and the row and line it comes from."""
_PARTITIONS = 16
"""As many files are open for each key and level."""
_LEVELS = 4
"""How often a partition is divided. One that is large even so has few different keys, and these fit into memory."""
_BUFFER_BYTES = 4 * 1024 * 1024
"""How much is held in memory before it goes to the files, and about how much of a partition is looked at at once."""

Place = tuple[int, int]
"""A row and the line it starts on."""
Digest = tuple[int, int]
"""Two of Python's keyed hashes of a key, 128 bits together.

Of a million million different keys two have the same digest with a chance of 1 in 10^14.
"""


class KeyLog:
    """The keys of all rows of a file, each with its place."""

    def __init__(self, level: int = 0) -> None:
        """Begin a log; `level` tells which part of the digest tells partitions apart."""
        self._level = level
        self._buffers = [bytearray() for _ in range(_PARTITIONS)]
        self._files: list[IO[bytes]] = []
        self._resources = ExitStack()

    def add(self, digests: Iterable[Digest], places: Iterable[Place]) -> None:
        """Write keys down, each with its place."""
        pack, buffers, shift = _ENTRY.pack, self._buffers, 4 * self._level
        for (first, second), (row, line) in zip(digests, places, strict=True):
            buffers[first >> shift & 15] += pack(first, second, row, line)
        if sum(map(len, buffers)) >= _BUFFER_BYTES:
            self._spill()

    def partitions(self) -> Iterator["Partition"]:
        """Give the partitions, and let each go when the next is asked for."""
        with self._resources:
            for index, buffer in enumerate(self._buffers):
                yield Partition(buffer, self._files[index] if self._files else None, self._level)

    def _spill(self) -> None:
        if not self._files:
            for _ in range(_PARTITIONS):
                file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the stack closes it
                self._files.append(self._resources.enter_context(file))
        for buffer, spilled in zip(self._buffers, self._files, strict=True):
            spilled.write(buffer)
            buffer.clear()


class Partition:
    """The keys whose digests are alike in one part."""

    def __init__(self, buffer: bytearray, file: IO[bytes] | None, level: int) -> None:
        """Take what is in memory and what is in the file."""
        self._buffer = buffer
        self._file = file
        self._level = level

    @property
    def is_large(self) -> bool:
        """Whether there may be too much to hold, and dividing it further would help."""
        return self._file is not None and self._file.tell() > 2 * _BUFFER_BYTES and self._level + 1 < _LEVELS

    def entries(self) -> Iterator[tuple[Digest, Place]]:
        """Give each key and its place, in the order of the file."""
        if self._file is not None:
            self._file.seek(0)
            while block := self._file.read(_ENTRY.size * 4096):
                yield from _unpacked(block)
        yield from _unpacked(self._buffer)

    def divided(self) -> KeyLog:
        """Give the same keys, partitioned further."""
        log = KeyLog(self._level + 1)
        entries = self.entries()
        while some := list(islice(entries, 4096)):
            log.add(*zip(*some, strict=True))
        return log


def _unpacked(block: bytes | bytearray) -> Iterator[tuple[Digest, Place]]:
    return (((first, second), (row, line)) for first, second, row, line in _ENTRY.iter_unpack(block))


def repeated(log: KeyLog) -> Iterator[Place]:
    """Give the place of each key that stands in an earlier row too."""
    for partition in log.partitions():
        if partition.is_large:
            yield from repeated(partition.divided())
            continue
        seen: set[Digest] = set()
        for digest, place in partition.entries():
            if digest in seen:
                yield place
            seen.add(digest)


def dangling(referring: KeyLog, referred: KeyLog) -> Iterator[Place]:
    """Give the place of each key that refers to none of the others."""
    for references, targets in zip(referring.partitions(), referred.partitions(), strict=True):
        if references.is_large or targets.is_large:
            yield from dangling(references.divided(), targets.divided())
            continue
        known = {digest for digest, _ in targets.entries()}
        for digest, place in references.entries():
            if digest not in known:
                yield place


def digests_of(keys: Iterable[str]) -> Iterator[Digest]:
    """Give the digests of keys, as `key_text` writes them."""
    keys = list(keys)
    return zip(map(hash, keys), map(hash, [f"{key}\0" for key in keys]), strict=True)


def key_text(parts: Iterable[Value | None]) -> str:
    """Write a key such that only equal keys are written alike. A key of one text is that text."""
    return _BETWEEN.join(part if isinstance(part, str) else _NO_TEXT + _canonical(part) for part in parts)


_NO_TEXT, _BETWEEN = "\0", "\ud800"
"""What no text has in it."""


def _canonical(part: Value | None) -> str:
    return "" if part is None else canonical(part)
