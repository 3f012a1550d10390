"""Texts on the page of a report, in English, with what the page's script needs to show them in another language."""

import html
import json
from collections.abc import Iterator
from functools import cache

from chalicelib import words

_ON_THE_PAGE = (
    *("report.", "codes.", "causes.", "agreed.", "templates.", "kinds.", "limits.", "dates.", "count.", "rules."),
    *("engineers.", "header.", "keys.", "around.", "upload.unchecked", "verdict.inRows", "repair.title"),
)
"""The beginnings of the keys that a report uses."""


def localized(key: str, element: str = "span", attributes: str = "", **values: object) -> str:
    """Return an element with a text; its values are shown as text, whatever they contain.

    A value that is itself a text of `words` is passed as a pair of its key and its values.
    """
    text = html.escape(words.text(key, **values), quote=False)
    details = f" data-v='{html.escape(json.dumps(values, ensure_ascii=False))}'" if values else ""
    return f"<{element}{f' {attributes}' if attributes else ''} data-t={key}{details}>{text}</{element}>"


@cache
def texts_as_json() -> str:
    """Return the texts of a report in each language, as JSON that can stand in a script element."""
    found = {language: dict(_of_reports(language)) for language in words.LANGUAGES}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _of_reports(language: str) -> Iterator[tuple[str, object]]:
    for key, text in words.texts(language).items():
        if key.startswith(_ON_THE_PAGE):
            yield key, text if isinstance(text, str) else dict(text)
