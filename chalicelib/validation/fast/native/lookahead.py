"""Scanning blocks before their turn, in threads.

Where the records of a block begin is known when the block before it has been read. So a block is entered at a guess.
What was found there is used if the block before it ends where the guess began, and forgotten if not: a seam is right if
and only if two offsets are equal.
"""

import ctypes
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from attrs import frozen

from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.scanner import Memory, Scanner
from chalicelib.validation.reading.source import BLOCK_BYTES

MOST_BYTES = 2 * BLOCK_BYTES
"""The largest block that is scanned before its turn."""

_MOST_EMITTED = 4_096
"""Events of one block, while the report has room; the rest of the block waits for its turn."""


class Lane:
    """A scanner with a buffer of its own."""

    def __init__(self, scanner: Scanner, size: int) -> None:
        """Reserve a buffer of `size` bytes."""
        self.scanner = scanner
        self.buffer = Memory(size + c.PADDING)


@frozen(kw_only=True, eq=False)
class Part:
    """A block that is being scanned."""

    lane: Lane
    block: bytes
    found: "Future[tuple[int, int]]"
    """Where the records were guessed to begin, and where the first begins that was not judged."""


class Lookahead:
    """The blocks that are being scanned, in their order."""

    def __init__(self, scanner: Callable[[], Scanner], threads: int) -> None:
        """Scan with so many threads, each block by a scanner that is made when it is first needed."""
        self._new_scanner = scanner
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, "scan")
        self._free: list[Lane] = []
        self._coming: deque[Part] = deque()

    @property
    def wants_more(self) -> bool:
        """Whether another block can be scanned meanwhile."""
        return len(self._coming) <= self._threads

    def add(self, block: bytes, *, emits: bool) -> None:
        """Begin to scan a block of at most MOST_BYTES."""
        lane = self._free.pop() if self._free else Lane(self._new_scanner(), MOST_BYTES)
        found = self._pool.submit(_scan, lane, block, emits=emits)
        self._coming.append(Part(lane=lane, block=block, found=found))

    def next(self) -> Part | None:
        """Return the next block; None if there is none. It is given back by `release`."""
        return self._coming.popleft() if self._coming else None

    def release(self, part: Part) -> None:
        """Forget what was found in a block that has had its turn."""
        part.found.result()
        part.lane.scanner.forget_all()
        self._free.append(part.lane)

    def take_back(self) -> bytes:
        """Return the blocks that have not had their turn, and forget what was found in them."""
        blocks = []
        while part := self.next():
            self.release(part)
            blocks.append(part.block)
        return b"".join(blocks)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)


def _scan(lane: Lane, block: bytes, *, emits: bool) -> tuple[int, int]:
    """Judge the records of a block from a guess on."""
    scanner, size = lane.scanner, len(block)
    ctypes.memmove(lane.buffer.address, block, size)
    scanner.state.emits = emits
    scanner.state.most_events = _MOST_EMITTED if emits else scanner.state.events_cap
    entry = scanner.guess(lane.buffer.address, size)
    return entry, scanner.scan(lane.buffer.address, entry, size)
