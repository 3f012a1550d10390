"""Why a text is not the JSON, the list or the point that its field expects."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chalicelib.validation.schema.causes.corrections import Cause, Correction, Parse, cause_by_corrections

_KINDS = {dict: "an object", list: "an array", str: "a string", bool: "true or false", type(None): "null"}
_WORDS = {"True": "true", "False": "false", "None": "null"}

_JSON: Sequence[Correction] = (
    Correction("write names and texts in double quotes", lambda text: text.replace("'", '"')),
    Correction(
        "write true, false and null",
        lambda text: re.sub(r"\b(?:True|False|None)\b", lambda word: _WORDS[word[0]], text),
    ),
    Correction("leave out the comma at the end", lambda text: re.sub(r",(\s*[\]}])", r"\1", text)),
    Correction(
        "write straight quotes",
        lambda text: re.sub("[\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}]", '"', text),
    ),
    Correction(
        "write names in double quotes", lambda text: re.sub(r"([{,]\s*)([A-Za-z_]\w*)(?=\s*:)", r'\1"\2"', text)
    ),
    Correction("write each quote once", lambda text: text.replace('""', '"')),
    Correction("write null in place of NaN", lambda text: re.sub(r"\b(?:-?Infinity|NaN)\b", "null", text)),
)


def json_cause(parse: Parse, read: Callable[[str], Any], expected: str) -> Cause:
    """Return a function that explains why a text is not JSON, or is JSON but not what is expected."""

    def cause(text: str) -> str | None:
        try:
            value = read(text)
        except ValueError as error:
            if advice := cause_by_corrections(text, parse, _JSON):
                return advice
            if isinstance(error, json.JSONDecodeError):
                return f"its JSON is wrong at character {error.pos + 1:,}"
            return "it is nested too deep, or has a number that is no JSON"
        kind = _KINDS.get(type(value), "a number")
        return (
            f"this is {expected} in JSON, but not of the right form" if kind == expected else f"this is {kind} in JSON"
        )

    return cause


def split(text: str, delimiter: str) -> Iterator[str]:
    """Iterate over the parts of a text, which are not all in memory at once."""
    start = 0
    while (end := text.find(delimiter, start)) >= 0:
        yield text[start:end]
        start = end + len(delimiter)
    yield text[start:]


def list_cause(parse_item: Parse, expected: str, delimiter: str) -> Cause:
    """Return a function that explains which item of a list is wrong."""

    def cause(text: str) -> str | None:
        parts = enumerate(split(text, delimiter), start=1)
        wrong, part = next((at, part) for at, part in parts if parse_item(part) is None)
        if part.strip() != part and parse_item(part.strip()) is not None:
            return f"leave out the space around item {wrong}"
        if not part.strip():
            return f"item {wrong} is empty"
        return f"item {wrong} is not {expected}" if delimiter in text else f"{_shown(delimiter)} separates the items"

    return cause


def _shown(delimiter: str) -> str:
    return {",": "a comma", ";": "a semicolon", "|": "a vertical bar", " ": "a space"}.get(delimiter, delimiter)


def _swapped(text: str) -> str:
    parts = text.split(",", len("xy"))
    return ", ".join(part.strip() for part in reversed(parts)) if len(parts) == len("xy") else text


_POINTS: Sequence[Correction] = (
    Correction("leave out the brackets", lambda text: text.strip("()[]")),
    Correction(
        "write a comma between longitude and latitude",
        lambda text: re.sub(r"(?<=[0-9])\s*[; ]\s*(?=[0-9+-])", ", ", text),
    ),
    Correction("write decimal degrees, without degree signs", lambda text: text.replace("\N{DEGREE SIGN}", "")),
    Correction("write points before decimals", lambda text: re.sub(r"(?<=[0-9]),(?=[0-9])", ".", text)),
    Correction("write the longitude first, then the latitude", _swapped),
)


def point_cause(parse: Parse) -> Cause:
    """Return a function that explains why a text is not a longitude and a latitude."""

    def cause(text: str) -> str | None:
        if advice := cause_by_corrections(text, parse, _POINTS):
            return advice
        if re.search("[NSEWO\N{DEGREE SIGN}\N{PRIME}']", text):
            return "write decimal degrees, negative in the west and south"
        if re.fullmatch(r"\s*[+-]?[0-9.]+\s*,\s*[+-]?[0-9.]+\s*", text):
            return "longitudes are from -180 to 180, latitudes from -90 to 90"
        return "the latitude is missing" if re.fullmatch(r"[+-]?[0-9.]+", text) else None

    return cause
