"""Writes the values of cells as texts that PostgreSQL reads; raises OutOfBounds for those that it cannot hold."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from chalicelib.validation.schema.field_types import FieldType
from chalicelib.validation.schema.field_types.durations import parts_of
from chalicelib.validation.schema.field_types.moments import DistantMoment

Write = Callable[[str], str]

_BIGINT = range(-(2**63), 2**63)
_INT = range(-(2**31), 2**31)
_DIGITS_BEFORE, _DIGITS_AFTER = 131_072, 16_383
"""The digits that a numeric has before and after the decimal point."""
_YEARS = range(-4712, 294_276)
"""The years of a timestamp with time zone: from 4713 BC to 294275 AD. It ends within 294276, which is left out."""
_CYCLE = 400
_MICROSECONDS = 1_000_000
_UNTEXTUAL = re.compile("[\0\ud800-\udfff]")


class OutOfBounds(ValueError):
    """A valid value that PostgreSQL cannot hold; the message names the bound, and not the value."""


def number(kind: FieldType) -> Write:
    """Return the function that writes numbers as numeric."""
    return lambda text: _numeric(_number_of(kind, text))


def bigint(kind: FieldType) -> Write:
    """Return the function that writes whole numbers as bigint."""

    def write(text: str) -> str:
        value = _number_of(kind, text)
        if not isinstance(value, Decimal) or value.adjusted() > 18 or int(value) not in _BIGINT:  # noqa: PLR2004
            raise OutOfBounds(
                "bigint holds whole numbers from -9223372036854775808 to 9223372036854775807: "
                "make the column numeric, which has more digits, or limit the field by minimum and maximum"
            )
        return str(int(value))

    return write


def boolean(kind: FieldType) -> Write:
    """Return the function that writes true and false."""
    return lambda text: "t" if kind.parse(text) else "f"


def date_(kind: FieldType) -> Write:
    """Return the function that writes dates."""
    return lambda text: _date(kind.parse(text))


def time_(kind: FieldType) -> Write:
    """Return the function that writes times of day, in UTC."""
    return lambda text: _time(kind.parse(text))


def moment(kind: FieldType) -> Write:
    """Return the function that writes dates with a time."""
    return lambda text: _moment(kind.parse(text))


def interval(text: str) -> str:
    """Write a duration. Years and months, days, and the time of day remain apart."""
    sign, parts = parts_of(text)
    months = int(parts["years"] * 12 + parts["months"])
    microseconds = ((parts["hours"] * 60 + parts["minutes"]) * 60 + parts["seconds"]) * _MICROSECONDS
    if microseconds.denominator != 1:
        raise OutOfBounds("an interval holds microseconds: write at most six digits behind the seconds' point")
    if months not in _INT or int(parts["days"]) not in _INT or int(microseconds) not in _BIGINT:
        raise OutOfBounds(
            "an interval holds 178956970 years, 2147483647 days, and 2562047788 hours: use smaller numbers"
        )
    return f"{sign}{months} mons {sign}{int(parts['days'])} days {sign}{_seconds(int(microseconds))} secs"


def _seconds(microseconds: int) -> str:
    return f"{microseconds // _MICROSECONDS}.{microseconds % _MICROSECONDS:06}"


def json_(kind: FieldType) -> Write:
    """Return the function that passes on JSON for jsonb."""

    def write(text: str) -> str:
        for value in _values(kind.parse(text)):
            if isinstance(value, Decimal):
                _numeric(value)
            elif isinstance(value, str) and _UNTEXTUAL.search(value):
                raise OutOfBounds("jsonb holds neither \\u0000 nor half a surrogate pair: leave the escape out")
        return text

    return write


def point(kind: FieldType) -> Write:
    """Return the function that writes a longitude and a latitude as an array."""

    def write(text: str) -> str:
        coordinates: Any = kind.parse(text)
        return "{" + ",".join(map(_numeric, coordinates)) + "}"

    return write


def array(kind: FieldType, item: str) -> Write:
    """Return the function that writes a list of items as an array."""
    write_item = _ITEMS[item]

    def write(text: str) -> str:
        values: Any = kind.parse(text)
        return "{" + ",".join(_quoted(write_item(value)) for value in values) + "}"

    return write


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _number_of(kind: FieldType, text: str) -> Any:
    """Return a number's value, which the validator rounds beyond the exponents that Python has."""
    value = kind.parse(text)
    is_special = isinstance(value, float) and re.search("(?i)nan|inf", text)
    is_zero = isinstance(value, Decimal) and not value
    if (isinstance(value, float) and not is_special) or (is_zero and re.search("[1-9]", re.split("[eE]", text)[0])):
        raise OutOfBounds(_NUMERIC)
    return value


_NUMERIC = f"numeric has {_DIGITS_BEFORE:,} digits before and {_DIGITS_AFTER:,} behind the decimal point: use fewer"


def _numeric(value: Any) -> str:
    if not isinstance(value, Decimal):
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(str(value), "NaN")
    exponent = value.as_tuple().exponent
    if value.adjusted() >= _DIGITS_BEFORE or (isinstance(exponent, int) and -exponent > _DIGITS_AFTER):
        raise OutOfBounds(_NUMERIC)
    return str(value)


def _date(value: Any) -> str:
    return str(value.isoformat())


def _time(value: Any) -> str:
    return str(value.replace(tzinfo=None).isoformat())


def _moment(value: Any) -> str:
    if not isinstance(value, DistantMoment):
        return str(value.isoformat())
    year = value.moment.year + _CYCLE * value.cycle
    if year not in _YEARS:
        raise OutOfBounds("a timestamp holds the years from 4713 BC to 294275: limit the field by minimum and maximum")
    written, era = (f"{year:04}", "") if year > 0 else (f"{1 - year:04}", " BC")
    return f"{written}-{value.moment:%m-%d %H:%M:%S.%f}+00{era}"


def _whole(value: Any) -> str:
    if int(value) not in _BIGINT:
        raise OutOfBounds("bigint holds whole numbers from -9223372036854775808 to 9223372036854775807: use others")
    return str(int(value))


_ITEMS: dict[str, Callable[[Any], str]] = {
    "string": str,
    "integer": _whole,
    "number": _numeric,
    "boolean": lambda value: "t" if value else "f",
    "date": _date,
    "time": _time,
    "datetime": _moment,
}


def _values(value: Any) -> Iterator[Any]:
    """Yield the strings, member names and numbers in a JSON value."""
    pending = [value]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            yield from each
            pending.extend(each.values())
        elif isinstance(each, list):
            pending.extend(each)
        else:
            yield each
