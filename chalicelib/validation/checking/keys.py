"""Finds repeated and dangling keys of a whole file, in bounded memory.

Of each row's key a digest and the position of the row are kept. Many of them go to a temporary file, partitioned by
digest: equal keys are in the same partition, and one partition at a time fits into memory. The result is known at the
end of the file, and is exact.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from itertools import compress, pairwise
from operator import itemgetter
from typing import IO
from weakref import finalize

from attrs import evolve, frozen

from chalicelib.validation import temporary_files
from chalicelib.validation.checking.key_entries import KeyEntries
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.schema.field_types import LONGEST_WHOLE, Value, canonical

_PARTITIONS = 64
_MAX_SEQUENCES = 4096
_MAX_IN_MEMORY = 64 * 1024
"""How many keys are in memory before they go to the file."""
_MAX_COMPARED = 100_000
"""About how many different keys are compared at once. A partition with more is read in several passes."""

RowPosition = tuple[int, int]
"""The number of a row, and the line on which it starts."""
Digest = tuple[int, int]
"""Two of Python's keyed hashes of a key, 128 bits together.

Among 10^12 different keys, two have the same digest with a probability of 10^-14.
"""


@frozen
class _Digests:
    """The digests of some keys, in the order of the file, and the offsets of their row positions."""

    firsts: Sequence[int]
    seconds: Sequence[int]
    offsets: Sequence[int]

    def of_pass(self, number: int, passes: int) -> "_Digests":
        """Return those that one of several passes through a partition compares."""
        if passes == 1:
            return self
        return self.chosen([first // _PARTITIONS % passes == number for first in self.firsts])

    def chosen(self, which: Sequence[bool]) -> "_Digests":
        """Return those for which `which` is true."""
        return _Digests(*(list(compress(column, which)) for column in (self.firsts, self.seconds, self.offsets)))

    def located(self) -> Iterator[tuple[Digest, int]]:
        """Iterate over the digests and their offsets."""
        return zip(zip(self.firsts, self.seconds, strict=True), self.offsets, strict=True)


@frozen
class _Piece:
    """What one spill wrote to one partition: the offsets in the file of its digests, rows and lines."""

    digests_at: int
    count: int
    rows_at: int
    lines_at: int


@frozen
class _Sequence:
    """Consecutive numbers in consecutive rows and lines: the first of each, and the count."""

    first: int
    row: int
    line: int
    count: int

    def follows(self, other: "_Sequence") -> bool:
        """Return whether this begins where the other ends."""
        end = (other.first + other.count, other.row + other.count, other.line + other.count)
        return end == (self.first, self.row, self.line)


class KeyLog:
    """The keys of all rows of a file, each with its row position.

    Most keys are numbers that count the rows. While they do, a log holds only their first and last numbers.
    """

    def __init__(self) -> None:
        """Start an empty log."""
        self._sequences: list[_Sequence] | None = []
        self._begin()
        self._file: IO[bytes] | None = None
        self._pieces: list[list[_Piece]] = [[] for _ in range(_PARTITIONS)]

    def _begin(self) -> None:
        self._firsts, self._seconds, self._rows, self._lines = (array("q") for _ in range(4))

    def add(self, keys: Sequence[str | int], rows: Sequence[int], lines: Sequence[int]) -> None:
        """Add keys, as `key_of` returns them, each with its row position."""
        if self._sequences is not None:
            if (sequence := _sequence(keys, rows, lines)) and self._extend(self._sequences, sequence):
                return
            self._write_out()
        texts = [f"{_NO_TEXT}{key}" if isinstance(key, int) else key for key in keys]
        self._firsts.extend(map(hash, texts))
        self._seconds.extend(map(hash, [f"{text}\0" for text in texts]))
        self._rows.extend(rows)
        self._lines.extend(lines)
        if len(self._firsts) >= _MAX_IN_MEMORY:
            self._spill()

    def absorb_entries(self, found: KeyEntries, row: int, line: int) -> None:
        """Add keys of which only the digests are known, moved by these rows and lines; raises TemporarySpaceFull."""
        for digests, rows, lines in found.batches(_MAX_IN_MEMORY):
            self.add(digests, [each + row for each in rows], [each + line for each in lines])

    @property
    def is_surely_unique(self) -> bool:
        """Whether no key is repeated, as far as is known without comparing digests."""
        sequences = sorted(self._sequences or (), key=lambda each: each.first)
        is_apart = all(one.first + one.count <= other.first for one, other in pairwise(sequences))
        return self._sequences is not None and is_apart

    def _extend(self, sequences: list[_Sequence], sequence: _Sequence) -> bool:
        """Add another sequence; False if there are too many."""
        if sequences and sequence.follows(sequences[-1]):
            sequences[-1] = evolve(sequences[-1], count=sequences[-1].count + sequence.count)
        elif len(sequences) < _MAX_SEQUENCES:
            sequences.append(sequence)
        else:
            return False
        return True

    def _write_out(self) -> None:
        """Keep digests from now on, also of the keys so far."""
        sequences, self._sequences = self._sequences, None
        for sequence in sequences or ():
            for begun in range(0, sequence.count, _MAX_IN_MEMORY):
                counts = range(begun, min(begun + _MAX_IN_MEMORY, sequence.count))
                self.add(
                    *([start + each for each in counts] for start in (sequence.first, sequence.row, sequence.line))
                )

    def partitions(self) -> Iterator["Partition"]:
        """Iterate over the partitions, after the last key."""
        self._write_out()
        file = self._opened()
        self._spill()
        for pieces in self._pieces:
            yield Partition(file, pieces)

    def _opened(self) -> IO[bytes]:
        """Return the temporary file, which is deleted with the log."""
        if self._file is None:
            self._file = temporary_files.temporary_file(temporary_files.KEYS)
            finalize(self, self._file.close)
        return self._file

    def _spill(self) -> None:
        file = self._file = self._opened()
        rows_at, lines_at = _write(file, self._rows), _write(file, self._lines)
        for pieces, offsets in zip(self._pieces, _by_partition(self._firsts), strict=True):
            if offsets:
                # With one key alone, itemgetter would not return a tuple: the first is asked for twice.
                chosen = itemgetter(*offsets, offsets[0])
                digests_at = _write(file, array("q", chosen(self._firsts)[:-1]))
                _write(file, array("q", chosen(self._seconds)[:-1]))
                _write(file, array("q", offsets))
                pieces.append(_Piece(digests_at, len(offsets), rows_at, lines_at))
        self._begin()


def _sequence(keys: Sequence[str | int], rows: Sequence[int], lines: Sequence[int]) -> _Sequence | None:
    """Return keys that are consecutive numbers in consecutive rows as a sequence; None if they are not."""
    first, count = keys[0], len(keys)
    if not isinstance(first, int):
        return None
    follow = count == 1 or (isinstance(lines, range) and list(keys) == list(range(first, first + count)))
    return _Sequence(first, rows[0], lines[0], count) if follow else None


def _write(file: IO[bytes], numbers: "array[int]") -> int:
    """Append numbers to the file, and return their offset; raises TemporarySpaceFull."""
    return temporary_files.append(file, memoryview(numbers).cast("B"), temporary_files.KEYS)


def _read(file: IO[bytes], offset: int, count: int) -> "array[int]":
    file.seek(offset)
    numbers = array("q")
    numbers.fromfile(file, count)
    return numbers


def _by_partition(firsts: Iterable[int]) -> Sequence[Sequence[int]]:
    """Return the offsets of the digests of each partition."""
    offsets: list[list[int]] = [[] for _ in range(_PARTITIONS)]
    append = [each.append for each in offsets]
    for offset, first in enumerate(firsts):
        append[first % _PARTITIONS](offset)
    return offsets


class Partition:
    """The keys whose digests belong to one partition."""

    def __init__(self, file: IO[bytes], pieces: Sequence[_Piece]) -> None:
        """Read from these pieces of a file."""
        self._file = file
        self._pieces = pieces

    def pieces(self) -> Iterator[tuple[_Piece, _Digests]]:
        """Iterate over the pieces and their digests, in the order of the file."""
        for piece in self._pieces:
            numbers = _read(self._file, piece.digests_at, 3 * piece.count)
            yield piece, _Digests(*(numbers[at * piece.count : (at + 1) * piece.count] for at in range(3)))

    def row_position(self, piece: _Piece, offset: int) -> RowPosition:
        """Read the row position of a key."""
        at = offset * array("q").itemsize
        return _read(self._file, piece.rows_at + at, 1)[0], _read(self._file, piece.lines_at + at, 1)[0]

    def passes(self) -> int:
        """Return in how many passes the keys have to be compared, so that the different ones fit into memory."""
        total = sum(piece.count for piece in self._pieces)
        seen: set[int] = set()
        counted = 0
        for _, digests in self.pieces() if total > _MAX_COMPARED else ():
            seen.update(digests.firsts)
            counted += len(digests.firsts)
            if len(seen) > _MAX_COMPARED:
                return 1 + total // counted
        return 1


def repeated(log: KeyLog) -> Iterator[RowPosition]:
    """Iterate over the row positions of keys that an earlier row has, too."""
    for partition in () if log.is_surely_unique else log.partitions():
        passes = partition.passes()
        for number in range(passes):
            suspects = _repeated_hashes(digests.of_pass(number, passes).firsts for _, digests in partition.pieces())
            seen: set[Digest] = set()
            for piece, digests in partition.pieces() if suspects else ():
                suspicious = digests.chosen([first in suspects for first in digests.firsts])
                for digest, offset in suspicious.located():
                    if digest in seen:
                        yield partition.row_position(piece, offset)
                    seen.add(digest)


def _repeated_hashes(pieces: Iterable[Sequence[int]]) -> AbstractSet[int]:
    """Return the hashes that occur twice: those of equal keys, and hardly any other."""
    seen: set[int] = set()
    twice: set[int] = set()
    for hashes in pieces:
        different = set(hashes)
        if len(different) < len(hashes):
            twice |= {each for each, times in Counter(hashes).items() if times > 1}
        twice |= different & seen
        seen |= different
    return twice


def dangling(referring: KeyLog, referred: KeyLog, rejected: RowSet | None = None) -> Iterator[RowPosition]:
    """Iterate over the row positions of keys that are not among the referred ones.

    Rejected rows are left out on both sides.
    """
    for references, targets in zip(referring.partitions(), referred.partitions(), strict=True):
        passes = targets.passes()
        for number in range(passes):
            known = {
                digest
                for piece, digests in targets.pieces()
                for digest, offset in digests.of_pass(number, passes).located()
                if not (rejected is not None and targets.row_position(piece, offset)[0] in rejected)
            }
            for piece, digests in references.pieces():
                for digest, offset in digests.of_pass(number, passes).located():
                    if digest not in known:
                        row_position = references.row_position(piece, offset)
                        if not (rejected is not None and row_position[0] in rejected):
                            yield row_position


def key_of(parts: Sequence[Value | None]) -> str | int:
    """Return a key that is equal for equal values only: a single text or whole number as it is."""
    match parts:
        # copy_abs is exact; abs would round, and raise Overflow for an exponent of a million.
        case [Decimal() as number] if number.copy_abs() < _WHOLE and number == int(number):
            return int(number)
    return _BETWEEN.join(part if isinstance(part, str) else _NO_TEXT + _canonical(part) for part in parts)


_WHOLE = 10**LONGEST_WHOLE
_NO_TEXT, _BETWEEN = "\0", "\ud800"
"""Characters that no text contains."""


def _canonical(part: Value | None) -> str:
    return "" if part is None else canonical(part)
