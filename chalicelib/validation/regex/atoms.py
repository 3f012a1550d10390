"""The characters that a node of Python's regular expression syntax tree matches."""

import re
import sys
from array import array
from collections.abc import Iterator, Sequence
from functools import cache
from re import _constants as sre  # type: ignore[attr-defined]  # the standard library's own syntax tree
from typing import Any

from chalicelib.validation.regex.characters import ANY, Characters

_KINDS_OF_TEXT = re.ASCII | re.LOCALE | re.UNICODE
"""These flags exclude each other."""
_CASED_END = 0x20000
"""No character from this code point on has another case."""


def flags_within(flags: int, added: int, removed: int) -> int:
    """Return the flags inside a group that adds and removes some."""
    kept = flags & ~_KINDS_OF_TEXT if added & _KINDS_OF_TEXT else flags
    return (kept | added) & ~removed


def atom(kind: Any, argument: Any, flags: int) -> Characters | None:
    """Return the characters that a node matches; None if it does not match exactly one character."""
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
    """Yield the ranges of one item of a set."""
    if kind is sre.CATEGORY:
        yield from _category(_CATEGORIES[argument], flags)
        return
    first, last = argument if kind is sre.RANGE else (argument, argument)
    yield first, last
    if flags & re.IGNORECASE:
        # Beyond the basic plane, Python ignores case differently for a range and for a single character.
        form = rf"[\U{first:08x}-\U{last:08x}]" if kind is sre.RANGE else re.escape(chr(first))
        yield from ((ord(each), ord(each)) for each in re.findall(form, _cased(), flags))


_CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
}


@cache
def _category(expression: str, flags: int) -> Sequence[tuple[int, int]]:
    """Return the ranges of all characters that match a class in Python, found by trying each character."""
    found: list[tuple[int, int]] = []
    for first, last in ANY.ranges:
        everything = array("I", range(first, last + 1)).tobytes().decode(f"utf-32-{sys.byteorder[0]}e")
        found += ((ord(run[0]), ord(run[-1])) for run in re.findall(f"{expression}+", everything, flags))
    return tuple(found)


@cache
def _cased() -> str:
    """Return the characters that have another case, and so may equal others if case is ignored."""
    return "".join(each for each in map(chr, range(_CASED_END)) if {each.lower(), each.upper(), each.title()} != {each})
