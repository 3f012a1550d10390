"""The types that a column may have, from the narrowest to the widest."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import Any

from attrs import frozen

from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema.field_types import FieldType, field_type

MISSING_TEXTS = frozenset(
    {"NA", "N/A", "n/a", "#N/A", "na", "NULL", "Null", "null", "None", "none", "NaN", "nan", "-", "--", "–", "—", "?"}
    | {"\\N", ".", "..", "...", "nil", "(null)", "<NA>", "#NV", "k.A.", "unknown", "missing"}
)
"""Texts that often stand for "no value" in columns of other types than text."""

_BOOLEANS = (
    *(("true", "false"), ("True", "False"), ("TRUE", "FALSE"), ("yes", "no"), ("Yes", "No"), ("YES", "NO")),
    *(("y", "n"), ("Y", "N"), ("t", "f"), ("T", "F"), ("on", "off"), ("On", "Off"), ("ON", "OFF")),
    *(("ja", "nein"), ("Ja", "Nein"), ("JA", "NEIN"), ("J", "N"), ("j", "n"), ("wahr", "falsch"), ("WAHR", "FALSCH")),
    *(("oui", "non"), ("Oui", "Non"), ("OUI", "NON"), ("O", "N"), ("vrai", "faux"), ("VRAI", "FAUX")),
    *(("si", "no"), ("sí", "no"), ("Sí", "No"), ("Si", "No"), ("SI", "NO"), ("sim", "não"), ("Sim", "Não")),
)
"""Pairs of words for true and false. 1 and 0 are integers."""
_CERTAIN_BOOLEANS = _BOOLEANS[:3]
"""Pairs of which one word is enough."""

_DATES = (
    *("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d"),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%y/%m/%d", "%d-%m-%y", "%m-%d-%y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y"),
    *("%b %d, %Y", "%B %d, %Y", "%d %B %Y"),
)
_CLOCKS = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M:%S %p", "%I:%M %p")
_ZONES = ("%z", " %z")
COMPACT_DATE = "%Y%m%d"


@frozen(kw_only=True)
class Candidate:
    """A type that a column may have."""

    descriptor: Mapping[str, Any]
    type: FieldType
    shape: re.Pattern[str] | None
    """What all cells must match besides; the type itself may be more lenient."""

    def fits(self, texts: Iterable[str]) -> bool:
        """Return whether all cells are of this type."""
        parse, shape = self.type.parse, self.shape
        return all((shape is None or shape.fullmatch(text)) and parse(text) is not None for text in texts)

    @property
    def meaning(self) -> str:
        """The format, in which the short and the long names of months are the same."""
        return str(self.descriptor.get("format", "")).replace("%B", "%b")


TEXT: Mapping[str, Any] = {"type": "string"}


@cache
def candidates(delimiter: str) -> Sequence[Sequence[Candidate]]:
    """Return groups of candidates, from the narrowest to the widest.

    If candidates of one group fit that mean different values, such as the dates with the day first and with the month
    first, the type is ambiguous, and the column is text.
    """
    return tuple(tuple(map(_candidate, group)) for group in _groups(delimiter))


def booleans(texts: frozenset[str]) -> Mapping[str, Any] | None:
    """Return the descriptor of a column that has only the words of one pair, in the case in use."""
    pairs = [pair for pair in _BOOLEANS if texts == {*pair}]
    pairs += [pair for pair in _CERTAIN_BOOLEANS if texts < {*pair}]
    if pairs:
        return {"type": "boolean", "trueValues": [pairs[0][0]], "falseValues": [pairs[0][1]]}
    folded = {text.lower() for text in texts}
    for pair in _BOOLEANS:
        if folded == {*pair}:
            true, false = ([text for text in sorted(texts) if text.lower() == word] for word in pair)
            return {"type": "boolean", "trueValues": true, "falseValues": false}
    return None


def _groups(delimiter: str) -> Iterator[Sequence[Mapping[str, Any]]]:
    yield [{"type": "integer", "format": "decimal"}]
    yield [{"type": "number", "format": "decimal"}]
    yield [{"type": "number"}]
    comma = {"type": "number", "decimalChar": ","}
    grouped = {"type": "number", "groupChar": ","}
    yield from ([comma], [grouped]) if delimiter != "," else ([grouped], [comma])
    yield [{"type": "number", "decimalChar": ",", "groupChar": "."}]
    yield [{"type": "number", "decimalChar": ",", "groupChar": " "}]
    yield [{"type": "number", "groupChar": "'"}]
    bare = {"type": "number", "bareNumber": False}
    yield [bare]
    yield from ([{**bare, **each}] for each in (comma, grouped, {"decimalChar": ",", "groupChar": "."}))
    yield [{"type": "date"}]
    yield [_formatted("date", form) for form in _DATES]
    yield [{"type": "datetime"}]
    forms = [f"{date}{gap}{clock}" for date, gap, clock in product(_DATES, " T", _CLOCKS)]
    yield [_formatted("datetime", form) for form in forms]
    yield [_formatted("datetime", f"{form}{zone}") for form in forms if form.startswith("%Y") for zone in _ZONES]
    yield [{"type": "time"}]
    yield [_formatted("time", form) for form in _CLOCKS]
    yield [{"type": "yearmonth"}]
    yield [{"type": "string", "format": "email"}]
    yield [{"type": "string", "format": "uuid"}]
    yield [{"type": "object"}]
    yield [{"type": "array"}]


def _formatted(kind: str, form: str) -> Mapping[str, Any]:
    return {"type": kind, "format": form}


def _candidate(descriptor: Mapping[str, Any]) -> Candidate:
    return Candidate(descriptor=descriptor, type=field_type(Node(descriptor)), shape=_shape(descriptor))


_SIGN = r"(?:%|‰|€|[$£¥]|EUR|USD|GBP|CHF)"


def _shape(descriptor: Mapping[str, Any]) -> re.Pattern[str] | None:
    """Return how numbers with a group or decimal character, a currency or a per cent sign are written."""
    group, decimal = descriptor.get("groupChar"), descriptor.get("decimalChar", ".")
    bare = descriptor.get("bareNumber", True)
    if descriptor["type"] != "number" or (bare and not group and decimal == "."):
        return None
    whole = rf"[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}})+|[0-9]+" if group else "[0-9]+"
    number = rf"[-+]?(?:{whole})(?:{re.escape(decimal)}[0-9]+)?"
    return re.compile(number if bare else rf"[-+]?{_SIGN}? ?{number} ?{_SIGN}?")
