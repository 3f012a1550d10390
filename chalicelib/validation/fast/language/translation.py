r"""Python's regular expressions, translated into those of an automaton, as they read inside of a cell.

A pattern is rewritten on its syntax tree, atom by atom: an unquoted cell cannot hold a delimiter, so neither can what
its `.*` stands for; in a quoted one a quote is written twice. What is translated says exactly the same about a text.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined]  # the standard library's own syntax tree
from re import _parser as parser  # type: ignore[attr-defined]
from types import MappingProxyType
from typing import Any

from attrs import frozen

from chalicelib.validation.fast.language.atoms import atom, flags_within
from chalicelib.validation.fast.language.characters import NONE, Characters

MOST_ATOMS = 4_000
"""How large the automaton of a cell may become, in characters that its expression could tell apart."""
_MOST_REPEATS = 1_000
"""How often the automaton's library lets an expression repeat another."""
_MOST_RANGES = 100_000
"""How many ranges of characters may be written out; `\\w` has some 760."""
_DEEPEST = 50
"""How deep groups may stand in each other."""


class UntranslatableError(Exception):
    """A pattern looks around, refers back, or would make too large an automaton; the message says what to do."""


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


@lru_cache(maxsize=1024)
def translated(pattern: str, writing: Writing) -> str:
    """Translate a pattern that a whole text has to match; raises UntranslatableError."""
    tree = parsed(pattern)
    return _Translation(writing, tree.state.flags).sequence(tree, _Place())


def searched(pattern: str) -> str:
    """Translate a pattern that may match anywhere in a text into one for the whole; raises UntranslatableError."""
    tree = parsed(pattern)
    return f"(?s:.*)(?:{_Search(Writing(), tree.state.flags).sequence(tree, _Place())})(?s:.*)"


def parsed(pattern: str) -> Any:
    """Give a pattern's syntax tree; raises UntranslatableError if it is too deep for that."""
    try:
        return parser.parse(pattern)
    except RecursionError as error:
        raise UntranslatableError(_TOO_DEEP) from error


def width_of(pattern: str) -> tuple[int, int]:
    """Give how few and how many characters the texts that match a pattern have; raises UntranslatableError."""
    least, most = parsed(pattern).getwidth()
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
        self._ranges = 0
        self._depth = 0
        self._times = 1
        """How often the expression repeats what is being written."""

    def sequence(self, nodes: Iterable[Any], place: _Place) -> str:
        """Write one thing after another."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise UntranslatableError(_TOO_DEEP)
        written = self._sequence(list(nodes), place)
        self._depth -= 1
        return written

    def _sequence(self, nodes: Sequence[Any], place: _Place) -> str:
        before = [place.first and all(node[0] is sre.AT for node in nodes[:at]) for at in range(len(nodes))]
        after = [place.last and all(map(self._is_end, nodes[at + 1 :])) for at in range(len(nodes))]
        return "".join(
            self._node(kind, argument, _Place(first=first, last=last))
            for (kind, argument), first, last in zip(nodes, before, after, strict=True)
        )

    def _is_end(self, node: Any) -> bool:
        """Say whether nothing but the end of the text can follow what stands before a node."""
        return node[0] is sre.AT

    def _node(self, kind: Any, argument: Any, place: _Place) -> str:
        characters = atom(kind, argument, self._flags)
        if characters is not None:
            self._count(characters)
            return self._writing.one_of(characters)
        match kind:
            case sre.BRANCH:
                return _group([self.sequence(branch, place) for branch in argument[1]])
            case sre.SUBPATTERN:
                _, added, removed, nodes = argument
                return self._with_flags(flags_within(self._flags, added, removed), nodes, place)
            case sre.MAX_REPEAT | sre.MIN_REPEAT:
                least, most, nodes = argument
                return self._repeat(least, most, nodes, place)
            case sre.AT:
                return self._anchor(argument, place)
        raise UntranslatableError(_UNSUITED.get(kind, f"it has {kind}"))

    def _anchor(self, argument: Any, place: _Place) -> str:
        """Write what asks where in the text it stands; the whole text is matched in any case."""
        if (argument in _BEGINNINGS and place.first) or (argument in _ENDS and place.last):
            return ""
        raise UntranslatableError(_UNSUITED[sre.AT])

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
            characters = atom(kind, argument, self._flags)
            if characters is not None:
                self._count(characters)
                return self._writing.any_of(characters, least)
        if times * self._times > _MOST_REPEATS:
            raise UntranslatableError(_TOO_OFTEN)
        self._times *= max(times, 1)
        once = self.sequence(nodes, place if most == 1 else _Place(first=False, last=False))
        self._times //= max(times, 1)
        return f"(?:{once}){{{least},{'' if endless else most}}}"

    def _count(self, characters: Characters) -> None:
        self._atoms += self._times
        self._ranges += len(characters.ranges)
        if self._atoms > MOST_ATOMS or self._ranges > _MOST_RANGES:
            raise UntranslatableError(TOO_LARGE)


class _Search(_Translation):
    """Writes one pattern anew that may match anywhere, where anchors mean something."""

    def _is_end(self, node: Any) -> bool:
        return bool(node == (sre.AT, sre.AT_END))

    def _anchor(self, argument: Any, place: _Place) -> str:
        is_of_line = self._flags & re.MULTILINE
        match argument:
            case sre.AT_BEGINNING | sre.AT_BEGINNING_STRING:
                return "(?m:^)" if is_of_line and argument is sre.AT_BEGINNING else r"\A"
            case sre.AT_END if is_of_line:
                return "(?m:$)"
            case sre.AT_END if place.last:
                return r"(?:\n?\z)"  # to Python, a line feed may follow
            case sre.AT_END_STRING:
                return r"\z"
        raise UntranslatableError(_UNSUITED[sre.AT])


_BEGINNINGS = (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING)
_ENDS = (sre.AT_END, sre.AT_END_STRING)


_TOO_DEEP = f"groups stand in each other, more than {_DEEPEST} deep: take some apart"
_TOO_OFTEN = f"it repeats something more than {_MOST_REPEATS:,} times: use minLength and maxLength"
TOO_LARGE = f"it is larger than {MOST_ATOMS:,} characters with all repetitions: use minLength, maxLength or enum"
_LOOKS_AROUND = "it looks around, by (?=…), (?!…), (?<=…) or (?<!…): write out what all of it is like, or use enum"
_LOOKS_BACK = r"it refers back to a group, by \1, (?P=…) or (?(1)…): write out the alternatives"
_UNSUITED: Mapping[Any, str] = MappingProxyType(
    {
        **dict.fromkeys((sre.ASSERT, sre.ASSERT_NOT, sre.FAILURE), _LOOKS_AROUND),
        **dict.fromkeys((sre.GROUPREF, sre.GROUPREF_EXISTS), _LOOKS_BACK),
        sre.POSSESSIVE_REPEAT: "it never gives back what it repeats, by *+, ++, ?+ or {…}+: leave the last + out",
        sre.ATOMIC_GROUP: "it never goes back into a group, by (?>…): write (?:…)",
        sre.AT: r"it asks for a beginning, an end or the boundary of a word, by ^, $, \A, \Z, \b or \B, inside: "
        "leave that out, or write which characters may stand there",
    }
)
"""Why a pattern cannot be translated that has a node of this kind, and what to do about it."""


def _group(alternatives: Sequence[str]) -> str:
    return alternatives[0] if len(alternatives) == 1 else f"(?:{'|'.join(alternatives)})"
