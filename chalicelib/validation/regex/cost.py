"""Decide from a pattern alone how fast it can be matched, by the subset construction.

An automaton is at several positions of its expression at once. If it can only be at few different sets of positions,
each set is computed once; if each set is small, computing it is cheap. A pattern with neither property, such as
`(a|b)*a(a|b){500}`, takes hundreds of steps for each character.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush
from re import _constants as sre  # type: ignore[attr-defined]  # the standard library's own syntax tree
from typing import Any

from attrs import evolve, frozen

from chalicelib.validation.regex.atoms import atom, flags_within
from chalicelib.validation.regex.characters import Characters
from chalicelib.validation.regex.translation import MAX_ATOMS, TOO_LARGE, UntranslatableError, parsed

MAX_SETS = 2_000
"""A pattern with at most this number of sets of positions is fast."""
MAX_POSITIONS = 100
"""A pattern whose sets all have at most this number of positions is fast."""
_MAX_IN_ALL = MAX_ATOMS + 1
"""The most positions of an expression: one for each of its atoms, and one for the text before a match."""


def is_quick(pattern: str, *, anywhere: bool = False) -> bool:
    """Return whether the automaton of a translatable pattern has few sets of positions, or only small ones.

    With `anywhere`, the pattern may match anywhere in a text. The search follows the largest sets first, and stops
    after MAX_SETS. Raises UntranslatableError if the pattern has more positions than a translatable one can have.
    """
    tree = parsed(pattern)
    return is_quick_sequence(tree, tree.state.flags, anywhere=anywhere and not _is_anchored(tree))


def is_quick_sequence(tree: Iterable[Any], flags: int, *, anywhere: bool = False) -> bool:
    """Return the same as `is_quick` for a sequence of nodes."""
    positions = Positions()
    nodes = sequence(positions, tree, flags)
    if anywhere:
        before = positions.one(Characters(()).complement())
        positions.loop(before)
        nodes = positions.joined(evolve(before, is_optional=True), nodes)
    kinds = _kinds(positions.characters)
    seen: set[int] = set()
    widest = 0
    waiting = [(0, 0)]
    while waiting and len(seen) <= MAX_SETS:
        _, left = heappop(waiting)
        next_positions = positions.after(left) if left else nodes.first
        for reached in {next_positions & kind for kind in kinds} - seen - {0}:
            seen.add(reached)
            widest = max(widest, reached.bit_count())
            heappush(waiting, (-reached.bit_count(), reached))
    return len(seen) <= MAX_SETS or widest <= MAX_POSITIONS


@frozen
class _Part:
    """A part of an expression: whether it can be empty, and the positions where it can start and end, as bits."""

    is_optional: bool = True
    first: int = 0
    last: int = 0


class Positions:
    """The positions of an expression that read a character, and for each of them those that can follow."""

    def __init__(self) -> None:
        self.characters: list[Characters] = []
        self._next: list[int] = []
        self._known: dict[tuple[int, str], int] = {}

    def __len__(self) -> int:
        """Return the number of positions."""
        return len(self.characters)

    def one(self, characters: Characters) -> _Part:
        """Add a position that reads one of these characters."""
        bit = 1 << len(self)
        self._add([characters], [0])
        return _Part(is_optional=False, first=bit, last=bit)

    def copies(self, part: _Part, start: int, times: int) -> Sequence[_Part]:
        """Return a part with the positions from `start` on, and its copies, `times` in all; none without positions."""
        size = len(self) - start
        characters, following = self.characters[start:], self._next[start:]
        shifts = range(0, times * size, size) if size else ()
        for shift in shifts[1:]:
            self._add(characters, [each << shift for each in following])
        return [evolve(part, first=part.first << shift, last=part.last << shift) for shift in shifts]

    def joined(self, left: _Part, right: _Part) -> _Part:
        """Return one part followed by another."""
        self._link(left.last, right.first)
        return _Part(
            is_optional=left.is_optional and right.is_optional,
            first=left.first | (right.first if left.is_optional else 0),
            last=right.last | (left.last if right.is_optional else 0),
        )

    def loop(self, part: _Part) -> None:
        """Let a part repeat."""
        self._link(part.last, part.first)

    def after(self, positions: int) -> int:
        """Return the positions that can follow any of these."""
        following = 0
        for at, digit in enumerate(reversed(f"{positions:x}")):
            if digit != "0":
                following |= self._after_some(at * 4, digit)
        return following

    def _after_some(self, start: int, digit: str) -> int:
        """Return the positions after some of four adjacent ones; cached, since many sets have such parts in common."""
        if (start, digit) not in self._known:
            following = 0
            for position in _bits(int(digit, 16) << start):
                following |= self._next[position]
            self._known[start, digit] = following
        return self._known[start, digit]

    def _add(self, characters: Sequence[Characters], following: Sequence[int]) -> None:
        if len(self) + len(characters) > _MAX_IN_ALL:
            raise UntranslatableError(TOO_LARGE)
        self.characters += characters
        self._next += following

    def _link(self, positions: int, following: int) -> None:
        for position in _bits(positions):
            self._next[position] |= following


def sequence(positions: Positions, nodes: Iterable[Any], flags: int) -> _Part:
    """Add the positions of some nodes of a translatable pattern, one after the other."""
    whole = _Part()
    for kind, argument in reversed(list(nodes)):  # so each is linked once, with everything that can follow it
        whole = positions.joined(_node(positions, kind, argument, flags), whole)
    return whole


def _node(positions: Positions, kind: Any, argument: Any, flags: int) -> _Part:
    characters = atom(kind, argument, flags)
    if characters is not None:
        return positions.one(characters)
    match kind:
        case sre.BRANCH:
            branches = [sequence(positions, branch, flags) for branch in argument[1]]
            return _one_of(branches)
        case sre.SUBPATTERN:
            _, added, removed, nodes = argument
            return sequence(positions, nodes, flags_within(flags, added, removed))
        case sre.MAX_REPEAT | sre.MIN_REPEAT:
            return _repeat(positions, argument, flags)
    return _Part()  # an anchor


def _one_of(parts: Sequence[_Part]) -> _Part:
    first = last = 0
    for part in parts:
        first, last = first | part.first, last | part.last
    return _Part(is_optional=any(part.is_optional for part in parts), first=first, last=last)


def _repeat(positions: Positions, argument: tuple[int, Any, Sequence[Any]], flags: int) -> _Part:
    least, most, nodes = argument
    is_endless = most == sre.MAXREPEAT
    if most == 0:
        return _Part()
    start = len(positions)
    once = sequence(positions, nodes, flags)
    parts = positions.copies(once, start, max(least, 1) if is_endless else most)
    if is_endless and parts:
        positions.loop(parts[-1])
    rest = _Part()
    for at, part in reversed(list(enumerate(parts))):  # from the last, which needs all before it
        rest = positions.joined(part, rest)
        rest = evolve(rest, is_optional=rest.is_optional or at >= least)
    return rest


def _is_anchored(tree: Any) -> bool:
    """Return whether a pattern matches only at the start of a text."""
    kind, argument = tree[0] if tree else (None, None)
    of_line = tree.state.flags & re.MULTILINE and argument is sre.AT_BEGINNING
    return kind is sre.AT and argument in (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING) and not of_line


def _kinds(characters: Iterable[Characters]) -> set[int]:
    """Return the distinct sets of positions, as bits, that read the same character."""
    readers: dict[Characters, int] = {}
    for position, each in enumerate(characters):
        readers[each] = readers.get(each, 0) | 1 << position
    changes: dict[int, int] = {}
    for each, bits in readers.items():
        for first, last in each.ranges:
            changes[first] = changes.get(first, 0) ^ bits
            changes[last + 1] = changes.get(last + 1, 0) ^ bits
    current = 0
    return {current := current ^ changes[point] for point in sorted(changes)}


def _bits(positions: int) -> Iterator[int]:
    while positions:
        lowest = positions & -positions
        yield lowest.bit_length() - 1
        positions ^= lowest
