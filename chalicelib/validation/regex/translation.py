r"""Translate Python's regular expressions to RE2, as they apply inside a cell.

A pattern is rewritten atom by atom on its syntax tree. An unquoted cell contains no delimiter, so its `.*` must not
match one; in a quoted cell, a quote is written twice. A translated pattern matches exactly the same texts.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from re import _constants as sre  # type: ignore[attr-defined]  # the standard library's own syntax tree
from re import _parser as parser  # type: ignore[attr-defined]
from types import MappingProxyType
from typing import Any

from attrs import frozen

from chalicelib.validation.regex.atoms import atom, flags_within
from chalicelib.validation.regex.characters import NONE, Characters

MAX_ATOMS = 4_000
"""The largest expression of a cell, in atoms that read one character, with all repetitions."""
_MAX_REPEATS = 1_000
"""RE2's limit for the repetitions of an expression."""
_MAX_RANGES = 100_000
"""The most ranges of characters in an expression; `\\w` has about 760."""
_MAX_CHARACTERS = 4 * _MAX_RANGES
"""The longest expression that is parsed; a range has about four characters."""
_MAX_DEPTH = 50
"""The deepest nesting of groups."""


class UntranslatableError(Exception):
    """A pattern looks around, refers back, or is too large for an automaton; the message says what to do."""


@frozen(kw_only=True)
class Writing:
    """How a cell's text is written in the file."""

    excluded: Characters = NONE
    """Characters that cannot be written."""
    doubled: str | None = None
    """The character that is written twice."""
    marked: Characters = NONE
    """Characters that are written between two MARKs."""

    def one_of(self, characters: Characters) -> str:
        """Return an expression for one of these characters."""
        alternatives = [characters.without(self.excluded).without(self.marked).expression()]
        if marked := characters.without(self.marked.complement()) if self.marked else NONE:
            alternatives.append(f"{MARK}{marked.expression()}{MARK}")
        if self.doubled and self.doubled in characters:
            alternatives.append(re.escape(self.doubled * 2))
        return _group(alternatives)

    def any_of(self, characters: Characters, least: int) -> str:
        """Return an expression for `least` (0 or 1) or more of these characters."""
        return f"{self.one_of(characters)}{'+' if least else '*'}"


@frozen(kw_only=True)
class _Context:
    """Where a node is in its pattern: whether anything can match before it, or after it."""

    first: bool = True
    last: bool = True


@lru_cache(maxsize=1024)
def translated(pattern: str, writing: Writing) -> str:
    """Translate a pattern that has to match a whole text; raises UntranslatableError."""
    tree = parsed(pattern)
    return _Translation(writing, tree.state.flags).sequence(tree, _Context())


def searched(pattern: str) -> str:
    """Translate a pattern that may match anywhere to one that matches the whole text; raises UntranslatableError."""
    tree = parsed(pattern)
    writing = text_writing(pattern)
    around = writing.any_of(Characters(()).complement(), 0)
    return f"{around}(?:{_Standalone(writing, tree.state.flags).sequence(tree, _Context())}){around}"


def standalone(nodes: Iterable[Any], flags: int, writing: Writing) -> str:
    """Translate nodes that have to match a whole text that stands alone; raises UntranslatableError."""
    return _Standalone(writing, flags).sequence(nodes, _Context())


def text_writing(pattern: str) -> Writing:
    r"""Return how texts are written for a pattern: with MARKs if it has `\b`, for which RE2 knows ASCII alone."""
    return Writing(marked=_words_beyond_ascii()) if _ASKS_FOR_WORDS.search(pattern) else Writing()


def marked_text(text: str) -> str:
    """Write a text with MARKs around the word characters beyond ASCII."""
    return text if text.isascii() else re.sub(r"[^\W\x00-\x7f]", rf"{MARK}\g<0>{MARK}", text)


MARK = "0"
"""A word character of ASCII. What follows or precedes it can be parsed in one way only."""
_ASKS_FOR_WORDS = re.compile(r"\\[bB]")


@cache
def _words_beyond_ascii() -> Characters:
    words = atom(sre.IN, [(sre.CATEGORY, sre.CATEGORY_WORD)], re.UNICODE) or NONE
    return words.without(Characters.within([(0, 0x7F)]))


@lru_cache(maxsize=16)
def parsed(pattern: str) -> Any:
    """Return a pattern's syntax tree; raises UntranslatableError if it is too long or nested too deeply."""
    if len(pattern) > _MAX_CHARACTERS:
        raise UntranslatableError(TOO_LARGE)
    try:
        return parser.parse(pattern)
    except RecursionError as error:
        raise UntranslatableError(_TOO_DEEP) from error


def width_of(pattern: str) -> tuple[int, int]:
    """Return the shortest and the longest length of a pattern's matches; raises UntranslatableError."""
    least, most = parsed(pattern).getwidth()
    return least, most


def is_translatable(pattern: str) -> bool:
    """Return whether a pattern can be translated."""
    try:
        translated(pattern, Writing())
    except UntranslatableError:
        return False
    return True


