"""Table Schema descriptors, compiled into checks."""

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, Self

from attrs import evolve, frozen

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.report import ErrorCode, Fault
from chalicelib.validation.schema.constraints import Constraint, categories, constraints
from chalicelib.validation.schema.field_types import FieldType, field_type

MAX_COLUMNS = 16_384
"""The most columns of a spreadsheet. It bounds the errors of one row: one for each field or label."""

_NO_TEXT: Sequence[str] = ("",)
_SCHEMA_PROPERTIES = ("fields", "fieldsMatch", "missingValues", "primaryKey", "uniqueKeys", "foreignKeys", "dialect")
_FIELD_PROPERTIES = (
    "name",
    "type",
    "format",
    "constraints",
    "missingValues",
    "categories",
    "trueValues",
    "falseValues",
)


@frozen(kw_only=True)
class Field:
    """A field of the schema: what the cells of one column must be."""

    name: str
    type: FieldType
    missing_values: frozenset[str]
    """The texts that stand for "no value"."""
    required: bool
    constraints: tuple[Constraint, ...]


class FieldsMatch(StrEnum):
    """How the columns of a file must match the fields."""

    EXACT = "exact"
    EQUAL = "equal"
    SUBSET = "subset"
    SUPERSET = "superset"
    PARTIAL = "partial"

    @property
    def by_name(self) -> bool:
        """Whether columns are matched by name, in any order."""
        return self is not FieldsMatch.EXACT

    @property
    def allows_more(self) -> bool:
        """Whether a file may have columns that the schema lacks."""
        return self in {FieldsMatch.SUBSET, FieldsMatch.PARTIAL}

    @property
    def allows_fewer(self) -> bool:
        """Whether a file may lack columns that are not required."""
        return self in {FieldsMatch.SUPERSET, FieldsMatch.PARTIAL}


@frozen(kw_only=True)
class Key:
    """Columns whose values together must be different in every row."""

    fields: tuple[int, ...]
    """0-based positions among the fields."""
    duplicate: Fault
    """The fault of a row that repeats the values of an earlier row."""
    incomplete: Fault | None = None
    """The fault of a row that has none of the values; None if such a row is not compared.

    A row with some of a primary key's values is compared like any other.
    """


@frozen(kw_only=True)
class ForeignKey:
    """Columns whose values together must occur in other columns of some row."""

    fields: tuple[int, ...]
    """0-based positions among the fields."""
    reference: tuple[int, ...]
    """0-based positions of the referenced fields."""
    dangling: Fault
    """The fault of a row whose values occur nowhere."""


@frozen(kw_only=True)
class Schema:
    """A compiled Table Schema."""

    fields: tuple[Field, ...]
    fields_match: FieldsMatch
    keys: tuple[Key, ...]
    foreign_keys: tuple[ForeignKey, ...]
    dialect: Dialect | None
    """The dialect of this dataset's files, if the descriptor declares it. Assay's addition to Table Schema."""

    @classmethod
    def from_descriptor(cls, descriptor_: Mapping[str, Any]) -> Self:
        """Compile a descriptor. Raises SchemaInvalid with the path of what is wrong."""
        node = Node(descriptor_)
        descriptor.refuse_too_deep(node)
        descriptor.refuse_misspelt(node, _SCHEMA_PROPERTIES)
        fields_node = node.child("fields") or node.refuse("a Table Schema has fields")
        missing_values = node.get("missingValues", _missing_values, _NO_TEXT)
        nodes = list(fields_node.items())
        if not 0 < len(nodes) <= MAX_COLUMNS:
            fields_node.refuse(f"a Table Schema has at least one field, and no more than {MAX_COLUMNS:,}")
        fields = tuple(_field(child, missing_values) for child in nodes)
        names = [field.name for field in fields]
        dialect = node.child("dialect")
        return cls(
            fields=fields,
            fields_match=node.get("fieldsMatch", _fields_match, FieldsMatch.EXACT),
            keys=tuple(_keys(node, fields_node, names)),
            foreign_keys=tuple(_foreign_keys(node, names)),
            dialect=None if dialect is None else Dialect.from_descriptor(dialect),
        )


