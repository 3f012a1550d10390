"""Sets of characters, as ranges of code points."""

import sys
from collections.abc import Iterable, Iterator
from typing import Self

from attrs import frozen

_LAST = sys.maxunicode
END = _LAST + 1
"""The number behind the last code point."""
_SURROGATES = (0xD800, 0xDFFF)
"""Code points that are not characters: UTF-8 cannot encode them."""


@frozen
class Characters:
    """A set of characters: sorted ranges of code points that do not touch, without surrogates."""

    ranges: tuple[tuple[int, int], ...]
    """The first and the last code point of each."""

    @classmethod
    def within(cls, ranges: Iterable[tuple[int, int]]) -> Self:
        """Return the characters of these ranges, in any order, without surrogates."""
        return cls._outside(_gaps(_joined(ranges)))

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the characters of a text."""
        return cls.within((ord(each), ord(each)) for each in text)

    def __contains__(self, character: str) -> bool:
        """Return whether a character is in the set."""
        return any(first <= ord(character) <= last for first, last in self.ranges)

    def __bool__(self) -> bool:
        """Return whether the set has any characters."""
        return bool(self.ranges)

    def complement(self) -> Self:
        """Return all other characters."""
        return self._outside(self.ranges)

    def with_(self, others: "Characters") -> Self:
        """Return the union of both sets."""
        return self.within([*self.ranges, *others.ranges])

    def without(self, others: "Characters") -> Self:
        """Return the characters that are not in the other set."""
        return self._outside([*self.complement().ranges, *others.ranges])

    def expression(self) -> str:
        """Return an expression for one of these characters; that of the empty set matches nothing."""
        if not self.ranges:
            return r"[^\x00-\x{10FFFF}]"
        listed = "".join(
            f"\\x{{{first:x}}}" if first == last else f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in self.ranges
        )
        return f"[{listed}]"

    @classmethod
    def _outside(cls, ranges: Iterable[tuple[int, int]]) -> Self:
        """Return the characters that are in none of these ranges."""
        return cls(tuple(_gaps(_joined([*ranges, _SURROGATES]))))


def next_character(point: int) -> int:
    """Return the code point behind this one, leaving out surrogates; END behind the last one."""
    first, last = _SURROGATES
    return last + 1 if point + 1 == first else point + 1


def _gaps(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the ranges between, before and after sorted ranges that do not touch."""
    start = 0
    for first, last in ranges:
        if start < first:
            yield start, first - 1
        start = last + 1
    if start <= _LAST:
        yield start, _LAST


def _joined(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield ranges in order, merging those that touch."""
    current: tuple[int, int] | None = None
    for first, last in sorted(ranges):
        if current and first <= current[1] + 1:
            current = current[0], max(current[1], last)
            continue
        if current:
            yield current
        current = first, last
    if current:
        yield current


ANY = Characters(()).complement()
"""All characters."""
NONE = Characters(())
