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
        return cls(tuple(_joined(ranges))).without(cls((_SURROGATES,)))

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
        return type(self)(((0, _LAST),)).without(Characters((_SURROGATES,))).without(self)

    def with_(self, others: "Characters") -> Self:
        """Give these and the others."""
        return self.within([*self.ranges, *others.ranges])

    def without(self, others: "Characters") -> Self:
        """Give those that are not among the others."""
        ranges = self.ranges
        for first, last in others.ranges:
            ranges = tuple(part for each in ranges for part in _cut(each, first, last))
        return type(self)(ranges)

    def expression(self) -> str:
        """Write an expression for one of these characters; it matches nothing if there are none."""
        if not self.ranges:
            return r"[^\x00-\x{10FFFF}]"
        listed = "".join(
            f"\\x{{{first:x}}}" if first == last else f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in self.ranges
        )
        return f"[{listed}]"


def _cut(whole: tuple[int, int], first: int, last: int) -> Iterator[tuple[int, int]]:
    """Give what is left of a range without another."""
    if whole[0] <= min(whole[1], first - 1):
        yield whole[0], min(whole[1], first - 1)
    if max(whole[0], last + 1) <= whole[1]:
        yield max(whole[0], last + 1), whole[1]


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
