r"""Python's regular expressions, translated into those of an automaton, as they read inside of a cell.

A pattern is rewritten on its syntax tree, atom by atom: an unquoted cell cannot hold a delimiter, so neither can what
its `.*` stands for; in a quoted one a quote is written twice. What is translated says exactly the same about a text.
"""

import re
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from re import _constants as sre  # type: ignore[attr-defined]  # the standard library's own syntax tree
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from attrs import frozen

from chalicelib.validation.language.characters import ANY, NONE, Characters

MOST_ATOMS = 4_000
"""How large the automaton of a cell may become, in characters that its expression could tell apart."""
_MOST_REPEATS = 1_000
"""How often the automaton's library lets an expression repeat another."""


_DEEPEST = 50
"""How deep groups may stand in each other."""


class UntranslatableError(Exception):
    """A pattern looks around, refers back, or would make too large an automaton."""


@frozen(kw_only=True)
class Writing:
    """How a cell writes its text."""

    excluded: Characters = NONE
    """What cannot stand in it as it is."""
    doubled: str | None = None
    """What is written twice."""
    pairs_breaks: bool = False
    """Whether CR and LF can be in it, but CR only before LF."""

    def one_of(self, characters: Characters) -> str:
        """Write an expression for one of these characters."""
        alternatives = [characters.without(self.excluded).expression()]
        if self.doubled and self.doubled in characters:
            alternatives.append(re.escape(self.doubled * 2))
        return _group(alternatives)

    def any_of(self, characters: Characters, least: int) -> str:
        """Write an expression for `least` or more of these characters, `least` being 0 or 1."""
        one = self.one_of(characters)
        if self.pairs_breaks and "\r" in characters and "\n" in characters:
            one = _group([one, r"\r\n"])
        return f"{one}{'+' if least else '*'}"


@frozen(kw_only=True)
class _Place:
    """Where in a pattern something stands: nothing need come before it, or after it."""

    first: bool = True
    last: bool = True


@cache
def translated(pattern: str, writing: Writing) -> str:
    """Translate a pattern that a whole text has to match; raises UntranslatableError."""
    try:
        tree = parser.parse(pattern)
        return _Translation(writing, tree.state.flags).sequence(tree, _Place())
    except RecursionError as error:
        raise UntranslatableError("too deep") from error


def width_of(pattern: str) -> tuple[int, int]:
    """Give how few and how many characters the texts that match a pattern have; raises UntranslatableError."""
    try:
        least, most = parser.parse(pattern).getwidth()
    except RecursionError as error:
        raise UntranslatableError("too deep") from error
    return least, most


def is_translatable(pattern: str) -> bool:
    """Say whether a pattern can be translated."""
    try:
        translated(pattern, Writing())
    except UntranslatableError:
        return False
    return True


