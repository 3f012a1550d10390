"""What people read, in each language: one JSON file a language, for the page and for the reports.

A text may have placeholders, as in `{count} rows`. A text that depends on a number is an object with the forms `one`
and `other`, which the placeholder `count` selects. `tests/words` compares the languages: each has the same texts with
the same placeholders. The messages of errors in JSON are no part of this: they are English, because programs read them.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

ENGLISH = "en"
LANGUAGES = (ENGLISH, "de")
"""The languages, by their codes in HTML; the first one serves where none of them is wanted."""
FORMS = frozenset({"one", "other"})
"""The forms of a text that depends on a number."""

Text = str | Mapping[str, str]
_GROUP = MappingProxyType({ENGLISH: ",", "de": "."})
"""What separates the thousands of a number."""
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@cache
def texts(language: str = ENGLISH) -> Mapping[str, Text]:
    """Return all texts of a language by their keys, as in `history.title`."""
    content = resources.files(__name__).joinpath(f"{language}.json").read_text("utf-8")
    return MappingProxyType(dict(_flattened(json.loads(content), "")))


def text(key: str, language: str = ENGLISH, /, **values: object) -> str:
    """Return a text with its placeholders filled in; a value may be another key with its values.

    Raises KeyError for an unknown key or a missing value.
    """
    found = texts(language)[key]
    template = found if isinstance(found, str) else found["one" if values["count"] == 1 else "other"]
    return _PLACEHOLDER.sub(lambda name: _shown(values[name[1]], language), template)


def placeholders(found: Text) -> frozenset[str]:
    """Return the names of the placeholders of a text, in all its forms."""
    forms = [found] if isinstance(found, str) else found.values()
    return frozenset(name for form in forms for name in _PLACEHOLDER.findall(form))


def preferred(accept_language: str) -> str:
    """Return the language that a header `Accept-Language` asks for first, of those that exist."""
    wanted = sorted(_ranges(accept_language), key=lambda each: -each[0])
    return next((tag for _, tag in wanted if tag in LANGUAGES), ENGLISH)


def _ranges(header: str) -> Iterator[tuple[float, str]]:
    """Iterate over the languages of the header with their weights, those with the weight 0 left out."""
    for each in header.lower().split(","):
        tag, _, weight = each.strip().partition(";q=")
        try:
            quality = float(weight or 1)
        except ValueError:
            continue
        if quality > 0:
            yield quality, tag.partition("-")[0].strip()


def _flattened(node: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Text]]:
    for name, value in node.items():
        if isinstance(value, str) or value.keys() == FORMS:
            yield prefix + name, value
        else:
            yield from _flattened(value, f"{prefix}{name}.")


def _shown(value: object, language: str) -> str:
    if isinstance(value, tuple):
        key, values = value
        return text(key, language, **values)
    return f"{value:,}".replace(",", _GROUP[language]) if type(value) is int else str(value)
