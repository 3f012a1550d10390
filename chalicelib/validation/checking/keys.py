"""What must be unique, and what must refer to something, in all of a file and in bounded memory.

Of each row's key we keep a digest and the row's place. When there are many they go to a temporary file, in partitions
by their digest: what is alike is in one partition, and one partition at a time fits into memory. So nothing is known
before the end of the file, but then it is exact.
"""

import tempfile
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

from chalicelib.errors import TemporarySpaceFull
from chalicelib.validation.schema.field_types import LONGEST_WHOLE, Value, canonical

_PARTITIONS = 64
_MOST_STRETCHES = 4096
_MOST_HELD = 64 * 1024
"""So many keys are in memory before they go to the file."""
_MOST_COMPARED = 100_000
"""About so many different keys are compared at once; a partition that has more is gone through several times."""

Place = tuple[int, int]
"""A row and the line it starts on."""
Digest = tuple[int, int]
"""Two of Python's keyed hashes of a key, 128 bits together.

Of a million million different keys two have the same digest with a chance of 1 in 10^14.
"""


@frozen
class _Digests:
    """The digests of some keys, in the order of the file, and where the place of each is written down."""

    firsts: Sequence[int]
    seconds: Sequence[int]
    offsets: Sequence[int]

    def of_pass(self, number: int, passes: int) -> "_Digests":
        """Give those that are looked at in one of several passes through a partition."""
        if passes == 1:
            return self
        return self.chosen([first // _PARTITIONS % passes == number for first in self.firsts])

    def chosen(self, which: Sequence[bool]) -> "_Digests":
        """Give those for which it is true."""
        return _Digests(*(list(compress(column, which)) for column in (self.firsts, self.seconds, self.offsets)))

    def pairs(self) -> Iterator[Digest]:
        """Give the digests themselves."""
        return zip(self.firsts, self.seconds, strict=True)


@frozen
class _Piece:
    """What one spill gave to one partition: where its digests are in the file, and where the spill's places are."""

    digests_at: int
    count: int
    rows_at: int
    lines_at: int


@frozen
class _Stretch:
    """Numbers that follow each other in rows, and on lines, that do so too: the first of each, and how many."""

    first: int
    row: int
    line: int
    count: int

    def follows(self, other: "_Stretch") -> bool:
        """Say whether this goes on where the other ends."""
        end = (other.first + other.count, other.row + other.count, other.line + other.count)
        return end == (self.first, self.row, self.line)


class KeyLog:
    """The keys of all rows of a file, each with its place.

    Most keys are numbers that count the rows. As long as they do, a log holds where they begin and end, and no digests.
    """

    def __init__(self) -> None:
        """Begin a log."""
        self._stretches: list[_Stretch] | None = []
        self._begin()
        self._file: IO[bytes] | None = None
        self._pieces: list[list[_Piece]] = [[] for _ in range(_PARTITIONS)]

    def _begin(self) -> None:
        self._firsts, self._seconds, self._rows, self._lines = (array("q") for _ in range(4))

    def add(self, keys: Sequence[str | int], rows: Sequence[int], lines: Sequence[int]) -> None:
        """Write keys down, as `key_of` gives them, each with its place."""
        if self._stretches is not None:
            if (stretch := _stretch(keys, rows, lines)) and self._extend(self._stretches, stretch):
                return
            self._write_out()
        texts = [f"{_NO_TEXT}{key}" if isinstance(key, int) else key for key in keys]
        self._firsts.extend(map(hash, texts))
        self._seconds.extend(map(hash, [f"{text}\0" for text in texts]))
        self._rows.extend(rows)
        self._lines.extend(lines)
        if len(self._firsts) >= _MOST_HELD:
            self._spill()

    @property
    def is_surely_unique(self) -> bool:
        """Whether it can be told at a glance that no key is repeated."""
        stretches = sorted(self._stretches or (), key=lambda each: each.first)
        is_apart = all(one.first + one.count <= other.first for one, other in pairwise(stretches))
        return self._stretches is not None and is_apart

    def _extend(self, stretches: list[_Stretch], stretch: _Stretch) -> bool:
        """Note another stretch, unless there are too many of them."""
        if stretches and stretch.follows(stretches[-1]):
            stretches[-1] = evolve(stretches[-1], count=stretches[-1].count + stretch.count)
        elif len(stretches) < _MOST_STRETCHES:
            stretches.append(stretch)
        else:
            return False
        return True

    def _write_out(self) -> None:
        """From now on, keep digests, of what there is too."""
        stretches, self._stretches = self._stretches, None
        for stretch in stretches or ():
            for begun in range(0, stretch.count, _MOST_HELD):
                counts = range(begun, min(begun + _MOST_HELD, stretch.count))
                self.add(*([start + each for each in counts] for start in (stretch.first, stretch.row, stretch.line)))

    def partitions(self) -> Iterator["Partition"]:
        """Give the partitions, one after the other, and let all go after the last one."""
        self._write_out()
        with self._opened() as self._file:
            self._spill()
            for pieces in self._pieces:
                yield Partition(self._file, pieces)

    def _opened(self) -> IO[bytes]:
        """Give the temporary file, which is closed and gone at the latest when the log is."""
        if self._file is None:
            self._file = temporary_file()
            finalize(self, self._file.close)
        return self._file

    def _spill(self) -> None:
        file = self._file = self._opened()
        rows_at, lines_at = _write(file, self._rows), _write(file, self._lines)
        for pieces, offsets in zip(self._pieces, _by_partition(self._firsts), strict=True):
            if offsets:
                # One that is asked for besides makes a tuple of what may be a single one.
                chosen = itemgetter(*offsets, offsets[0])
                digests_at = _write(file, array("q", chosen(self._firsts)[:-1]))
                _write(file, array("q", chosen(self._seconds)[:-1]))
                _write(file, array("q", offsets))
                pieces.append(_Piece(digests_at, len(offsets), rows_at, lines_at))
        self._begin()


def _stretch(keys: Sequence[str | int], rows: Sequence[int], lines: Sequence[int]) -> _Stretch | None:
    """Say that keys are numbers that follow each other in neighbouring rows; None if they are not."""
    first, count = keys[0], len(keys)
    if not isinstance(first, int):
        return None
    follow = count == 1 or (isinstance(lines, range) and list(keys) == list(range(first, first + count)))
    return _Stretch(first, rows[0], lines[0], count) if follow else None


def temporary_file() -> IO[bytes]:
    """Open a file that keeps nothing back to be written when it is closed; raises TemporarySpaceFull."""
    try:
        return tempfile.TemporaryFile(buffering=0)
    except OSError as error:
        raise no_space(error.strerror) from error


def _write(file: IO[bytes], numbers: "array[int]") -> int:
    """Write numbers to the end of the file, and say where that was; raises TemporarySpaceFull."""
    place = file.tell()
    rest = memoryview(numbers).cast("B")
    while rest:
        try:
            written = file.write(rest)
        except OSError as error:
            raise no_space(error.strerror) from error
        rest = rest[written:]
    return place


def no_space(reason: str | None) -> TemporarySpaceFull:
    """Return the error of keys that have no room, with the system's reason."""
    return TemporarySpaceFull(
        "the keys of so many rows have no room in the temporary directory, 40 bytes a row and key: "
        f"give it more, or split the file ({reason})"
    )


def _read(file: IO[bytes], place: int, count: int) -> "array[int]":
    file.seek(place)
    numbers = array("q")
    numbers.fromfile(file, count)
    return numbers


def _by_partition(firsts: Iterable[int]) -> Sequence[Sequence[int]]:
    """Give the offsets of what belongs to each partition."""
    offsets: list[list[int]] = [[] for _ in range(_PARTITIONS)]
    append = [each.append for each in offsets]
    for offset, first in enumerate(firsts):
        append[first % _PARTITIONS](offset)
    return offsets


class Partition:
    """The keys whose digests are alike in one part."""

    def __init__(self, file: IO[bytes], pieces: Sequence[_Piece]) -> None:
        """Take pieces of a file."""
        self._file = file
        self._pieces = pieces

    def pieces(self) -> Iterator[tuple[_Piece, _Digests]]:
        """Give the keys' digests, piece by piece, in the order of the file."""
        for piece in self._pieces:
            numbers = _read(self._file, piece.digests_at, 3 * piece.count)
            yield piece, _Digests(*(numbers[at * piece.count : (at + 1) * piece.count] for at in range(3)))

    def place(self, piece: _Piece, offset: int) -> Place:
        """Look up the place of a key."""
        at = offset * array("q").itemsize
        return _read(self._file, piece.rows_at + at, 1)[0], _read(self._file, piece.lines_at + at, 1)[0]

    def passes(self) -> int:
        """Say in how many passes the keys should be compared: so few that what is different fits into memory."""
        total = sum(piece.count for piece in self._pieces)
        seen: set[int] = set()
        gone_through = 0
        for _, digests in self.pieces() if total > _MOST_COMPARED else ():
            seen.update(digests.firsts)
            gone_through += len(digests.firsts)
            if len(seen) > _MOST_COMPARED:
                return 1 + total // gone_through
        return 1


def repeated(log: KeyLog) -> Iterator[Place]:
    """Give the place of each key that stands in an earlier row too."""
    for partition in () if log.is_surely_unique else log.partitions():
        passes = partition.passes()
        for number in range(passes):
            suspects = _repeated_hashes(digests.of_pass(number, passes).firsts for _, digests in partition.pieces())
            seen: set[Digest] = set()
            for piece, digests in partition.pieces() if suspects else ():
                suspicious = digests.chosen([first in suspects for first in digests.firsts])
                for digest, offset in zip(suspicious.pairs(), suspicious.offsets, strict=True):
                    if digest in seen:
                        yield partition.place(piece, offset)
                    seen.add(digest)


def _repeated_hashes(pieces: Iterable[Sequence[int]]) -> AbstractSet[int]:
    """Give what stands twice: that of keys that are alike, and hardly any other."""
    seen: set[int] = set()
    twice: set[int] = set()
    for hashes in pieces:
        different = set(hashes)
        if len(different) < len(hashes):
            twice |= {each for each, times in Counter(hashes).items() if times > 1}
        twice |= different & seen
        seen |= different
    return twice


def dangling(referring: KeyLog, referred: KeyLog) -> Iterator[Place]:
    """Give the place of each key that refers to none of the others."""
    for references, targets in zip(referring.partitions(), referred.partitions(), strict=True):
        passes = targets.passes()
        for number in range(passes):
            known = {digest for _, digests in targets.pieces() for digest in digests.of_pass(number, passes).pairs()}
            for piece, digests in references.pieces():
                mine = digests.of_pass(number, passes)
                for digest, offset in zip(mine.pairs(), mine.offsets, strict=True):
                    if digest not in known:
                        yield references.place(piece, offset)


def key_of(parts: Sequence[Value | None]) -> str | int:
    """Give a key such that only equal keys are alike. A key of one text is that text, one of a whole number that."""
    match parts:
        case [Decimal() as number] if abs(number) < _WHOLE and number == int(number):
            return int(number)
    return _BETWEEN.join(part if isinstance(part, str) else _NO_TEXT + _canonical(part) for part in parts)


_WHOLE = 10**LONGEST_WHOLE
_NO_TEXT, _BETWEEN = "\0", "\ud800"
"""What no text has in it."""


def _canonical(part: Value | None) -> str:
    return "" if part is None else canonical(part)
