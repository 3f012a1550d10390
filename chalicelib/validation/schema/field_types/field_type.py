"""A compiled field type, and how its values are compared."""

import json
from collections.abc import Callable, Sequence
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from math import isnan
from typing import Any

from attrs import frozen

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.report import ErrorCode, Fault

Value = object
"""What a cell means. Only NaN and the infinities are floats; all other numbers are exact.

Values serve for comparison: bounds, lengths, enumerations and uniqueness.
"""

BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
LENGTHS = ("minLength", "maxLength")


TEXT = r"(?s:.*)"
"""The expression of any text."""


def texts_as_keys(cells: Sequence[str]) -> Sequence[str]:
    """Return the keys of cells whose values are their texts."""
    return cells


@frozen
class Bound:
    """A limit for values."""

    limit: Any
    is_least: bool
    """Whether it is a lower limit."""
    is_exclusive: bool


@frozen(kw_only=True)
class FieldType:
    """How cells of one field are parsed."""

    expected: str
    """What a cell must be, for messages: `an integer`."""
    parse: Callable[[str], Value | None]
    """Return a cell's value, or None if it is not of this type."""
    constraints: Sequence[str] = ()
    """The constraints that apply, besides required, unique and enum, which always do."""
    is_json: bool = False
    """Whether cells hold JSON, so that a quote in an unquoted cell is allowed."""
    form: str | None = None
    """A regular expression that matches only texts of this type, for the fast path; None if there is none."""
    is_whole: bool = True
    """Whether `form` matches all texts of this type."""
    within: Callable[[Sequence["Bound"]], str | None] | None = None
    """Return an expression that matches only texts whose values are within all bounds, or None."""
    keys: Callable[[Sequence[str]], Sequence[str | int] | None] | None = None
    """Return the keys of many cells at once, equal to `keys.key_of` of their values; or None."""
    parse_json: Callable[[Any], Value | None] | None = None
    """Return the value of a constraint's JSON; by default it is parsed like a cell."""

    def literal(self, value: Any) -> Value | None:
        """Return the value that a descriptor states, as JSON or as a cell's text; None if it is not of this type."""
        if self.parse_json and not isinstance(value, str):
            return self.parse_json(value)
        return self.parse(value if isinstance(value, str) else json.dumps(value))

    @property
    def fault(self) -> Fault:
        """The fault of a cell that is not of this type."""
        return Fault(ErrorCode.TYPE_ERROR, f"expected {self.expected}")


def format_of(node: Node, *known: str) -> str:
    """Return a field's format: `default`, or one of those that its type has besides."""
    return node.get("format", descriptor.one_of("default", *known), "default")


def is_nan(value: Value) -> bool:
    """Return whether a value is NaN, which cannot be compared."""
    return isinstance(value, float) and isnan(value)


LONGEST_WHOLE = 40
"""Numbers with at most this many digits are written without an exponent."""
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


def _exactly(number: Decimal) -> str:
    if not number:
        return "0"
    try:
        normal = number.normalize(_EXACT)
        return format(normal, "f") if 0 <= normal.adjusted() < LONGEST_WHOLE else str(normal)
    except ArithmeticError:  # beyond the range of Python's exponents
        return str(number)


def canonical(value: Any) -> str:
    """Return a text that is equal for equal values of one field."""
    match value:
        case bool():
            return str(value)
        case Decimal():
            return _exactly(value)
        case dict():
            members = (f"{name!r}:{canonical(member)}" for name, member in sorted(value.items()))
            return "{" + ",".join(members) + "}"
        case list() | tuple():
            return "[" + ",".join(map(canonical, value)) + "]"
        case _:
            return repr(value)