class _Translation:
    """Writes one pattern anew."""

    def __init__(self, writing: Writing, flags: int) -> None:
        self._writing = writing
        self._flags = flags
        self._atoms = 0
        self._depth = 0
        self._times = 1
        """How often the expression repeats what is being written."""

    def sequence(self, nodes: Iterable[Any], place: _Place) -> str:
        """Write one thing after another."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise UntranslatableError("too deep")
        written = self._sequence(list(nodes), place)
        self._depth -= 1
        return written

    def _sequence(self, nodes: Sequence[Any], place: _Place) -> str:
        before = [place.first and all(node[0] is sre.AT for node in nodes[:at]) for at in range(len(nodes))]
        after = [place.last and all(node[0] is sre.AT for node in nodes[at + 1 :]) for at in range(len(nodes))]
        return "".join(
            self._node(kind, argument, _Place(first=first, last=last))
            for (kind, argument), first, last in zip(nodes, before, after, strict=True)
        )

    def _node(self, kind: Any, argument: Any, place: _Place) -> str:
        characters = _atom(kind, argument, self._flags)
        if characters is not None:
            self._count(1)
            return self._writing.one_of(characters)
        match kind:
            case sre.BRANCH:
                return _group([self.sequence(branch, place) for branch in argument[1]])
            case sre.SUBPATTERN:
                _, added, removed, nodes = argument
                kept = self._flags & ~_KINDS_OF_TEXT if added & _KINDS_OF_TEXT else self._flags
                return self._with_flags((kept | added) & ~removed, nodes, place)
            case sre.MAX_REPEAT | sre.MIN_REPEAT:
                least, most, nodes = argument
                return self._repeat(least, most, nodes, place)
            case sre.AT if (argument in _BEGINNINGS and place.first) or (argument in _ENDS and place.last):
                return ""
        raise UntranslatableError(str(kind))

    def _with_flags(self, flags: int, nodes: Any, place: _Place) -> str:
        outer, self._flags = self._flags, flags
        try:
            return f"(?:{self.sequence(nodes, place)})"
        finally:
            self._flags = outer

    def _repeat(self, least: int, most: int, nodes: Sequence[Any], place: _Place) -> str:
        endless = most == sre.MAXREPEAT
        times = max(least, 1 if endless else most)
        if endless and least <= 1 and len(nodes) == 1:
            kind, argument = nodes[0]
            characters = _atom(kind, argument, self._flags)
            if characters is not None:
                self._count(1)
                return self._writing.any_of(characters, least)
        if times * self._times > _MOST_REPEATS:
            raise UntranslatableError("too many repetitions")
        self._times *= max(times, 1)
        once = self.sequence(nodes, place if most == 1 else _Place(first=False, last=False))
        self._times //= max(times, 1)
        return f"(?:{once}){{{least},{'' if endless else most}}}"

    def _count(self, atoms: int) -> None:
        self._atoms += atoms * self._times
        if self._atoms > MOST_ATOMS:
            raise UntranslatableError("too large")


_KINDS_OF_TEXT = re.ASCII | re.LOCALE | re.UNICODE
"""One of these takes the place of another."""
_BEGINNINGS = (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING)
_ENDS = (sre.AT_END, sre.AT_END_STRING)


def _group(alternatives: Sequence[str]) -> str:
    return alternatives[0] if len(alternatives) == 1 else f"(?:{'|'.join(alternatives)})"


# --- what one character may be --------------------------------------------------------------------------------------


def _atom(kind: Any, argument: Any, flags: int) -> Characters | None:
    """Give the characters that a node stands for; None if it is no node for one character."""
    match kind:
        case sre.LITERAL | sre.NOT_LITERAL:
            listed = [(sre.LITERAL, argument)]
        case sre.ANY:
            return ANY if flags & re.DOTALL else Characters.of("\n").complement()
        case sre.IN:
            listed = list(argument)
        case _:
            return None
    negated = kind is sre.NOT_LITERAL
    if listed[0][0] is sre.NEGATE:
        negated, listed = True, listed[1:]
    ranges = [part for item in listed for part in _ranges(*item, flags & (re.IGNORECASE | re.ASCII))]
    characters = Characters.within(ranges)
    return characters.complement() if negated else characters


def _ranges(kind: Any, argument: Any, flags: int) -> Iterator[tuple[int, int]]:
    """Give the ranges of one item of a set."""
    if kind is sre.CATEGORY:
        yield from _as_python_has_it(_CATEGORIES[argument], flags)
        return
    first, last = argument if kind is sre.RANGE else (argument, argument)
    if flags & re.IGNORECASE:
        yield from _as_python_has_it(rf"[\U{first:08x}-\U{last:08x}]", flags)
    else:
        yield first, last


_CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
}


@cache
def _as_python_has_it(expression: str, flags: int) -> Sequence[tuple[int, int]]:
    """Give the characters that Python takes for this, by trying all of them."""
    found = []
    for first, last in ANY.ranges:
        everything = array("I", range(first, last + 1)).tobytes().decode(f"utf-32-{sys.byteorder[0]}e")
        found += [(ord(match[0][0]), ord(match[0][-1])) for match in re.finditer(f"{expression}+", everything, flags)]
    return tuple(found)
