"""The constraints of Table Schema: conditions on a cell beyond its type."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from operator import ge, gt, le, lt
from types import MappingProxyType
from typing import Any

from attrs import frozen

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.report import ErrorCode, Fault, SchemaViolation
from chalicelib.validation.schema import patterns
from chalicelib.validation.schema.field_types import Bound, FieldType, Value, canonical, is_nan
from chalicelib.validation.schema.json_schema import StepsExceeded, conformity


@frozen
class Length:
    """The number of characters of the texts that meet a constraint."""

    least: int = 0
    most: int | None = None


@frozen
class Pattern:
    """A regular expression that the texts that meet a constraint match."""

    expression: str


@frozen
class Texts:
    """Texts of the values that meet a constraint, in their usual form."""

    texts: tuple[str, ...]


@frozen(kw_only=True)
class Constraint:
    """A condition on a cell beyond its type."""

    fault_of: Callable[[str, Any], Fault | None]
    """Return the fault of a cell, given its text and its value; None if it meets the constraint."""
    fault: Fault
    """The fault of a cell that does not, unless that depends on the cell."""
    rule: Length | Pattern | Texts | Bound | None = None
    """The same condition for the fast path; None if there is no such form."""


def _constraint(
    expected: str, holds: Callable[[str, Any], bool], rule: Length | Pattern | Texts | Bound | None = None
) -> Constraint:
    fault = Fault(ErrorCode.CONSTRAINT_ERROR, f"expected {expected}")
    return Constraint(fault_of=lambda text, value: None if holds(text, value) else fault, fault=fault, rule=rule)


def constraints(node: Node, kind: FieldType) -> Iterator[Constraint]:
    """Compile a field's constraints except required and unique. Raises SchemaInvalid with the path."""
    for name, child in node.members():
        if name in ("required", "unique"):
            continue
        if name not in _CONSTRAINTS:
            meant = get_close_matches(name, ["required", "unique", *_CONSTRAINTS], n=1)
            child.leave_unchecked(f"Table Schema has no such constraint{f'; {meant[0]} may be meant' if meant else ''}")
            continue
        if name != "enum" and name not in kind.constraints:
            child.refuse(f"does not apply to a field that is {kind.expected}")
        if constraint := _CONSTRAINTS[name](child, kind):
            yield constraint


def categories(field: Node, node: Node, kind: FieldType) -> Constraint:
    """Compile the values of a categorical field. An enum may only narrow them."""
    if field.get("type", descriptor.string, "any") not in {"string", "integer"}:
        node.refuse("only strings and integers have categories")
    values = [descriptor.value_of(item) for item in node.items()]
    allowed = {canonical(_literal(item, kind)) for item in values}
    enum = (field.child("constraints") or Node({})).child("enum")
    for item in enum.items() if enum else ():
        if canonical(_literal(item, kind)) not in allowed:
            item.refuse("not one of the categories")
    return _one_of(values, node, kind)


def _enum(node: Node, kind: FieldType) -> Constraint:
    return _one_of(list(node.items()), node, kind)


def _one_of(items: Sequence[Node], node: Node, kind: FieldType) -> Constraint:
    allowed = {canonical(_literal(item, kind)) for item in items}
    if not allowed:
        node.refuse("expected at least one value")
    listed = ", ".join(_text(item.value) for item in items)
    texts = tuple(_text(item.value) for item in items)
    return _constraint(f"one of {listed}", lambda _, value: canonical(value) in allowed, Texts(texts))


def _text(value: Any) -> str:
    """Return a value of JSON as the text of a cell."""
    return value if isinstance(value, str) else json.dumps(value)


def _pattern(node: Node, _: FieldType) -> Constraint | None:
    pattern = patterns.whole(node)
    if pattern is None:
        return None
    rule = None if pattern.expression is None else Pattern(pattern.expression)
    matches = pattern.matches
    return _constraint(f"text of the form {node.value}", lambda text, _: matches(text), rule)


def _min_length(node: Node, _: FieldType) -> Constraint:
    least = descriptor.size(node)
    return _constraint(f"a length of at least {least}", lambda _, value: len(value) >= least, Length(least))


def _max_length(node: Node, _: FieldType) -> Constraint:
    most = descriptor.size(node)
    return _constraint(f"a length of at most {most}", lambda _, value: len(value) <= most, Length(0, most))


def _json_schema(node: Node, _: FieldType) -> Constraint | None:
    violation_of = conformity(node)
    if violation_of is None:
        return None

    def fault_of(text: str, value: Any) -> Fault | None:
        try:
            violation = violation_of(text, value)
        except StepsExceeded:
            return _TOO_COMPLEX
        return None if violation is None else SchemaViolation(*_NONCONFORMING, violation.keyword, violation.place)

    return Constraint(fault_of=fault_of, fault=SchemaViolation(*_NONCONFORMING))


_NONCONFORMING = (ErrorCode.CONSTRAINT_ERROR, "expected a value that conforms to the JSON Schema")
_TOO_COMPLEX = Fault(ErrorCode.COMPLEX_CELL, "a value that takes too many steps to compare with the JSON Schema")


def _bound(words: str, compare: Callable[[Any, Any], bool]) -> Callable[[Node, FieldType], Constraint]:
    def constraint(node: Node, kind: FieldType) -> Constraint:
        limit = _literal(node, kind)
        if is_nan(limit):
            node.refuse("NaN cannot be compared: use a number")
        rule = Bound(limit, is_least=compare in {ge, gt}, is_exclusive=compare in {gt, lt})
        return _constraint(f"{words} {node.value}", lambda _, value: not is_nan(value) and compare(value, limit), rule)

    return constraint


def _literal(node: Node, kind: FieldType) -> Value:
    """Parse a value of the field's type, written as JSON or as the text of a cell."""
    value = kind.literal(node.value)
    if value is None:
        node.refuse(f"expected {kind.expected}")
    return value


_CONSTRAINTS: Mapping[str, Callable[[Node, FieldType], Constraint | None]] = MappingProxyType(
    {
        "enum": _enum,
        "pattern": _pattern,
        "minLength": _min_length,
        "maxLength": _max_length,
        "jsonSchema": _json_schema,
        "minimum": _bound("at least", ge),
        "maximum": _bound("at most", le),
        "exclusiveMinimum": _bound("more than", gt),
        "exclusiveMaximum": _bound("less than", lt),
    }
)
