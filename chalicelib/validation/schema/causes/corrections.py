"""Find what is wrong with a text by correcting it: the change that makes it right is the cause."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from attrs import frozen

LONGEST = 200
"""In characters. No cause is looked for in longer cells, unless they hold JSON."""
LONGEST_JSON = 10_000
"""The same for cells that hold JSON."""

Parse = Callable[[str], Any]
"""Returns the value of a text, or None if it is not right."""
Cause = Callable[[str], str | None]
"""Returns what is wrong with a text, or None if that is not known."""

_PLACEHOLDER = re.compile(r"n/?a|n\.a\.|nan|null|none|nil|-{1,3}|\.|\?|unknown|unbekannt|k\.a\.|tbd", re.IGNORECASE)
_SPREADSHEET_ERROR = re.compile(r"#(?:n/a|ref!|value!|name\?|div/0!|num!|null!|spill!|calc!|#+)", re.IGNORECASE)
_QUOTES = "\"'`\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT DOUBLE QUOTATION MARK}"
_ENDS = _QUOTES + "\N{RIGHT DOUBLE QUOTATION MARK}"


@frozen
class Correction:
    """A change that may make a text right."""

    advice: str
    """What to do: `write no thousands separators`."""
    apply: Callable[[str], str]
    """Return the changed text; the same text if there is nothing to change."""


def cause_by_corrections(text: str, parse: Parse, corrections: Iterable[Correction]) -> str | None:
    """Return the advice of the correction that makes a text right, or of several that do so together, in order."""
    corrections = tuple(corrections)
    for correction in corrections:
        corrected = correction.apply(text)
        if corrected != text and parse(corrected) is not None:
            return correction.advice
    advice: list[str] = []
    corrected = text
    for correction in corrections:
        changed = correction.apply(corrected)
        if changed != corrected:
            advice.append(correction.advice)
            corrected = changed
            if parse(corrected) is not None:
                return _listed(advice)
    return None


def general_cause(text: str, parse: Parse, cause: Cause | None, *, no_value: str | None, longest: int) -> str | None:
    """Return a cause that can occur in a cell of any type, or else the type's own.

    `no_value` is how a cell without a value is written; None if there must be one.
    """
    if not text or len(text) > longest:
        return None
    if advice := cause_by_corrections(text, parse, SURROUNDINGS):
        return advice
    bare = text.strip()
    if _SPREADSHEET_ERROR.fullmatch(bare):
        return "this is the error of a spreadsheet's formula"
    if bare.startswith("="):
        return "this is a formula: write its result"
    found = cause(bare) if cause else None
    if found:
        return found
    if _PLACEHOLDER.fullmatch(bare):
        if no_value is None:
            return "a value is required"
        return f"{f'write {no_value}' if no_value else 'leave the cell empty'} where there is no value"
    return None


def _without_invisible(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text.strip()
    spaced = "".join(" " if unicodedata.category(each) == "Zs" else each for each in text)
    return "".join(
        each for each in spaced if unicodedata.category(each) not in {"Cf", "Cc"} or each in "\t\r\n"
    ).strip()


def _unquoted(text: str) -> str:
    return text.strip(_ENDS) if len(text) > 1 and text[0] in _ENDS and text[-1] in _ENDS else text.lstrip("'")


SURROUNDINGS: Sequence[Correction] = (
    Correction("leave out the space around it", lambda text: text.strip(" \t\r\n")),
    Correction("leave out an invisible character, such as a no-break space", _without_invisible),
    Correction("leave out the quotes around it", _unquoted),
)
"""What may surround the text of a cell of any type."""


def _listed(sentences: Sequence[str]) -> str:
    return sentences[0] if len(sentences) == 1 else f"{', '.join(sentences[:-1])}, and {sentences[-1]}"
