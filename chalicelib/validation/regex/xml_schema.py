r"""XML Schema's regular expressions, rewritten for Python's syntax.

Class subtraction, `\p{…}`, `\P{…}`, `\i` and `\c` exist in XML Schema alone. A pattern that is an XML Schema expression
has XML Schema's `.`, `\s` and `\w`, too. One with anything else in it, such as `^`, `$`, `(?:` or `\b`, was written for
another engine, and has the classes of that.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import groupby

from chalicelib.validation.regex.atoms import atom
from chalicelib.validation.regex.blocks import block
from chalicelib.validation.regex.characters import ANY, Characters

_TOKEN = re.compile(r"\\[pP]\{(?P<property>[^}]*)\}|\\(?P<escape>.)|(?P<class>\[)|(?P<other>.)", re.DOTALL)
_SUBTRACTION = re.compile(r"-\[")
_NAME_START = r"[:A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f]"
_NAME_START_2 = r"[\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff]"
_NAME_REST = r"[-.0-9\u00b7\u0300-\u036f\u203f-\u2040]"


def to_python(pattern: str) -> str:
    """Rewrite a pattern for Python. Raises re.error if a class or a property cannot be read."""
    is_xsd = _is_xml_schema(pattern)
    has_lines = re.search(r"\(\?[a-zA-Z]*m", pattern) is not None
    written, at = [], 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            raise re.error("it ends in the middle of an escape", pattern, at)
        if token["class"]:
            characters, end = _class(pattern, at, is_xsd=is_xsd)
            written.append(pattern[at:end] if characters is None else _expression(characters))
            at = end
            continue
        characters = _escape(token, is_xsd=is_xsd)
        if characters is not None:
            written.append(_expression(characters))
        elif token["other"] == "." and is_xsd:
            written.append(r"[^\n\r]")
        elif (token["other"] == "$" and not has_lines) or token["escape"] == "z":
            written.append(r"\Z")
        else:
            written.append(token[0])
        at = token.end()
    return re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", "".join(written))


def _is_xml_schema(pattern: str) -> bool:
    """Return whether a pattern uses nothing that XML Schema does not have."""
    outside = re.sub(r"\\[^bBAZzxuU0-9]", "", pattern)
    outside = re.sub(r"\[\^?(?:[^\]\\]|\\.)*\]", "", outside)
    return not re.search(r"[$^]|\(\?|[*+?}][?+]|\\", outside)


def _escape(token: re.Match[str], *, is_xsd: bool) -> Characters | None:
    """Return the characters of an escape that Python does not have, or reads in another way."""
    if (name := token["property"]) is not None:
        characters = _property(name, token)
        return characters.complement() if token[0][1] == "P" else characters
    letter = token["escape"]
    if letter is None or letter.lower() not in ("icsw" if is_xsd else "ic"):
        return None
    characters = _multi_character(letter.lower())
    return characters.complement() if letter.isupper() else characters


@cache
def _multi_character(letter: str) -> Characters:
    match letter:
        case "i":
            return _read(_NAME_START).with_(_read(_NAME_START_2))
        case "c":
            return _multi_character("i").with_(_read(_NAME_REST))
        case "s":
            return Characters.of(" \t\n\r")
    return _category("P").with_(_category("Z")).with_(_category("C")).complement()


def _property(name: str, token: re.Match[str]) -> Characters:
    if name.startswith("Is"):
        characters = block(name.removeprefix("Is"))
    else:
        characters = _category(name) if name and len(name) <= len("Lu") else None
    if characters is None or not (characters or name.startswith("Is")):
        reason = f"no property {name!r}: use a general category such as Lu, or a block such as IsGreek"
        raise re.error(reason, token.string, token.start())
    return characters


@cache
def _category(name: str) -> Characters:
    """Return the characters of a general category of Unicode, or of all that begin so."""
    found = (ranges for category, ranges in _categories().items() if category.startswith(name))
    return Characters.within(each for ranges in found for each in ranges)


@cache
def _categories() -> Mapping[str, list[tuple[int, int]]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for category, codes in groupby(range(sys.maxunicode + 1), lambda code: unicodedata.category(chr(code))):
        run = list(codes)
        found.setdefault(category, []).append((run[0], run[-1]))
    return found


def _class(pattern: str, start: int, *, is_xsd: bool) -> tuple[Characters | None, int]:
    """Read a class; return its characters, or None if Python reads it alike, and where it ends."""
    at = start + 1
    negated = pattern.startswith("^", at)
    at += negated
    parts: list[str] = []
    sets: list[Characters] = []
    subtracted: Characters | None = None
    while not (pattern.startswith("]", at) and (parts or sets)):
        if _SUBTRACTION.match(pattern, at) and (parts or sets):
            inner, end = _class_or_none(pattern, at + 1, is_xsd=is_xsd)
            if inner is not None and pattern.startswith("]", end):
                subtracted, at = inner, end
                break
        token = _TOKEN.match(pattern, at)
        if token is None:
            raise re.error("a class is not closed", pattern, start)
        characters = _escape(token, is_xsd=is_xsd)
        if characters is None:
            parts.append(token[0])
        else:
            sets.append(characters)
        at = token.end()
    at += 1
    if subtracted is None and not sets:
        return None, at
    whole = _read(f"[{''.join(parts)}]") if parts else Characters(())
    for each in sets:
        whole = whole.with_(each)
    whole = whole.complement() if negated else whole
    return whole if subtracted is None else whole.without(subtracted), at


def _class_or_none(pattern: str, start: int, *, is_xsd: bool) -> tuple[Characters | None, int]:
    """Read a class that may be none, as it may only look like a subtraction."""
    try:
        characters, end = _class(pattern, start, is_xsd=is_xsd)
        return (_read(pattern[start:end]) if characters is None else characters), end
    except re.error:
        return None, start


def _read(expression: str) -> Characters:
    """Return the characters of a class that Python can read."""
    ((kind, argument),) = re._parser.parse(expression)  # type: ignore[attr-defined]  # noqa: SLF001
    return atom(kind, argument, re.UNICODE) or ANY


def _expression(characters: Characters) -> str:
    """Write a class of these characters for Python."""
    return f"[{''.join(_ranges(characters))}]" if characters else r"[^\x00-\U0010ffff]"


def _ranges(characters: Characters) -> Iterator[str]:
    for first, last in characters.ranges:
        yield rf"\U{first:08x}" if first == last else rf"\U{first:08x}-\U{last:08x}"