def compiled_schema(descriptor_: Mapping[str, Any]) -> Schema:
    """Compile a descriptor, or return the cached result. Raises SchemaInvalid like `from_descriptor`."""
    try:
        text = json.dumps(descriptor_)
    except (TypeError, ValueError, RecursionError):  # not from JSON, or nested too deeply: not cached
        return Schema.from_descriptor(descriptor_)
    return _compiled(text)


@lru_cache(maxsize=32)
def _compiled(text: str) -> Schema:
    return Schema.from_descriptor(json.loads(text))


def _fields_match(node: Node) -> FieldsMatch:
    """Parse how columns match. Version 2.0 of the profile allowed an array of one."""
    if isinstance(node.value, list) and len(node.value) == 1:
        (node,) = node.items()
    return FieldsMatch(descriptor.one_of(*FieldsMatch)(node))


def _missing_values(node: Node) -> Sequence[str]:
    """Parse missing values: strings, or objects with a value and a label."""
    return tuple(descriptor.value_of(item).as_(str) for item in node.items())


def _keys(node: Node, fields_node: Node, names: Sequence[str]) -> Iterator[Key]:
    for position, child in enumerate(fields_node.items()):
        constraints = child.child("constraints")
        if constraints and constraints.get("unique", descriptor.boolean, default=False):
            yield _key(ErrorCode.UNIQUE_ERROR, (position,), names)
    unique = node.child("uniqueKeys")
    if unique is not None and not unique.value:
        unique.refuse("expected at least one key")
    for child in unique.items() if unique else ():
        yield _key(ErrorCode.UNIQUE_ERROR, _positions(child, names), names)
    if primary := node.child("primaryKey"):
        key = _key(ErrorCode.PRIMARY_KEY, _positions(primary, names), names)
        yield evolve(key, incomplete=Fault(ErrorCode.PRIMARY_KEY, "expected a value in the primary key"))


def _key(code: ErrorCode, fields: tuple[int, ...], names: Sequence[str]) -> Key:
    listed = ", ".join(names[position] for position in fields)
    return Key(fields=fields, duplicate=Fault(code, f"an earlier row has the same value of {listed}"))


def _foreign_keys(node: Node, names: Sequence[str]) -> Iterator[ForeignKey]:
    for child in keys.items() if (keys := node.child("foreignKeys")) else ():
        reference = child.child("reference") or child.refuse("a foreign key has a reference")
        resource = reference.child("resource")
        if resource is not None and resource.value:
            resource.refuse("not supported: Assay sees one file at a time, and can check references within it alone")
        fields = _positions(child.child("fields") or child.refuse("a foreign key has fields"), names)
        referred = _positions(reference.child("fields") or reference.refuse("a reference has fields"), names)
        if len(fields) != len(referred):
            reference.refuse("expected as many fields as the foreign key has")
        listed = ", ".join(names[position] for position in referred)
        yield ForeignKey(
            fields=fields, reference=referred, dangling=Fault(ErrorCode.FOREIGN_KEY, f"no row has this {listed}")
        )


def _positions(node: Node, names: Sequence[str]) -> tuple[int, ...]:
    """Return the positions of a key's fields, from one name or an array of names."""
    wanted = (node.value,) if isinstance(node.value, str) else descriptor.strings(node)
    for name in wanted:
        if name not in names:
            node.refuse(f"no field is named {name!r}")
    return tuple(names.index(name) for name in wanted) or node.refuse("expected at least one field's name")


def _field(node: Node, missing_values: Sequence[str]) -> Field:
    descriptor.refuse_misspelt(node, _FIELD_PROPERTIES)
    name_node = node.child("name") or node.refuse("a field has a name")
    kind = field_type(node)
    conditions = node.child("constraints") or Node({}, f"{node.path}.constraints")
    checks = tuple(constraints(conditions, kind))
    if listed := node.child("categories"):
        checks = (categories(node, listed, kind), *checks)
    return Field(
        name=name_node.as_(str) or name_node.refuse("a field has a name"),
        type=kind,
        missing_values=frozenset(node.get("missingValues", _missing_values, missing_values)),
        required=conditions.get("required", descriptor.boolean, default=False),
        constraints=checks,
    )
