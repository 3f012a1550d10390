"""How quickly a pattern can be looked for, told before any text is read: by the construction of subsets.

An automaton that reads a text is at several places of its expression at once. Where the sets of places that it can be
at are few, each is worked out once; where each has few places, working it out costs little. A pattern that has neither,
such as `(a|b)*a(a|b){500}`, would take hundreds of steps for every character.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush
from re import _constants as sre  # type: ignore[attr-defined]  # the standard library's own syntax tree
from typing import Any

from attrs import evolve, frozen

from chalicelib.validation.fast.language.atoms import atom, flags_within
from chalicelib.validation.fast.language.characters import Characters
from chalicelib.validation.fast.language.translation import MOST_ATOMS, TOO_LARGE, UntranslatableError, parsed

MOST_SETS = 2_000
"""So many sets of places are few."""
MOST_PLACES = 100
"""A set of so many places has few."""
_MOST_IN_ALL = MOST_ATOMS + 1
"""How many places an expression may have: one for each of its atoms, and one that reads what is before it."""


def is_quick(pattern: str, *, anywhere: bool = False) -> bool:
    """Say whether the automaton of a translatable pattern, which may match anywhere or not, has few sets or small ones.

    The largest sets are looked for first, and not all of those of a pattern that has many. Raises UntranslatableError
    if the pattern has more places than a translatable one can have.
    """
    tree = parsed(pattern)
    places = _Places()
    nodes = _sequence(places, tree, tree.state.flags)
    if anywhere and not _is_anchored(tree):
        before = places.one(Characters(()).complement())
        places.loop(before)
        nodes = places.joined(evolve(before, is_optional=True), nodes)
    kinds = _kinds(places.characters)
    seen: set[int] = set()
    widest = 0
    waiting = [(0, 0)]
    while waiting and len(seen) <= MOST_SETS:
        _, left = heappop(waiting)
        next_places = places.after(left) if left else nodes.first
        for reached in {next_places & kind for kind in kinds} - seen - {0}:
            seen.add(reached)
            widest = max(widest, reached.bit_count())
            heappush(waiting, (-reached.bit_count(), reached))
    return len(seen) <= MOST_SETS or widest <= MOST_PLACES


@frozen
class _Part:
    """A part of an expression: whether it can be empty, and the places where it can begin and end, as bits."""

    is_optional: bool = True
    first: int = 0
    last: int = 0


class _Places:
    """The places of an expression where it reads a character, and for each of them those that can come next."""

    def __init__(self) -> None:
        self.characters: list[Characters] = []
        self._next: list[int] = []
        self._known: dict[tuple[int, str], int] = {}

    def __len__(self) -> int:
        """Say how many there are."""
        return len(self.characters)

    def one(self, characters: Characters) -> _Part:
        """Add a place that reads one of these."""
        bit = 1 << len(self)
        self._add([characters], [0])
        return _Part(is_optional=False, first=bit, last=bit)

    def copies(self, part: _Part, start: int, times: int) -> Sequence[_Part]:
        """Give a part, whose places are those from `start` on, and copies, so many in all; none if it has none."""
        size = len(self) - start
        characters, following = self.characters[start:], self._next[start:]
        shifts = range(0, times * size, size) if size else ()
        for shift in shifts[1:]:
            self._add(characters, [each << shift for each in following])
        return [evolve(part, first=part.first << shift, last=part.last << shift) for shift in shifts]

    def joined(self, left: _Part, right: _Part) -> _Part:
        """Put one part after another."""
        self._link(left.last, right.first)
        return _Part(
            is_optional=left.is_optional and right.is_optional,
            first=left.first | (right.first if left.is_optional else 0),
            last=right.last | (left.last if right.is_optional else 0),
        )

    def loop(self, part: _Part) -> None:
        """Let a part come again and again."""
        self._link(part.last, part.first)

    def after(self, places: int) -> int:
        """Give the places that can come after any of these."""
        following = 0
        for at, digit in enumerate(reversed(f"{places:x}")):
            if digit != "0":
                following |= self._after_some(at * 4, digit)
        return following

    def _after_some(self, start: int, digit: str) -> int:
        """Give those after some of four places in a row, worked out once: the sets have such parts in common."""
        if (start, digit) not in self._known:
            following = 0
            for place in _bits(int(digit, 16) << start):
                following |= self._next[place]
            self._known[start, digit] = following
        return self._known[start, digit]

    def _add(self, characters: Sequence[Characters], following: Sequence[int]) -> None:
        if len(self) + len(characters) > _MOST_IN_ALL:
            raise UntranslatableError(TOO_LARGE)
        self.characters += characters
        self._next += following

    def _link(self, places: int, following: int) -> None:
        for place in _bits(places):
            self._next[place] |= following


def _sequence(places: _Places, nodes: Iterable[Any], flags: int) -> _Part:
    whole = _Part()
    for kind, argument in reversed(list(nodes)):  # so each is linked once, with all that can come after it
        whole = places.joined(_node(places, kind, argument, flags), whole)
    return whole


def _node(places: _Places, kind: Any, argument: Any, flags: int) -> _Part:
    characters = atom(kind, argument, flags)
    if characters is not None:
        return places.one(characters)
    match kind:
        case sre.BRANCH:
            branches = [_sequence(places, branch, flags) for branch in argument[1]]
            return _one_of(branches)
        case sre.SUBPATTERN:
            _, added, removed, nodes = argument
            return _sequence(places, nodes, flags_within(flags, added, removed))
        case sre.MAX_REPEAT | sre.MIN_REPEAT:
            return _repeat(places, argument, flags)
    return _Part()  # an anchor


def _one_of(parts: Sequence[_Part]) -> _Part:
    first = last = 0
    for part in parts:
        first, last = first | part.first, last | part.last
    return _Part(is_optional=any(part.is_optional for part in parts), first=first, last=last)


def _repeat(places: _Places, argument: tuple[int, Any, Sequence[Any]], flags: int) -> _Part:
    least, most, nodes = argument
    is_endless = most == sre.MAXREPEAT
    if most == 0:
        return _Part()
    start = len(places)
    once = _sequence(places, nodes, flags)
    parts = places.copies(once, start, max(least, 1) if is_endless else most)
    if is_endless and parts:
        places.loop(parts[-1])
    rest = _Part()
    for at, part in reversed(list(enumerate(parts))):  # from the last one, which needs all of those before it
        rest = places.joined(part, rest)
        rest = evolve(rest, is_optional=rest.is_optional or at >= least)
    return rest


def _is_anchored(tree: Any) -> bool:
    """Say whether a pattern begins where the text does."""
    kind, argument = tree[0] if tree else (None, None)
    of_line = tree.state.flags & re.MULTILINE and argument is sre.AT_BEGINNING
    return kind is sre.AT and argument in (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING) and not of_line


def _kinds(characters: Iterable[Characters]) -> set[int]:
    """Tell characters apart by which places read them: give these places, as bits, for each kind of character."""
    readers: dict[Characters, int] = {}
    for place, each in enumerate(characters):
        readers[each] = readers.get(each, 0) | 1 << place
    changes: dict[int, int] = {}
    for each, bits in readers.items():
        for first, last in each.ranges:
            changes[first] = changes.get(first, 0) ^ bits
            changes[last + 1] = changes.get(last + 1, 0) ^ bits
    present = 0
    return {present := present ^ changes[point] for point in sorted(changes)}


def _bits(places: int) -> Iterator[int]:
    while places:
        lowest = places & -places
        yield lowest.bit_length() - 1
        places ^= lowest
