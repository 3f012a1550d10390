"""A compiled field type, and how its values are compared."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from math import isnan
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.report import CellFault, ErrorCode
from chalicelib.validation.schema.causes.corrections import LONGEST, LONGEST_JSON, general_cause

if TYPE_CHECKING:
    from chalicelib.validation.schema.field_types.json_shapes import Shape

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


class StepsExceeded(Exception):
    """A value takes more steps to be compared than it may, or is nested too deep."""


@frozen
class Bound:
    """A limit for values."""

    limit: Any
    is_least: bool
    """Whether it is a lower limit."""
    is_exclusive: bool


@frozen
class Order:
    """How messages name the values on one side of a limit, which takes the place of `{}`."""

    at_least: str
    at_most: str
    more: str
    less: str


@frozen(kw_only=True)
class FieldType:
    """How cells of one field are parsed."""

    expected: str
    """What a cell must be, for messages: `an integer`."""
    name: str = "any"
    """The type's name in descriptors."""
    format: str = "default"
    """The field's format; of dates and times, a strptime pattern."""
    parse: Callable[[str], Value | None]
    """Return a cell's value, or None if it is not of this type."""
    examples: tuple[str, ...] = ()
    """Texts of this type, for messages; the first that meets a field's constraints is shown."""
    near: Callable[[Any], Iterable[str]] | None = None
    """Return texts of values that are a little more and a little less than a value, for examples."""
    cause: Callable[[str], str | None] | None = None
    """Return why a text is not of this type, without repeating it; None if that is not known."""
    write: Callable[[Any], str | None] | None = None
    """Return the text of a value that a descriptor states as JSON; by default it is the JSON."""
    parts: tuple[str, str] = ("character", "characters")
    """What a length counts, for messages."""
    order: Order = Order("{} or more", "{} or less", "more than {}", "less than {}")
    no_value: str | None = None
    """How a cell without a value is written, for messages; None if there must be one."""
    constraints: Sequence[str] = ()
    """The constraints that apply, besides required, unique and enum, which always do."""
    json: type[dict[str, Any]] | type[list[Any]] | None = None
    """What the JSON in a cell must be; None if cells do not hold JSON."""
    shape: "Shape | None" = field(default=None, eq=False, repr=False)
    """What the JSON must be beyond that, for the fast path; None for no condition."""
    form: str | None = None
    """A regular expression that matches only texts of this type, for the fast path; None if there is none."""
    is_whole: bool = True
    """Whether `form` matches all texts of this type, except doubtful ones."""
    doubtful: str | None = None
    """A regular expression of texts of which `form` says nothing; None for no such texts."""
    of_length: Callable[[int, int | None], str | None] | None = None
    """Return an expression of the texts of a least and a greatest length, or None; by default characters count."""
    within: Callable[[Sequence["Bound"]], str | None] | None = None
    """Return an expression that matches only texts whose values are within all bounds, or None."""
    delimiter: str = ","
    """The text between two items of a list, or between the numbers of a point."""
    words: Mapping[str, bool] = field(factory=dict, eq=False)
    """The texts of a boolean, with what they mean."""
    keys: Callable[[Sequence[str]], Sequence[str | int] | None] | None = None
    """Return the keys of many cells at once, equal to `keys.key_of` of their values; or None."""
    parse_json: Callable[[Any], Value | None] | None = None
    """Return the value of a constraint's JSON; by default it is parsed like a cell."""

    @property
    def is_json(self) -> bool:
        """Whether cells hold JSON, so that a quote in an unquoted cell is allowed."""
        return self.json is not None

    @property
    def is_plain_json(self) -> bool:
        """Whether the value of a cell is that of its JSON."""
        return self.name in {"object", "array", "geojson"} or (self.name, self.format) == ("geopoint", "array")

    def literal(self, value: Any) -> Value | None:
        """Return the value that a descriptor states, as JSON or as a cell's text; None if it is not of this type."""
        if self.parse_json and not isinstance(value, str):
            return self.parse_json(value)
        return self.parse(value if isinstance(value, str) else json.dumps(value))

    fault: CellFault = field(init=False, eq=False, repr=False)
    """The fault of a cell that is not of this type."""

    def __attrs_post_init__(self) -> None:
        """Word the fault once: it is needed for each wrong cell."""
        object.__setattr__(self, "fault", CellFault(ErrorCode.TYPE_ERROR, f"expected {self.described}", self._cause))

    @property
    def described(self) -> str:
        """What a cell must be, with an example if that is not one already."""
        example = next(iter(self.examples), None)
        return self.expected if example is None or example in self.expected else f"{self.expected}, as in {example}"

    def text_of(self, value: Any) -> str:
        """Return the text of a cell with a value that a descriptor states as JSON or as text."""
        if isinstance(value, str):
            return value
        text = self.write(value) if self.write else None
        return json.dumps(value, ensure_ascii=False) if text is None else text

    def _cause(self, cell: str) -> str | None:
        longest = LONGEST_JSON if self.is_json else LONGEST
        return general_cause(cell, self.parse, self.cause, no_value=self.no_value, longest=longest)


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
