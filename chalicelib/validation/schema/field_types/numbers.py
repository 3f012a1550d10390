"""Integers and numbers. Digits are `0` to `9`; their number and the exponent are not limited.

The format `decimal` is Assay's addition: a sign, digits and the decimal mark, without exponent, spaces, NaN or INF.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from math import isfinite
from types import MappingProxyType
from typing import Any

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema.causes.numbers import integer_cause, number_cause
from chalicelib.validation.schema.field_types.field_type import BOUNDS, LONGEST_WHOLE, FieldType, Value, format_of
from chalicelib.validation.schema.field_types.ranges import decimals_between, integers_between

_SPACE = " \t\r\n"
"""White space around a number, which XML Schema allows."""
_SPECIAL: Mapping[str, float] = MappingProxyType(
    {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")},
)


def integer(node: Node) -> FieldType:
    """Compile the type of whole numbers: a sign and digits, with group marks if the field declares them."""
    plain = format_of(node, "decimal") == "decimal"
    group_char = node.get("groupChar", _mark, "")
    bare = node.get("bareNumber", descriptor.boolean, default=True)
    form = rf"[+-]?{_digits(group_char)}"
    read = _number_reader(form, group_char, decimal_char="", bare=bare)
    parse = _unspaced(read) if plain else read
    return FieldType(
        expected="an integer",
        parse=parse,
        examples=(f"1{group_char}250" if group_char else "42", "1", "0", "100", "1000", "-1"),
        near=_near_integers,
        cause=integer_cause(parse, group_char=group_char),
        write=lambda value: None if (number := _whole(value)) is None else _plainly(number),
        form=form if plain else _spaced(form),
        is_whole=bare,
        within=None if group_char else integers_between,
        keys=_keys_of_integers,
        constraints=BOUNDS,
        parse_json=_whole,
    )


def number(node: Node) -> FieldType:
    """Compile the type of numbers: XML Schema's decimal, an exponent, NaN, INF and -INF."""
    plain = format_of(node, "decimal") == "decimal"
    decimal_char = node.get("decimalChar", _mark, ".")
    group_char = node.get("groupChar", _mark, "")
    if group_char == decimal_char:
        node.refuse("groupChar and decimalChar must differ")
    bare = node.get("bareNumber", descriptor.boolean, default=True)
    point, digits = re.escape(decimal_char), _digits(group_char)
    exponent = "" if plain else r"(?:[eE][+-]?[0-9]+)?"
    form = rf"[+-]?(?:{digits}(?:{point}[0-9]*)?|{point}[0-9]+){exponent}"
    read = _number_reader(form, group_char, decimal_char, bare=bare)

    def read_any(text: str) -> Value | None:
        special = _SPECIAL.get(text.strip(_SPACE).lower())
        return read(text) if special is None else special

    def write(value: Any) -> str | None:
        number = _of_json(value)
        return None if number is None else _plainly(number).replace(".", decimal_char)

    parse = _unspaced(read) if plain else read_any
    return FieldType(
        expected="a decimal number" if plain else "a number",
        parse=parse,
        examples=tuple(each.replace(".", decimal_char) for each in ("12.5", "0.5", "1", "100", "-1.5")),
        near=lambda limit: (each.replace(".", decimal_char) for each in _near_numbers(limit)),
        cause=number_cause(parse, decimal_char=decimal_char, group_char=group_char, takes_exponent=not plain),
        write=write,
        form=form if plain else _spaced(rf"{form}|[nN][aA][nN]|-?[iI][nN][fF]"),
        is_whole=bare,
        within=None if group_char else lambda bounds: decimals_between(bounds, decimal_char),
        constraints=BOUNDS,
        parse_json=_of_json,
    )


_LONGEST_EXAMPLE = 20
"""In digits and places. Longer numbers have no neighbours as examples."""


def _plainly(number: Decimal) -> str:
    return format(number, "f") if abs(number.adjusted()) < _LONGEST_EXAMPLE else str(number)


def _near_integers(limit: Any) -> Iterator[str]:
    if isinstance(limit, Decimal) and limit.adjusted() < _LONGEST_EXAMPLE:
        yield from (str(int(limit) + step) for step in (0, 1, -1))


def _near_numbers(limit: Any) -> Iterator[str]:
    """Yield numbers near a limit: first by whole steps, then by half a unit of its last digit."""
    exponent = limit.as_tuple().exponent if isinstance(limit, Decimal) else None
    if not isinstance(exponent, int) or max(abs(exponent), abs(limit.adjusted())) >= _LONGEST_EXAMPLE:
        return
    for step in (Decimal(0), Decimal(1), Decimal("0.5"), Decimal(5).scaleb(min(exponent, 0) - 1)):
        yield from (format(limit + signed, "f") for signed in (step, -step))


def _keys_of_integers(cells: Sequence[str]) -> Sequence[int] | None:
    if max(map(len, cells), default=0) >= LONGEST_WHOLE:
        return None
    try:
        return list(map(int, cells))
    except ValueError:  # with group marks, or text around them
        return None


def _of_json(value: Any) -> Decimal | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return Decimal(str(value)) if isinstance(value, float) and isfinite(value) else None


def _spaced(form: str) -> str:
    """Return the expression with white space allowed around it."""
    return rf"[ \t\r\n]*(?:{form})[ \t\r\n]*"


def _whole(value: Any) -> Decimal | None:
    number = _of_json(value)
    return number if number is not None and number == number.to_integral_value() else None


def _digits(group_char: str) -> str:
    """Return the expression of a whole number's digits, with group marks if there are any."""
    return f"[0-9]+(?:{re.escape(group_char)}[0-9]+)*" if group_char else "[0-9]+"


def _number_reader(expression: str, group_char: str, decimal_char: str, *, bare: bool) -> Callable[[str], Value | None]:
    form = re.compile(expression)
    beginning = re.compile(rf"[0-9+-]|{re.escape(decimal_char)}[0-9]" if decimal_char else "[0-9+-]")

    def read(text: str) -> Value | None:
        number = text.strip(_SPACE) if bare else _without_surroundings(text, beginning)
        if not form.fullmatch(number):
            return None
        if group_char:
            number = number.replace(group_char, "")
        return _value_of(number.replace(decimal_char, ".") if decimal_char else number)

    return read


def _without_surroundings(text: str, beginning: re.Pattern[str]) -> str:
    """Return the text from the first character of a number to its last digit."""
    begins = beginning.search(text)
    ends = max(text.rfind(digit) for digit in "0123456789") + 1
    return text[begins.start() : ends] if begins else ""


def _value_of(number: str) -> Value:
    """Return a number's value: an infinity or zero beyond the range of Python's exponents."""
    try:
        return Decimal(number)
    except InvalidOperation:
        mantissa, _, exponent = number.lower().partition("e")
        if exponent.startswith("-") or not Decimal(mantissa):
            return Decimal(0)
        return float("-inf") if mantissa.startswith("-") else float("inf")


def _mark(node: Node) -> str:
    """Parse a character that can be between digits."""
    character = descriptor.character(node)
    if character in "0123456789+-eE":
        node.refuse("expected a character that is no part of a number")
    return character


def _unspaced(read: Callable[[str], Value | None]) -> Callable[[str], Value | None]:
    return lambda text: None if text.strip(_SPACE) != text else read(text)
