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

from attrs import frozen

from chalicelib.validation.language.atoms import atom, flags_within
from chalicelib.validation.language.characters import Characters
from chalicelib.validation.language.translation import parsed

MOST_SETS = 2_000
"""So many sets of places are few."""
MOST_PLACES = 100
"""A set of so many places has few."""


def is_quick(pattern: str, *, anywhere: bool = False) -> bool:
    """Say whether the automaton of a translatable pattern, which may match anywhere or not, has few sets or small ones.

    The largest sets are looked for first, and not all of those of a pattern that has many.
    """
    tree = parsed(pattern)
    places = _Places()
    nodes = _sequence(places, tree, tree.state.flags)
    if anywhere and not _is_anchored(tree):
        nodes = places.joined(places.repeated(places.one(Characters(()).complement())), nodes)
    kinds = _kinds(places.characters)
    seen: set[int] = set()
    widest = 0
    waiting = [(0, nodes.first)]
    while waiting and len(seen) <= MOST_SETS:
        _, next_places = heappop(waiting)
        for reached in {next_places & kind for kind in kinds} - seen - {0}:
            seen.add(reached)
            widest = max(widest, reached.bit_count())
            heappush(waiting, (-reached.bit_count(), places.after(reached)))
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

    def one(self, characters: Characters) -> _Part:
        """Add a place that reads one of these."""
        bit = 1 << len(self.characters)
        self.characters.append(characters)
        self._next.append(0)
        return _Part(is_optional=False, first=bit, last=bit)

    def joined(self, left: _Part, right: _Part) -> _Part:
        """Put one part after another."""
        self._link(left.last, right.first)
        return _Part(
            is_optional=left.is_optional and right.is_optional,
            first=left.first | (right.first if left.is_optional else 0),
            last=right.last | (left.last if right.is_optional else 0),
        )

    def repeated(self, part: _Part) -> _Part:
        """Let a part come any number of times."""
        self._link(part.last, part.first)
        return _Part(first=part.first, last=part.last)

    def after(self, places: int) -> int:
        """Give the places that can come after any of these."""
        following = 0
        for place in _bits(places):
            following |= self._next[place]
        return following

    def _link(self, places: int, following: int) -> None:
        for place in _bits(places):
            self._next[place] |= following


def _sequence(places: _Places, nodes: Iterable[Any], flags: int) -> _Part:
    whole = _Part()
    for kind, argument in nodes:
        whole = places.joined(whole, _node(places, kind, argument, flags))
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
    if most == sre.MAXREPEAT:
        rest = places.repeated(_sequence(places, nodes, flags))
    else:
        rest = _Part()
        for _ in range(most - least):  # from the last one, which needs all of those before it
            rest = _one_of([places.joined(_sequence(places, nodes, flags), rest), _Part()])
    for _ in range(least):
        rest = places.joined(_sequence(places, nodes, flags), rest)
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
