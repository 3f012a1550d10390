"""One column of a sample, and the field that it proposes."""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from attrs import define, field

from chalicelib.validation.inference.candidates import COMPACT_DATE, MISSING_TEXTS, TEXT, booleans, candidates
from chalicelib.validation.inference.parsed_sample import json_text
from chalicelib.validation.report import Fault

_CODE = re.compile(r"[-+]?0[0-9][0-9.,]*|[0-9]{19,}|\+[0-9]+")
"""Digits that are a text: with leading zeros, with more digits than a number keeps, or with a plus sign."""
_EXPONENT = re.compile(r"[0-9]+[eE]\+?[0-9]+")
"""A code such as 49018e16, or a number; it is a number only beside numbers with a point."""
_COMPACT_DATE = re.compile(r"(?:19|20)[0-9]{6}")
_MIN_COMPACT_DATES = 2

_MAX_ENUM = 10
"""The most values of an enumeration."""
_ENUM_REPEATS = 5
"""How often the values of an enumeration are repeated on average."""
_MAX_ENUM_LENGTH = 40


@define
class Column:
    """The cells of one column."""

    name: str
    texts: Counter[str] = field(factory=Counter)
    """The cells that are not empty, with their numbers."""
    gaps: int = 0
    """The number of empty and missing cells."""

    def add(self, cell: str | Fault | None) -> None:
        """Add the cell of one row."""
        text = json_text(cell) if isinstance(cell, Fault) else cell
        if text:
            self.texts[text] += 1
        else:
            self.gaps += 1

    def missing_texts(self, delimiter: str) -> frozenset[str]:
        """Return the texts that stand for "no value": without them, the column is of another type than text."""
        found = frozenset(text for text in self.texts if text in MISSING_TEXTS or text.isspace())
        rest = self.texts.keys() - found
        if not found or not rest or _kind(self.texts, delimiter)[0] != TEXT:
            return frozenset()
        return frozenset() if _kind(rest, delimiter)[0] == TEXT else found

    def propose(self, missing: Collection[str], delimiter: str) -> tuple[dict[str, Any], str | None]:
        """Return a field descriptor, and a note about it if there is one."""
        values = {text: count for text, count in self.texts.items() if text not in missing}
        kind, note = _kind(values, delimiter)
        constraints: dict[str, Any] = {}
        if values and not self.gaps and len(values) == len(self.texts):
            constraints["required"] = True
        if kind == TEXT and _is_enumeration(values):
            constraints["enum"] = sorted(values)
        descriptor = {"name": self.name, **kind} | ({"constraints": constraints} if constraints else {})
        return descriptor, f"{self.name}: {note}" if note else None

    def is_key(self, missing: Collection[str]) -> bool:
        """Return whether every row has a value, and all are different."""
        return not self.gaps and bool(self.texts) and set(self.texts.values()) == {1} and not {*missing} & {*self.texts}


def _kind(texts: Collection[str], delimiter: str) -> tuple[Mapping[str, Any], str | None]:
    """Return the type of a column as a descriptor, and why it is text if that is surprising."""
    if not texts:
        return TEXT, None
    if words := booleans(frozenset(texts)):
        return words, None
    if _are_compact_dates(texts):
        return {"type": "date", "format": COMPACT_DATE}, None
    is_code = _are_codes(texts)
    for group in candidates(delimiter):
        if is_code and group[0].descriptor["type"] in {"integer", "number"}:
            continue
        fitting = [candidate for candidate in group if candidate.fits(texts)]
        if len({candidate.meaning for candidate in fitting}) > 1:
            formats = " or ".join(str(candidate.descriptor["format"]) for candidate in fitting[:3])
            return TEXT, f"the dates may be {formats}, so the column is text"
        if fitting:
            return fitting[0].descriptor, None
    return TEXT, None


def _are_codes(texts: Collection[str]) -> bool:
    """Return whether some digits are not a number but a code."""
    if any(map(_CODE.fullmatch, texts)):
        return True
    return any(map(_EXPONENT.fullmatch, texts)) and not any("." in text for text in texts)


def _are_compact_dates(texts: Collection[str]) -> bool:
    if len(texts) < _MIN_COMPACT_DATES or not all(map(_COMPACT_DATE.fullmatch, texts)):
        return False
    try:
        for text in texts:
            date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


def _is_enumeration(values: Mapping[str, int]) -> bool:
    is_small = 1 < len(values) <= _MAX_ENUM and all(len(text) <= _MAX_ENUM_LENGTH for text in values)
    return is_small and sum(values.values()) >= _ENUM_REPEATS * len(values)
