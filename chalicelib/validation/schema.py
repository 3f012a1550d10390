"""Table Schema descriptors, compiled into checks."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from operator import ge, gt, le, lt
from types import MappingProxyType
from typing import Any, Self

from attrs import evolve, frozen

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.dialect import Dialect
from chalicelib.validation.field_types import FieldType, Value, field_type, is_nan
from chalicelib.validation.report import Fault

_NO_TEXT: Sequence[str] = ("",)


@frozen(kw_only=True)
class Constraint:
    """A condition on a cell beyond its type."""

    holds: Callable[[str, Value], bool]
    """Say whether a cell meets it, given its text and its value."""
    fault: Fault
    """What is wrong where it does not."""


def _constraint(expected: str, holds: Callable[[str, Value], bool]) -> Constraint:
    return Constraint(holds=holds, fault=Fault("constraint-error", f"expected {expected}"))


@frozen(kw_only=True)
class Field:
    """A column as the schema wants it."""

    name: str
    type: FieldType
    missing_values: frozenset[str]
    """The texts that stand for no value."""
    required: bool
    constraints: tuple[Constraint, ...]


@frozen(kw_only=True)
class Schema:
    """A compiled Table Schema."""

    fields: tuple[Field, ...]
    keys: tuple["Key", ...]
    dialect: Dialect | None
    """How files of this dataset are written, if the descriptor declares it: Assay's addition to Table Schema."""

    @classmethod
    def from_descriptor(cls, descriptor_: Mapping[str, Any]) -> Self:
        """Compile a descriptor; raises SchemaInvalid with the path of what is wrong in it."""
        node = Node(descriptor_)
        missing_values = node.get("missingValues", descriptor.strings, _NO_TEXT)
        fields_node = node.child("fields") or node.refuse("a Table Schema has fields")
        fields = tuple(_field(child, missing_values) for child in fields_node.items())
        names = [field.name for field in fields]
        for child, name in zip(fields_node.items(), names, strict=True):
            if names.count(name) > 1:
                child.refuse(f"two fields are named {name!r}")
        if not fields:
            fields_node.refuse("a Table Schema has at least one field")
        _refuse_unsupported(node)
        dialect = node.child("dialect")
        return cls(
            fields=fields,
            keys=tuple(_keys(node, fields_node, names)),
            dialect=None if dialect is None else Dialect.from_descriptor(dialect),
        )


@frozen(kw_only=True)
class Key:
    """Columns whose values together tell every row from every other."""

    fields: tuple[int, ...]
    """0-based positions."""
    duplicate: Fault
    """What is wrong with a row whose values an earlier row has."""
    incomplete: Fault | None = None
    """What is wrong with a row that has none of the values; None if such a row need not be unique.

    A row that has some of a primary key's values, but not all, is compared like any other.
    """


def _refuse_unsupported(node: Node) -> None:
    for name in ("foreignKeys",):
        child = node.child(name)
        if child is not None:
            child.refuse("not supported yet")
    match = node.child("fieldsMatch")
    if match is not None and match.value not in ("exact", ["exact"]):
        match.refuse("only exact is supported yet")


def _keys(node: Node, fields_node: Node, names: Sequence[str]) -> Iterator[Key]:
    for position, child in enumerate(fields_node.items()):
        constraints = child.child("constraints")
        if constraints and constraints.get("unique", descriptor.boolean, default=False):
            yield _key("unique-error", (position,), names)
    for child in unique.items() if (unique := node.child("uniqueKeys")) else ():
        yield _key("unique-error", _positions(child, names), names)
    if primary := node.child("primaryKey"):
        key = _key("primary-key", _positions(primary, names), names)
        yield evolve(key, incomplete=Fault("primary-key", "expected a value in the primary key"))


def _key(code: str, fields: tuple[int, ...], names: Sequence[str]) -> Key:
    listed = ", ".join(names[position] for position in fields)
    return Key(fields=fields, duplicate=Fault(code, f"an earlier row has the same value of {listed}"))


def _positions(node: Node, names: Sequence[str]) -> tuple[int, ...]:
    """Read the names of a key's fields: one string, or an array of them."""
    wanted = (node.value,) if isinstance(node.value, str) else descriptor.strings(node)
    for name in wanted:
        if name not in names:
            node.refuse(f"no field is named {name!r}")
    return tuple(names.index(name) for name in wanted) or node.refuse("expected at least one field's name")


def _field(node: Node, missing_values: Sequence[str]) -> Field:
    name = node.get("name", descriptor.string, "") or node.refuse("a field has a name")
    kind = field_type(node)
    constraints = node.child("constraints") or Node({}, f"{node.path}.constraints")
    return Field(
        name=name,
        type=kind,
        missing_values=frozenset(node.get("missingValues", descriptor.strings, missing_values)),
        required=constraints.get("required", descriptor.boolean, default=False),
        constraints=tuple(_constraints(constraints, kind)),
    )


def _constraints(node: Node, kind: FieldType) -> Iterator[Constraint]:
    for name, child in node.members():
        if name in ("required", "unique"):
            continue
        if name not in _CONSTRAINTS:
            if close := get_close_matches(name, [*_CONSTRAINTS, "required", "unique"], n=1):
                child.refuse(f"no such constraint; is {close[0]} meant?")
            continue
        if name != "enum" and name not in kind.constraints:
            child.refuse(f"does not apply to a field that is {kind.expected}")
        yield _CONSTRAINTS[name](child, kind)


def _enum(node: Node, kind: FieldType) -> Constraint:
    allowed = {_literal(item, kind) for item in node.items()}
    if not allowed:
        node.refuse("expected at least one value")
    listed = ", ".join(str(item.value) for item in node.items())
    return _constraint(f"one of {listed}", lambda _, value: value in allowed)


def _pattern(node: Node, _: FieldType) -> Constraint:
    try:
        form = re.compile(descriptor.string(node))
    except re.error as error:
        node.refuse(f"not a regular expression: {error}")
    return _constraint(f"text of the form {form.pattern}", lambda text, _: form.fullmatch(text) is not None)


def _min_length(node: Node, _: FieldType) -> Constraint:
    least = descriptor.size(node)
    return _constraint(f"at least {least} characters", lambda text, _: len(text) >= least)


def _max_length(node: Node, _: FieldType) -> Constraint:
    most = descriptor.size(node)
    return _constraint(f"at most {most} characters", lambda text, _: len(text) <= most)


def _bound(words: str, compare: Callable[[Any, Any], bool]) -> Callable[[Node, FieldType], Constraint]:
    def constraint(node: Node, kind: FieldType) -> Constraint:
        limit = _literal(node, kind)
        if is_nan(limit):
            node.refuse("nothing is more or less than NaN")
        return _constraint(f"{words} {node.value}", lambda _, value: not is_nan(value) and compare(value, limit))

    return constraint


def _literal(node: Node, kind: FieldType) -> Value:
    """Read a value of the field's type, written as JSON has it or as a cell would."""
    text = node.value if isinstance(node.value, str) else str(node.value).lower()
    value = kind.parse(text)
    if value is None:
        node.refuse(f"expected {kind.expected}")
    return value


_CONSTRAINTS: Mapping[str, Callable[[Node, FieldType], Constraint]] = MappingProxyType(
    {
        "enum": _enum,
        "pattern": _pattern,
        "minLength": _min_length,
        "maxLength": _max_length,
        "minimum": _bound("at least", ge),
        "maximum": _bound("at most", le),
        "exclusiveMinimum": _bound("more than", gt),
        "exclusiveMaximum": _bound("less than", lt),
    }
)
