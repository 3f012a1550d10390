"""Scanning blocks before their turn, in threads.

Where the records of a block begin is only known when the block before it has been read. So a scan starts behind the
first line break, as if a record began there, and again behind the next one wherever it stops. What it finds is true if
a record does begin there: it is used when one turns out to, and otherwise forgotten.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from attrs import frozen

from chalicelib.validation.fast.scanner import Scanner
from chalicelib.validation.reading.records import Run

_MOST_MISSES = 16
"""After so many places in a row where no clean record begins, the rest of a block is left to its turn."""


@frozen
class Foreseen:
    """The runs that were found in the data, by where a record would have to begin for them."""

    runs: Mapping[int, Run]
    starts: tuple[int, ...] = ()

    def next_start(self, place: int, end: int) -> int:
        """Give where the next one begins after a place, or the end."""
        index = bisect_right(self.starts, place)
        return min(self.starts[index], end) if index < len(self.starts) else end


NOTHING_FORESEEN = Foreseen({})


class Lookahead:
    """Scans blocks while those before them are being checked."""

    def __init__(self, threads: int) -> None:
        """Scan with so many threads."""
        self._threads = threads
        self._present: tuple[Scanner, Future[Mapping[int, Run]]] | None = None
        self.scanner: Scanner | None = None
        """What the blocks that come are scanned with."""

    def blocks(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Pass blocks on, with as many more held as there are threads."""
        with ThreadPoolExecutor(self._threads, "scan") as pool:
            coming: deque[tuple[bytes, tuple[Scanner, Future[Mapping[int, Run]]] | None]] = deque()
            while True:
                while len(coming) <= self._threads and (block := next(blocks, b"")):
                    scanner = self.scanner
                    coming.append((block, (scanner, pool.submit(_foresee, scanner, block)) if scanner else None))
                if not coming:
                    return
                block, self._present = coming.popleft()
                yield block

    def foreseen(self, offset: int) -> Foreseen:
        """Tell what was found in the block that was passed on last, which begins at `offset` in the data."""
        if self._present is None or self._present[0] is not self.scanner:
            return NOTHING_FORESEEN
        found = self._present[1].result()
        runs = {start + offset: Run(run.end + offset, run.rows, run.lines) for start, run in found.items()}
        return Foreseen(runs, tuple(runs))


def _foresee(scanner: Scanner, block: bytes) -> Mapping[int, Run]:
    """Find the runs of a block, by where they begin."""
    found: dict[int, Run] = {}
    end = len(block) - block.endswith(b"\r")
    misses = 0
    start = _next_line(scanner, block, 0)
    while 0 < start < end and misses < _MOST_MISSES:
        run = scanner.run(block, start, end)
        misses = 0 if run.rows else misses + 1
        if run.rows:
            found[start] = run
        start = _next_line(scanner, block, run.end)
    return found


def _next_line(scanner: Scanner, block: bytes, place: int) -> int:
    """Give where the line after a place begins; 0 if it is not in the block."""
    return block.find(scanner.language.break_byte, place) + 1
