"""What a column holds, in words: as keys of `words` with their values."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib import words
from chalicelib.validation.reporting.agreement import AgreedColumn

Phrase = tuple[str, Mapping[str, Any]]
"""The key of a text and its values, which may be phrases."""
_DECIMALS = {".": "kinds.number.point", ",": "kinds.number.comma"}
_DIRECTIVE = re.compile(r"%(\w)")


def holds(column: AgreedColumn, language: str = words.ENGLISH) -> Phrase:
    """Return what kind of value a column holds; the letters in the format of a date are those of the language."""
    kind = f"kinds.{column.type}"
    if column.decimal_char:
        exact = _DECIMALS.get(column.decimal_char)
        return (exact, {}) if exact else ("kinds.number.char", {"char": column.decimal_char})
    if column.format is None:
        return kind, {}
    if f"{kind}.{column.format}" in words.texts():
        return f"{kind}.{column.format}", {}
    if f"dates.{column.format}" in words.texts():
        return "kinds.written", {"kind": (kind, {}), "format": (f"dates.{column.format}", {})}
    return "kinds.written", {
        "kind": (kind, {}),
        "format": _DIRECTIVE.sub(lambda found: _part(found, language), column.format),
    }


def conditions(column: AgreedColumn) -> Iterator[Phrase]:
    """Iterate over the conditions on the values of a column."""
    for each in column.limits:
        key = f"limits.{each.name}"
        is_counted = not isinstance(words.texts()[key], str)
        yield key, {"limit": each.limit, "count": int(each.limit)} if is_counted else {"limit": each.limit}
    if column.unique:
        yield "agreed.unique", {}


def as_text(column: AgreedColumn, language: str) -> str:
    """Return all that was agreed about a column, a sentence a line."""
    phrases = [holds(column, language), *conditions(column)]
    about = [column.title, column.description, *(words.text(key, language, **values) for key, values in phrases)]
    about.append(
        _named("agreed.required", [words.text(f"agreed.{'yes' if column.required else 'no'}", language)], language)
    )
    if column.examples:
        about.append(_named("agreed.examples", column.examples, language))
    if column.allowed:
        more = column.allowed_count - len(column.allowed)
        rest = [words.text("agreed.more", language, count=more)] if more else []
        about.append(_named("agreed.allowed", [*column.allowed, *rest], language))
    return "\n".join(filter(None, about))


def _part(directive: re.Match[str], language: str) -> str:
    """Return a directive of a date as people write it: `%d` is `DD`."""
    found = words.texts(language).get(f"dates.{directive[1]}")
    return found if isinstance(found, str) else directive[0]


def _named(key: str, values: list[str] | tuple[str, ...], language: str) -> str:
    return f"{words.text(key, language)}: {', '.join(values)}"
