"""Scan the next blocks in threads, while the current block is checked.

Where the first record of a block starts is known only after the block before it has been read. A scan therefore assumes
that a record starts after the first line break, and after the next line break each time it stops. The runs that it
finds are valid only if a record does start there: they are used where that turns out to be so, and dropped otherwise.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from attrs import frozen

from chalicelib.validation.fast.scanner import Scanner
from chalicelib.validation.reading.records import Run

_MAX_MISSES = 16
"""The scan of a block stops after this number of consecutive places at which no clean record starts."""


@frozen
class ScannedRuns:
    """The runs found ahead of time, by the offset at which a record has to start for the run to be valid."""

    runs: Mapping[int, Run]
    starts: tuple[int, ...] = ()

    def next_start(self, offset: int, end: int) -> int:
        """Return where the next run after an offset starts, or `end` if none starts before it."""
        index = bisect_right(self.starts, offset)
        return min(self.starts[index], end) if index < len(self.starts) else end


NO_LOOKAHEAD = ScannedRuns({})


class Lookahead:
    """Scans blocks while the blocks before them are checked."""

    def __init__(self, threads: int) -> None:
        """Scan with this number of threads."""
        self._threads = threads
        self._current: tuple[Scanner, Future[Mapping[int, Run]]] | None = None
        self.scanner: Scanner | None = None
        """The scanner for the blocks that are submitted next."""

    def blocks(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the blocks unchanged, holding at most one more per thread."""
        with ThreadPoolExecutor(self._threads, "scan") as pool:
            waiting: deque[tuple[bytes, tuple[Scanner, Future[Mapping[int, Run]]] | None]] = deque()
            while True:
                while len(waiting) <= self._threads and (block := next(blocks, b"")):
                    scanner = self.scanner
                    waiting.append((block, (scanner, pool.submit(_scan, scanner, block)) if scanner else None))
                if not waiting:
                    return
                block, self._current = waiting.popleft()
                yield block

    def scanned_runs(self, offset: int) -> ScannedRuns:
        """Return the runs of the block that was yielded last, which starts at `offset` in the data."""
        if self._current is None or self._current[0] is not self.scanner:
            return NO_LOOKAHEAD
        found = self._current[1].result()
        runs = {start + offset: Run(run.end + offset, run.rows, run.lines) for start, run in found.items()}
        return ScannedRuns(runs, tuple(runs))


def _scan(scanner: Scanner, block: bytes) -> Mapping[int, Run]:
    """Find the runs of a block, by the offset at which they start."""
    found: dict[int, Run] = {}
    end = len(block) - block.endswith(b"\r")
    misses = 0
    start = _next_line(scanner, block, 0)
    while 0 < start < end and misses < _MAX_MISSES:
        run = scanner.run(block, start, end)
        misses = 0 if run.rows else misses + 1
        if run.rows:
            found[start] = run
        start = _next_line(scanner, block, run.end)
    return found


def _next_line(scanner: Scanner, block: bytes, offset: int) -> int:
    """Return where the line after an offset starts; 0 if it is not in the block."""
    return block.find(scanner.language.break_byte, offset) + 1