class _Translation:
    """Translates one pattern."""

    def __init__(self, writing: Writing, flags: int) -> None:
        self._writing = writing
        self._flags = flags
        self._atoms = 0
        self._ranges = 0
        self._depth = 0
        self._times = 1
        """The number of repetitions of the node that is being translated."""

    def sequence(self, nodes: Iterable[Any], context: _Context) -> str:
        """Translate a sequence of nodes."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise UntranslatableError(_TOO_DEEP)
        written = self._sequence(list(nodes), context)
        self._depth -= 1
        return written

    def _sequence(self, nodes: Sequence[Any], context: _Context) -> str:
        before = [context.first and all(node[0] is sre.AT for node in nodes[:at]) for at in range(len(nodes))]
        after = [context.last and all(map(self._is_end, nodes[at + 1 :])) for at in range(len(nodes))]
        return "".join(
            self._node(kind, argument, _Context(first=first, last=last))
            for (kind, argument), first, last in zip(nodes, before, after, strict=True)
        )

    def _is_end(self, node: Any) -> bool:
        """Return whether a node matches only at the end of the text."""
        return node[0] is sre.AT

    def _node(self, kind: Any, argument: Any, context: _Context) -> str:
        characters = atom(kind, argument, self._flags)
        if characters is not None:
            self._count(characters)
            return self._writing.one_of(characters)
        match kind:
            case sre.BRANCH:
                return _group([self.sequence(branch, context) for branch in argument[1]])
            case sre.SUBPATTERN:
                _, added, removed, nodes = argument
                return self._with_flags(flags_within(self._flags, added, removed), nodes, context)
            case sre.MAX_REPEAT | sre.MIN_REPEAT:
                least, most, nodes = argument
                return self._repeat(least, most, nodes, context)
            case sre.AT:
                return self._anchor(argument, context)
        raise UntranslatableError(_UNSUITED.get(kind, f"it has {kind}"))

    def _anchor(self, argument: Any, context: _Context) -> str:
        """Translate an anchor; the whole text is matched in any case."""
        if (argument in _BEGINNINGS and context.first) or (argument in _ENDS and context.last):
            return ""
        raise UntranslatableError(_UNSUITED[sre.AT])

    def _with_flags(self, flags: int, nodes: Any, context: _Context) -> str:
        outer, self._flags = self._flags, flags
        try:
            return f"(?:{self.sequence(nodes, context)})"
        finally:
            self._flags = outer

    def _repeat(self, least: int, most: int, nodes: Sequence[Any], context: _Context) -> str:
        endless = most == sre.MAXREPEAT
        times = max(least, 1 if endless else most)
        if endless and least <= 1 and len(nodes) == 1:
            kind, argument = nodes[0]
            characters = atom(kind, argument, self._flags)
            if characters is not None:
                self._count(characters)
                return self._writing.any_of(characters, least)
        if times * self._times > _MAX_REPEATS:
            raise UntranslatableError(_TOO_OFTEN)
        self._times *= max(times, 1)
        once = self.sequence(nodes, context if most == 1 else _Context(first=False, last=False))
        self._times //= max(times, 1)
        return f"(?:{once}){{{least},{'' if endless else most}}}"

    def _count(self, characters: Characters) -> None:
        self._atoms += self._times
        self._ranges += len(characters.ranges)
        if self._atoms > MAX_ATOMS or self._ranges > _MAX_RANGES:
            raise UntranslatableError(TOO_LARGE)


class _Standalone(_Translation):
    """Translates one pattern for texts that stand alone, so that its anchors matter."""

    def _is_end(self, node: Any) -> bool:
        return bool(node == (sre.AT, sre.AT_END))

    def _anchor(self, argument: Any, context: _Context) -> str:
        is_of_line = self._flags & re.MULTILINE
        match argument:
            case sre.AT_BEGINNING | sre.AT_BEGINNING_STRING:
                return "(?m:^)" if is_of_line and argument is sre.AT_BEGINNING else r"\A"
            case sre.AT_END if is_of_line:
                return "(?m:$)"
            case sre.AT_END if context.last:
                return r"(?:\n?\z)"  # to Python, a line feed may follow
            case sre.AT_END_STRING:
                return r"\z"
            case sre.AT_BOUNDARY:
                return r"\b"
            case sre.AT_NON_BOUNDARY:
                return r"\B"
        raise UntranslatableError(_UNSUITED[sre.AT])


_BEGINNINGS = (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING)
_ENDS = (sre.AT_END, sre.AT_END_STRING)


_TOO_DEEP = f"groups stand in each other, more than {_MAX_DEPTH} deep: take some apart"
_TOO_OFTEN = f"it repeats something more than {_MAX_REPEATS:,} times: use minLength and maxLength"
TOO_LARGE = f"it is larger than {MAX_ATOMS:,} characters with all repetitions: use minLength, maxLength or enum"
_LOOKS_AROUND = (
    "it looks around, by (?=…), (?!…), (?<=…) or (?<!…), within a group, an alternative, or a text of any length: look "
    "ahead at the beginning, or use enum"
)
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
"""Why a pattern with a node of this kind cannot be translated, and what to do about it."""


def _group(alternatives: Sequence[str]) -> str:
    return alternatives[0] if len(alternatives) == 1 else f"(?:{'|'.join(alternatives)})"
