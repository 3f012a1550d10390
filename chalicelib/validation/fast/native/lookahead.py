"""Scans blocks ahead of time, in threads.

Where the first record of a block starts is known only when the block before it has been read. So the scan of a block
starts at a guess. What it found is used if the records before it end exactly at that offset; otherwise the block is
scanned again in its turn.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from attrs import frozen

from chalicelib.validation.fast.native.library import PADDING
from chalicelib.validation.fast.native.scanner import ScannedData, Scanner
from chalicelib.validation.fast.native.tables import address_of
from chalicelib.validation.reading.source import BLOCK_BYTES

MAX_BLOCK_BYTES = 2 * BLOCK_BYTES
"""The largest block that is scanned ahead of time."""

_MAX_EVENTS = 4_096
"""Of a block, while the report has room; a scan that reaches this number stops, and the rest waits for its turn."""


@frozen(kw_only=True, eq=False)
class ScannedBlock:
    """A block, and the scanner that scans it or has scanned it."""

    part: ScannedData
    """The beginning of the block, or if that is small all of it, with PADDING behind."""
    block: bytes
    result: "Future[tuple[int, int]]"
    """The offset of the first record by a guess, and the offset of the first record that was not judged."""


class Lookahead:
    """The blocks that are scanned ahead of time, in their order."""

    def __init__(self, new_scanner: Callable[[], Scanner], threads: int) -> None:
        """Scan with this number of threads; scanners are made when they are first needed."""
        self._new_scanner = new_scanner
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, "scan")
        self._free: list[Scanner] = []
        self._blocks: deque[ScannedBlock] = deque()

    @property
    def has_room(self) -> bool:
        """Whether another block can be added."""
        return len(self._blocks) <= self._threads

    def add(self, block: bytes, *, emits: bool) -> None:
        """Start to scan a block of at most MAX_BLOCK_BYTES."""
        scanner = self._free.pop() if self._free else self._new_scanner()
        # The end of a large block is left to be scanned with the next one, which is faster than to copy the block.
        data = block if len(block) >= BLOCK_BYTES else block + bytes(PADDING)
        part = ScannedData(scanner, data, address_of(data))
        result = self._pool.submit(_scan, part, len(block), emits=emits)
        self._blocks.append(ScannedBlock(part=part, block=block, result=result))

    def next(self) -> ScannedBlock | None:
        """Return the next block, which the caller has to release; None if there is none."""
        return self._blocks.popleft() if self._blocks else None

    def release(self, scanned: ScannedBlock) -> None:
        """Discard what was found in a block, and use its scanner for another one."""
        scanned.result.result()
        scanned.part.scanner.reset()
        self._free.append(scanned.part.scanner)

    def cancel(self) -> bytes:
        """Discard what was found in all blocks, and return the blocks."""
        blocks = []
        while scanned := self.next():
            self.release(scanned)
            blocks.append(scanned.block)
        return b"".join(blocks)

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown(cancel_futures=True)


def _scan(part: ScannedData, block_bytes: int, *, emits: bool) -> tuple[int, int]:
    """Judge the records of a block, from a guess on."""
    scanner, address, size = part.scanner, part.address, len(part.data) - PADDING
    scanner.state.emits = emits
    scanner.state.most_events = _MAX_EVENTS if emits else scanner.state.events_cap
    entry = scanner.guess(address, size)
    return (entry, scanner.scan(address, entry, size)) if entry < size else (block_bytes, block_bytes)
