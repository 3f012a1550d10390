"""Sets of characters, as ranges of code points."""

import sys
from collections.abc import Iterable, Iterator
from typing import Self

from attrs import frozen

_LAST = sys.maxunicode
_SURROGATES = (0xD800, 0xDFFF)
"""Code points that are no characters: UTF-8 cannot write them."""


@frozen
class Characters:
    """A set of characters: ranges of code points in order, apart from each other, without surrogates."""

    ranges: tuple[tuple[int, int], ...]
    """The first and the last of each."""

    @classmethod
    def within(cls, ranges: Iterable[tuple[int, int]]) -> Self:
        """Give the characters of these ranges, in whatever order they are, leaving surrogates out."""
        return cls._outside(_gaps(_joined(ranges)))

    @classmethod
    def of(cls, text: str) -> Self:
        """Give the characters that a text has."""
        return cls.within((ord(each), ord(each)) for each in text)

    def __contains__(self, character: str) -> bool:
        """Say whether a character is one of these."""
        return any(first <= ord(character) <= last for first, last in self.ranges)

    def __bool__(self) -> bool:
        """Say whether there are any."""
        return bool(self.ranges)

    def complement(self) -> Self:
        """Give all other characters."""
        return self._outside(self.ranges)

    def with_(self, others: "Characters") -> Self:
        """Give these and the others."""
        return self.within([*self.ranges, *others.ranges])

    def without(self, others: "Characters") -> Self:
        """Give those that are not among the others."""
        return self._outside([*self.complement().ranges, *others.ranges])

    def expression(self) -> str:
        """Write an expression for one of these characters; it matches nothing if there are none."""
        if not self.ranges:
            return r"[^\x00-\x{10FFFF}]"
        listed = "".join(
            f"\\x{{{first:x}}}" if first == last else f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in self.ranges
        )
        return f"[{listed}]"

    @classmethod
    def _outside(cls, ranges: Iterable[tuple[int, int]]) -> Self:
        """Give the characters that are in none of these ranges."""
        return cls(tuple(_gaps(_joined([*ranges, _SURROGATES]))))


def _gaps(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Give what is between ranges that are in order and apart, and before and after them."""
    start = 0
    for first, last in ranges:
        if start < first:
            yield start, first - 1
        start = last + 1
    if start <= _LAST:
        yield start, _LAST


def _joined(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Put ranges in order, and make one of those that touch."""
    present: tuple[int, int] | None = None
    for first, last in sorted(ranges):
        if present and first <= present[1] + 1:
            present = present[0], max(present[1], last)
            continue
        if present:
            yield present
        present = first, last
    if present:
        yield present


ANY = Characters(()).complement()
"""All characters."""
NONE = Characters(())
