"""Texts that probably match a pattern, for messages: short, with letters and digits where the pattern allows them."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from re import _constants as sre  # type: ignore[attr-defined]  # the standard library's own syntax tree
from typing import Any

from attrs import define, field

from chalicelib.validation.regex.atoms import atom, flags_within
from chalicelib.validation.regex.translation import parsed

_LONGEST = 100
"""In characters; longer texts are cut off, and so match nothing."""
_EXTRA = (1, 0, 2, 3, 4, 6, 8, 12, 20)
"""How often something is repeated that may be repeated any number of times, beyond what it must be."""
_BRANCHES = 4
"""How many of the alternatives of each group are tried."""
_PREFERRED = (
    "123456789",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "abcdefghijklmnopqrstuvwxyz",
    "0",
    " -_./,:;@+",
    "äöüéèñ",
    "ΑΒΓΔ",
    "αβγδ",
    "абвг",
)


def samples(pattern: str) -> Iterator[str]:
    """Yield texts that match a pattern, unless it looks around or has boundaries: the caller tries each of them."""
    tree = parsed(pattern)
    flags = tree.state.flags
    ahead = [argument[1] for kind, argument in tree if kind is sre.ASSERT and argument[0] == 1]
    alphabets: dict[tuple[int, int], str] = {}
    seen: set[str] = set()
    for branch in range(_BRANCHES):
        for extra in _EXTRA:
            sampler = _Sampler(extra, branch, alphabets)
            text = sampler.text(tree, flags)
            sampler.extra = 0
            needed = "".join(sampler.text(nodes, flags) for nodes in ahead)
            for each in (text, needed + text[len(needed) :], text + needed) if needed else (text,):
                if each not in seen and len(each) <= _LONGEST:
                    seen.add(each)
                    yield each


@define
class _Sampler:
    """Writes one text, with a number of extra repetitions, and with a number of alternatives skipped in each group."""

    extra: int
    branch: int
    alphabets: dict[tuple[int, int], str]
    """Characters that each node of one character matches, by the node and its flags."""
    written: dict[str, int] = field(factory=dict)
    """How many characters of each alphabet were written, so that an example has different ones."""

    def text(self, nodes: Iterable[Any], flags: int) -> str:
        """Return a text for a sequence of nodes, cut off where it becomes too long."""
        text = ""
        for kind, argument in nodes:
            text += self._node(kind, argument, flags)
            if len(text) > _LONGEST:
                break
        return text

    def _node(self, kind: Any, argument: Any, flags: int) -> str:
        if kind is sre.LITERAL:
            return chr(argument)
        match kind:
            case sre.ANY | sre.IN | sre.NOT_LITERAL:
                return self._one_of(kind, argument, flags)
            case sre.BRANCH:
                branches: Sequence[Any] = argument[1]
                return self.text(branches[min(self.branch, len(branches) - 1)], flags)
            case sre.SUBPATTERN:
                _, added, removed, nodes = argument
                return self.text(nodes, flags_within(flags, added, removed))
            case sre.MAX_REPEAT | sre.MIN_REPEAT:
                least, most, nodes = argument
                return self._repeated(least, most, nodes, flags)
        return ""  # an anchor, or what looks around

    def _repeated(self, least: int, most: Any, nodes: Any, flags: int) -> str:
        times = least + self.extra if most == sre.MAXREPEAT else min(max(least, self.extra), int(most))
        text = ""
        for _ in range(times):
            text += self.text(nodes, flags)
            if not text or len(text) > _LONGEST:
                break
        return text

    def _one_of(self, kind: Any, argument: Any, flags: int) -> str:
        node = (id(argument) if kind is sre.IN else hash((kind, argument)), flags)
        if node not in self.alphabets:
            self.alphabets[node] = _alphabet(kind, argument, flags)
        alphabet = self.alphabets[node]
        number = self.written[alphabet] = self.written.get(alphabet, self.branch - 1) + 1
        return alphabet[number % len(alphabet)] if alphabet else ""


def _alphabet(kind: Any, argument: Any, flags: int) -> str:
    """Return characters that a node matches."""
    characters = atom(kind, argument, flags)
    for preferred in _PREFERRED if characters else ():
        if found := "".join(each for each in preferred if characters and each in characters):
            return found
    if not characters:
        return ""
    first, last = characters.ranges[0]
    usual = (chr(code) for code in range(first, min(last + 1, first + _BLOCK)))
    return next((each for each in usual if unicodedata.category(each)[0] in "LN"), chr(first))


_BLOCK = 256
"""How many characters are looked through for a letter or a digit."""
