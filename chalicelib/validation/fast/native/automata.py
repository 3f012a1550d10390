"""Compiles several patterns to one deterministic automaton over classes of code points.

The automaton reads a text once and returns which of the patterns match it. Patterns that need too large an automaton
are left to the reference.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from re import _constants as sre  # type: ignore[attr-defined]  # the standard library's own syntax tree
from typing import Any

from attrs import frozen

from chalicelib.validation.regex.characters import END, next_character
from chalicelib.validation.regex.cost import Positions, sequence
from chalicelib.validation.regex.translation import UntranslatableError, is_translatable, parsed

Row = tuple[int, ...]
"""The next state for each kind of character."""

MOST_STATES = 1_500
_MOST_TRANSITIONS = 40_000
_MOST_MINIMIZED = 400
"""An automaton of more states is not minimized, because it would not become small."""
_ANCHORS = {sre.AT_BEGINNING, sre.AT_BEGINNING_STRING}, {sre.AT_END, sre.AT_END_STRING}


class TooLarge(Exception):
    """The patterns make too large an automaton, or none."""


@frozen
class Automaton:
    """A deterministic automaton. A text starts in state 0."""

    rows: Sequence[Row]
    accepted: Sequence[int]
    """For a text that ends in a state, the patterns that match it, as bits; or what `mapped` made of these."""
    points: Sequence[tuple[int, int]]
    """The first code point of each range, and the kind of the characters in that range."""

    @cached_property
    def dead(self) -> int | None:
        """The state that no character leaves; None if there is none."""
        return next((state for state, row in enumerate(self.rows) if set(row) == {state}), None)

    def mapped(self, meaning: Callable[[int], int]) -> "Automaton":
        """Return an automaton that returns `meaning(bits)` for each text, minimized if it is small."""
        meanings: Mapping[int, int] = {bits: meaning(bits) for bits in set(self.accepted)}
        accepted = [meanings[bits] for bits in self.accepted]
        if len(accepted) > _MOST_MINIMIZED:
            return Automaton(self.rows, accepted, self.points)
        rows, accepted = _minimized(self.rows, accepted)
        return _with_fewer_kinds(Automaton(rows, accepted, self.points))

    def accepts(self, text: str) -> int:
        """Return the value in `accepted` for a text."""
        from bisect import bisect_right  # noqa: PLC0415 - for tests alone

        starts, state = [start for start, _ in self.points], 0
        for character in text:
            state = self.rows[state][self.points[bisect_right(starts, ord(character)) - 1][1]]
        return self.accepted[state]


def automaton(patterns: Sequence[str], most_states: int = MOST_STATES) -> Automaton:
    """Compile patterns that match whole texts; raises TooLarge."""
    positions = Positions()
    parts = []
    for pattern in patterns:
        tree = parsed(pattern)
        if not (_is_plain(tree) and is_translatable(pattern)):
            raise TooLarge
        try:
            parts.append(sequence(positions, tree, tree.state.flags))
        except UntranslatableError as error:
            raise TooLarge from error
    points, readers = _kinds(positions)
    first = 0
    for part in parts:
        first |= part.first
    numbers: dict[int, int] = {-1: 0}  # sets of positions; the beginning is a set of its own
    waiting = [-1]
    rows: list[Row] = []
    for reached in waiting:  # which grows meanwhile
        following = first if reached < 0 else positions.after(reached) if reached else 0
        row = []
        for reader in readers:
            target = following & reader
            if target not in numbers:
                numbers[target] = len(numbers)
                waiting.append(target)
            row.append(numbers[target])
        rows.append(tuple(row))
        if len(numbers) > most_states or len(numbers) * len(readers) > _MOST_TRANSITIONS:
            raise TooLarge
    accepted = [
        sum(1 << at for at, part in enumerate(parts) if (part.is_optional if reached < 0 else reached & part.last))
        for reached in waiting
    ]
    return Automaton(rows, accepted, points)


def _kinds(positions: Positions) -> tuple[list[tuple[int, int]], list[int]]:
    """Group characters by the positions that read them; return the ranges, and the positions of each kind as bits.

    Surrogates have no kind: no text contains them, and their kind would add a state to the automaton of any text.
    """
    changes: dict[int, int] = {0: 0}
    for at, characters in enumerate(positions.characters):
        for first, last in characters.ranges:
            for point in (first, next_character(last)):
                changes[point] = changes.get(point, 0) ^ 1 << at
    changes.pop(END, None)
    kinds: dict[int, int] = {}
    points: list[tuple[int, int]] = []
    present = 0
    for point in sorted(changes):
        present ^= changes[point]
        kind = kinds.setdefault(present, len(kinds))
        if not points or points[-1][1] != kind:
            points.append((point, kind))
    return points, list(kinds)


def _is_plain(tree: Any) -> bool:
    """Return whether a pattern has no anchors except at its beginning and at its end."""
    nodes = list(tree)
    if nodes and nodes[0][0] is sre.AT and nodes[0][1] in _ANCHORS[0]:
        nodes = nodes[1:]
    if nodes and nodes[-1][0] is sre.AT and nodes[-1][1] in _ANCHORS[1]:
        nodes = nodes[:-1]
    return not any(_has_anchor(node) for node in nodes)


def _has_anchor(node: Any) -> bool:
    """Return whether a node is or contains an anchor."""
    kind, argument = node
    if kind is sre.AT:
        return True
    match kind:
        case sre.BRANCH:
            return any(_has_anchor(each) for branch in argument[1] for each in branch)
        case sre.SUBPATTERN | sre.MAX_REPEAT | sre.MIN_REPEAT:
            return any(map(_has_anchor, argument[-1]))
    return False


def _minimized(rows: Sequence[Row], accepted: Sequence[int]) -> tuple[list[Row], list[int]]:
    """Merge equivalent states (Moore)."""
    groups = list(accepted)
    count = len(set(groups))
    following = [itemgetter(*row, state) for state, row in enumerate(rows)]
    while True:
        seen: dict[tuple[int, ...], int] = {}
        groups = [seen.setdefault(of(groups), len(seen)) for of in following]
        if len(seen) == count:
            break
        count = len(seen)
    order: dict[int, int] = {}
    example: list[int] = []
    for state, group in enumerate(groups):
        if group not in order:
            order[group] = len(order)
            example.append(state)
    smaller = [tuple(order[groups[to]] for to in rows[state]) for state in example]
    return smaller, [accepted[state] for state in example]


def _with_fewer_kinds(made: Automaton) -> Automaton:
    """Merge the kinds of characters that lead to the same states."""
    columns: dict[Row, int] = {}
    kinds = [columns.setdefault(column, len(columns)) for column in zip(*made.rows, strict=True)]
    points: list[tuple[int, int]] = []
    for point, kind in made.points:
        if not points or points[-1][1] != kinds[kind]:
            points.append((point, kinds[kind]))
    return Automaton(list(zip(*columns, strict=True)), made.accepted, points)


def layers(rows: Sequence[Row], dead: int | None, widest: int, most: int = 64) -> list[list[int]] | None:
    """Return the states after 0, 1, 2 … characters; the last list is that of all further characters, too.

    None if a list has more than `widest` states, or if there are more than `most` lists.
    """
    present = frozenset({0}) - {dead}
    found: list[list[int]] = []
    while len(found) <= most and len(present) <= widest:
        found.append(sorted(present))
        following = frozenset(to for state in present for to in rows[state]) - {dead}
        if following == present:
            return found
        present = following
    return None
