"""The characters that a node of Python's regular expression syntax tree matches."""

import re
import sys
from array import array
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from re import _constants as sre  # type: ignore[attr-defined]  # the standard library's own syntax tree
from typing import Any

from chalicelib.validation.regex.characters import ANY, Characters

_KINDS_OF_TEXT = int(re.ASCII | re.LOCALE | re.UNICODE)
"""These flags exclude each other."""
_CASE_AND_ASCII = int(re.IGNORECASE | re.ASCII)
_ANY_IN_LINE = Characters.of("\n").complement()
_CASED_END = 0x20000
"""No character from this code point on has another case."""


def flags_within(flags: int, added: int, removed: int) -> int:
    """Return the flags inside a group that adds and removes some."""
    kept = flags & ~_KINDS_OF_TEXT if added & _KINDS_OF_TEXT else flags
    return (kept | added) & ~removed


def atom(kind: Any, argument: Any, flags: int) -> Characters | None:
    """Return the characters that a node matches; None if it does not match exactly one character."""
    match kind:
        case sre.LITERAL:
            return _of_items(((sre.LITERAL, argument),), flags & _CASE_AND_ASCII)
        case sre.NOT_LITERAL:
            return _of_items(((sre.NEGATE, None), (sre.LITERAL, argument)), flags & _CASE_AND_ASCII)
        case sre.ANY:
            return ANY if flags & re.DOTALL else _ANY_IN_LINE
        case sre.IN:
            return _of_items(tuple(argument), flags & _CASE_AND_ASCII)
    return None


@lru_cache(maxsize=1024)
def _of_items(items: Sequence[tuple[Any, Any]], flags: int) -> Characters:
    """Return the characters of a set; cached, because a pattern that was repeated contains the same sets many times."""
    is_negated = items[0][0] is sre.NEGATE
    listed = items[1:] if is_negated else items
    characters = Characters.within(part for item in listed for part in _ranges(*item, flags))
    return characters.complement() if is_negated else characters


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
