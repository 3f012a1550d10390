"""A backtracking engine like Python's that counts its steps, to measure what an expression costs on a text."""

import re
from collections.abc import Callable, Sequence
from re import _constants as sre  # type: ignore[attr-defined]  # the standard library's own syntax tree
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from chalicelib.validation.regex.atoms import atom
from chalicelib.validation.regex.characters import Characters

Then = Callable[[int], bool]
"""What must match from a position in the text on."""


class Backtracking:
    """Matches one expression against whole texts."""

    def __init__(self, expression: str) -> None:
        """Parse an expression that uses the constructs of the field types' expressions."""
        self._tree = parser.parse(expression)
        self._text = ""
        self._steps = 0
        self._atoms: dict[tuple[Any, int], Characters | None] = {}

    def steps(self, text: str) -> int:
        """Return the number of characters read until it is known whether a text matches."""
        self._text, self._steps = text, 0
        found = self._sequence(list(self._tree), 0, lambda at: at == len(text))
        assert found == (re.fullmatch(self._tree.state.str, text) is not None)
        return self._steps

    def _sequence(self, nodes: Sequence[Any], at: int, then: Then) -> bool:
        if not nodes:
            return then(at)
        kind, argument = nodes[0]
        return self._node(kind, argument, at, lambda end: self._sequence(nodes[1:], end, then))

    def _node(self, kind: Any, argument: Any, at: int, then: Then) -> bool:
        characters = self._atom(kind, argument)
        if characters is not None:
            self._steps += 1
            return at < len(self._text) and self._text[at] in characters and then(at + 1)
        match kind:
            case sre.BRANCH:
                return any(self._sequence(list(branch), at, then) for branch in argument[1])
            case sre.SUBPATTERN:
                return self._sequence(list(argument[3]), at, then)
            case sre.ASSERT:
                return self._sequence(list(argument[1]), at, lambda _: True) and then(at)
        assert kind is sre.MAX_REPEAT, kind
        return self._repeat(argument, at, then, 0)

    def _atom(self, kind: Any, argument: Any) -> Characters | None:
        known = kind, id(argument)
        if known not in self._atoms:
            self._atoms[known] = atom(kind, argument, self._tree.state.flags)
        return self._atoms[known]

    def _repeat(self, argument: Any, at: int, then: Then, times: int) -> bool:
        least, most, nodes = argument

        def again(end: int) -> bool:
            return (end > at or times < least) and self._repeat(argument, end, then, times + 1)

        return (times < most and self._sequence(list(nodes), at, again)) or (times >= least and then(at))
