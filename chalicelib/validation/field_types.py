"""The field types of Table Schema: which texts are values of a type, and which value each stands for.

Values serve for comparison only: bounds, enumerations and uniqueness.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from math import isnan
from types import MappingProxyType

from attrs import frozen

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.report import Fault

Value = str | bool | Decimal | float | date | datetime
"""What a cell means; a number that is none (NaN) or has no bound (INF) is a float, all others are exact."""


@frozen(kw_only=True)
class FieldType:
    """How cells of one field read."""

    expected: str
    """What a cell should be, for messages: `an integer`."""
    parse: Callable[[str], Value | None]
    """Give a cell's value, or None if it is not one of this type."""
    constraints: Sequence[str]
    """Those that apply, besides required, unique and enum, which always do."""

    @property
    def fault(self) -> Fault:
        """What is wrong with a cell that is not of this type."""
        return Fault("type-error", f"expected {self.expected}")


_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_TEXT = ("minLength", "maxLength", "pattern")


def is_nan(value: Value) -> bool:
    """Say whether a value is the number that is none, which cannot be compared with others."""
    return isinstance(value, float) and isnan(value)


_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


def canonical(value: Value) -> str:
    """Write a value such that equal values of one field are written alike."""
    if isinstance(value, Decimal):
        return str(value.normalize(_EXACT)) if value else "0"
    return str(value)


def field_type(node: Node) -> FieldType:
    """Compile a field descriptor's type, format and properties; raises SchemaInvalid with the path."""
    name = node.get("type", descriptor.string, "string")
    if name not in _TYPES:
        hint = f"; use {_ALIASES[name]}" if name in _ALIASES else ""
        child = node.child("type") or node
        child.refuse(f"unknown or unsupported type {name!r}{hint}; supported are {', '.join(_TYPES)}")
    return _TYPES[name](node)


def _format(node: Node, *known: str) -> str:
    return node.get("format", descriptor.one_of("default", *known), "default")


# --- text ---------------------------------------------------------------------------------------------------------

_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_TOP_LABEL = r"(?:[^\W\d_]{2,63}|xn--[a-z0-9-]{1,59})"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_TOP_LABEL}")
"""An address as people have them: dot-atom, @, host name of two labels or more (RFC 5321, RFC 6531)."""


def _string(node: Node) -> FieldType:
    if _format(node, "email") == "email":
        return FieldType(expected="an e-mail address", parse=_matching(_EMAIL), constraints=_TEXT)
    return FieldType(expected="text", parse=str, constraints=_TEXT)


def _matching(form: re.Pattern[str]) -> Callable[[str], str | None]:
    return lambda text: text if form.fullmatch(text) else None


# --- numbers ------------------------------------------------------------------------------------------------------

_SPACE = " \t\r\n"
"""What XML Schema, the source of the number types' lexical form, lets stand around a number."""
_SPECIAL: Mapping[str, float] = MappingProxyType(
    {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")},
)


def _integer(node: Node) -> FieldType:
    plain = _format(node, "decimal") == "decimal"
    form = re.compile(rf"[+-]?{_digits(node)}")
    read = _number_reader(node, form, decimal_char="")
    return FieldType(expected="an integer", parse=_unspaced(read) if plain else read, constraints=_BOUNDS)


def _number(node: Node) -> FieldType:
    plain = _format(node, "decimal") == "decimal"
    decimal_char = node.get("decimalChar", descriptor.character, ".")
    point, digits = re.escape(decimal_char), _digits(node)
    exponent = "" if plain else r"(?:[eE][+-]?[0-9]+)?"
    form = re.compile(rf"[+-]?(?:{digits}(?:{point}[0-9]*)?|{point}[0-9]+){exponent}")
    read = _number_reader(node, form, decimal_char)
    if plain:
        return FieldType(expected="a decimal number", parse=_unspaced(read), constraints=_BOUNDS)

    def parse(text: str) -> Value | None:
        special = _SPECIAL.get(text.strip(_SPACE).lower())
        return read(text) if special is None else special

    return FieldType(expected="a number", parse=parse, constraints=_BOUNDS)


def _digits(node: Node) -> str:
    """Give the form of a whole number's digits, grouped if the field says so."""
    group = re.escape(node.get("groupChar", descriptor.character, ""))
    return f"[0-9]+(?:{group}[0-9]+)*" if group else "[0-9]+"


def _number_reader(node: Node, form: re.Pattern[str], decimal_char: str) -> Callable[[str], Decimal | None]:
    group_char = node.get("groupChar", descriptor.character, "")
    bare = node.get("bareNumber", descriptor.boolean, default=True)
    point = re.escape(decimal_char)
    around = re.compile(rf"\A(?:(?!{point}[0-9])[^0-9+-])*|[^0-9]*\Z" if point else r"\A[^0-9+-]*|[^0-9]*\Z")

    def read(text: str) -> Decimal | None:
        number = text.strip(_SPACE) if bare else around.sub("", text)
        if not form.fullmatch(number):
            return None
        if group_char:
            number = number.replace(group_char, "")
        return Decimal(number.replace(decimal_char, ".") if decimal_char else number)

    return read


def _unspaced(read: Callable[[str], Decimal | None]) -> Callable[[str], Decimal | None]:
    return lambda text: None if text.strip(_SPACE) != text else read(text)


# --- truth --------------------------------------------------------------------------------------------------------

_TRUE: Sequence[str] = ("true", "True", "TRUE", "1")
_FALSE: Sequence[str] = ("false", "False", "FALSE", "0")


def _boolean(node: Node) -> FieldType:
    _format(node)
    values: dict[str, bool] = dict.fromkeys(node.get("trueValues", descriptor.strings, _TRUE), True)
    values |= dict.fromkeys(node.get("falseValues", descriptor.strings, _FALSE), False)
    return FieldType(expected="one of " + ", ".join(values), parse=values.get, constraints=())


# --- time ---------------------------------------------------------------------------------------------------------

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})T(?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.(?P<fraction>[0-9]+))?"
    r"(?P<zone>Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
)


def _date(node: Node) -> FieldType:
    _format(node)
    return FieldType(expected="a date, as in 2024-02-29", parse=_parse_date, constraints=_BOUNDS)


def _parse_date(text: str) -> date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _datetime(node: Node) -> FieldType:
    _format(node)
    expected = "a date and time, as in 2024-02-29T12:30:00Z"
    return FieldType(expected=expected, parse=_parse_datetime, constraints=_BOUNDS)


def _parse_datetime(text: str) -> datetime | None:
    """Read XML Schema's dateTime; without a zone it counts as UTC, and 24:00:00 is the next day's midnight."""
    match = _DATETIME.fullmatch(text)
    if match is None:
        return None
    midnight = match["time"] == "24:00:00" and not (match["fraction"] or "").strip("0")
    time = "00:00:00" if midnight else match["time"]
    micros = (match["fraction"] or "")[:6].ljust(6, "0")
    try:
        moment = datetime.fromisoformat(f"{match['date']}T{time}.{micros}{match['zone'] or 'Z'}")
        return moment.astimezone(UTC) + timedelta(days=midnight)
    except (ValueError, OverflowError):
        return None


_TYPES: Mapping[str, Callable[[Node], FieldType]] = MappingProxyType(
    {
        "string": _string,
        "integer": _integer,
        "number": _number,
        "boolean": _boolean,
        "date": _date,
        "datetime": _datetime,
    }
)
_ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "decimal": 'type "number" with format "decimal"',
        "email": 'type "string" with format "email"',
    }
)
