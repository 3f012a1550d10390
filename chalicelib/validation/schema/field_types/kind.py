"""What a field type is, and what it makes of cells."""

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
"""What a cell means. Only a number that is none (NaN) or has no bound (INF) is a float; all others are exact.

Values serve for comparison: bounds, lengths, enumerations and uniqueness.
"""

BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
LENGTHS = ("minLength", "maxLength")


TEXT = r"(?s:.*)"
"""The form of any text."""


def texts_as_keys(cells: Sequence[str]) -> Sequence[str]:
    """Write the keys of cells whose values are their texts."""
    return cells


@frozen
class Bound:
    """A limit that values have to keep."""

    limit: Any
    is_least: bool
    """Whether the limit is below them."""
    is_exclusive: bool


@frozen(kw_only=True)
class FieldType:
    """How cells of one field read."""

    expected: str
    """What a cell should be, for messages: `an integer`."""
    parse: Callable[[str], Value | None]
    """Give a cell's value, or None if it is not one of this type."""
    constraints: Sequence[str] = ()
    """Those that apply, besides required, unique and enum, which always do."""
    is_json: bool = False
    """Whether cells hold JSON, so that a quote in them is no sign of broken quoting."""
    form: str | None = None
    """A regular expression of texts that are values, for the fast path; None if there is none worth having."""
    is_whole: bool = True
    """Whether every value has that form."""
    within: Callable[[Sequence["Bound"]], str | None] | None = None
    """Give a regular expression of texts whose values are within all of these bounds."""
    keys: Callable[[Sequence[str]], Sequence[str | int] | None] | None = None
    """Give the keys of many cells at once, as `keys.key_of` gives them of values; or None."""
    parse_json: Callable[[Any], Value | None] | None = None
    """Give the value that JSON has for a constraint; by default it is read like a cell."""

    def literal(self, value: Any) -> Value | None:
        """Give the value that a descriptor states, as JSON has it or as a cell would; None if it is none of ours."""
        if self.parse_json and not isinstance(value, str):
            return self.parse_json(value)
        return self.parse(value if isinstance(value, str) else json.dumps(value))

    @property
    def fault(self) -> Fault:
        """What is wrong with a cell that is not of this type."""
        return Fault(ErrorCode.TYPE_ERROR, f"expected {self.expected}")


def format_of(node: Node, *known: str) -> str:
    """Read a field's format, one of those that its type knows besides the default one."""
    return node.get("format", descriptor.one_of("default", *known), "default")


def is_nan(value: Value) -> bool:
    """Say whether a value is the number that is none, which cannot be compared with others."""
    return isinstance(value, float) and isnan(value)


LONGEST_WHOLE = 40
"""Numbers of so many digits are written out."""
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


def _exactly(number: Decimal) -> str:
    if not number:
        return "0"
    try:
        normal = number.normalize(_EXACT)
        return format(normal, "f") if 0 <= normal.adjusted() < LONGEST_WHOLE else str(normal)
    except ArithmeticError:  # larger, or closer to nothing, than Python can reckon with
        return str(number)


def canonical(value: Any) -> str:
    """Write a value such that equal values of one field are written alike."""
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
