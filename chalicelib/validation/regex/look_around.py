"""Patterns that look around, as several conditions on the whole text, each an automaton of its own.

That a look-ahead holds depends on where it stands in a text. After a part of a fixed length, such as the beginning or
`[A-Z]{2}`, that place is known: the text as a whole matches this part, what is looked for, and anything. The same holds
for a look-behind before a part of a fixed length.
"""

import re
from collections.abc import Sequence
from re import _constants as sre  # type: ignore[attr-defined]  # the standard library's own syntax tree
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from attrs import frozen

from chalicelib.validation.regex.translation import parsed, standalone, text_writing

_ANYTHING = (sre.MAX_REPEAT, (0, sre.MAXREPEAT, [(sre.SUBPATTERN, (None, re.DOTALL, 0, [(sre.ANY, None)]))]))
_LOOKS = (sre.ASSERT, sre.ASSERT_NOT)
_AHEAD = 1


@frozen
class Condition:
    """What a part of a pattern requires of the whole text."""

    nodes: tuple[Any, ...]
    flags: int
    expression: str
    is_negated: bool


def conditions(pattern: str) -> tuple[Condition, ...]:
    """Split a pattern into conditions, the last of which is the pattern without what looks around.

    Raises UntranslatableError if a place that it looks around from is not known.
    """
    tree = parsed(pattern)
    nodes, flags, writing = _flat(tree), tree.state.flags, text_writing(pattern)
    found = []
    for at, (kind, argument) in enumerate(nodes):
        if kind in _LOOKS and (required := _required(nodes, at, argument, tree.state)):
            written = standalone(required, flags, writing)
            found.append(Condition(required, flags, written, kind is sre.ASSERT_NOT))
    rest = _without_looks(nodes) if len(found) == sum(node[0] in _LOOKS for node in nodes) else tuple(nodes)
    return (*found, Condition(rest, flags, standalone(rest, flags, writing), is_negated=False))


def _flat(nodes: Sequence[Any]) -> list[Any]:
    """Return nodes with those of groups in place of the groups, unless these change the flags."""
    flat: list[Any] = []
    for kind, argument in nodes:
        if kind is sre.SUBPATTERN and not argument[1] and not argument[2]:
            flat += _flat(argument[3])
        else:
            flat.append((kind, argument))
    return flat


def _required(nodes: Sequence[Any], at: int, argument: Any, state: Any) -> tuple[Any, ...]:
    """Return what the whole text must match, or must not match, because of what looks around at a place."""
    direction, looked_for = argument
    before, after = _without_looks(nodes[:at]), _without_looks(nodes[at + 1 :])
    if direction == _AHEAD and _is_fixed(before, state):
        return (*before, *looked_for, _ANYTHING)
    if direction != _AHEAD and _is_fixed(after, state):
        return (_ANYTHING, *looked_for, *after)
    return ()


def _without_looks(nodes: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(node for node in nodes if node[0] not in _LOOKS)


def _is_fixed(nodes: Sequence[Any], state: Any) -> bool:
    """Return whether all texts that match these nodes are of one length."""
    least, most = parser.SubPattern(state, list(nodes)).getwidth()
    return bool(least == most)
