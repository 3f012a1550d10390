"""The keys of some rows of a file as digests, to be compared elsewhere with those of the other rows."""

from array import array
from collections.abc import Iterator, Sequence
from itertools import islice
from struct import Struct

from attrs import frozen

PARTITIONS = 64
DIGEST_BYTES = 16
ENTRY = Struct(f"={DIGEST_BYTES}sQQ")
"""A digest, a row and a line."""
STRETCH_BYTES = 32


def fine_partition(digest: bytes, finer: int) -> int:
    """Return the partition of a digest, if each of the PARTITIONS is divided into `finer`, as the kernel does."""
    number = int.from_bytes(digest[:8], "little")
    return number % PARTITIONS * finer + ((number >> 32) * finer >> 32)


@frozen(kw_only=True)
class KeyEntries:
    """The keys of one log. Rows and lines count from the beginning of the part of the file that it has read."""

    stretches: bytes = b""
    """Consecutive numbers in consecutive rows and lines: of each the first number, row and line, and the count.

    Each of the four is an unsigned integer of 8 bytes.
    """
    partitions: Sequence[bytes] = ()
    """The other keys, in any number of pieces, each a digest, a row and a line: 32 bytes."""
    last_run: int = 0
    """Where further keys are, in a temporary file of the processes that validate the file; 0 for none."""

    @property
    def count(self) -> int:
        """How many keys there are, besides those in a temporary file."""
        return sum(array("Q", self.stretches)[3::4]) + sum(map(len, self.partitions)) // ENTRY.size

    @property
    def is_empty(self) -> bool:
        """Whether there are no keys."""
        return not self.stretches and not any(self.partitions) and not self.last_run

    def batches(self, size: int) -> Iterator[tuple[Sequence[str], Sequence[int], Sequence[int]]]:
        """Yield digests as texts of one character a byte, rows and lines, at most `size` at a time."""
        for partition in self.partitions:
            entries = ENTRY.iter_unpack(partition)
            while batch := list(islice(entries, size)):
                digests, rows, lines = zip(*batch, strict=True)
                yield [digest.decode("latin-1") for digest in digests], rows, lines
