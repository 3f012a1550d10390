"""Table Schema descriptors, compiled into checks."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, Self

from attrs import evolve, field, frozen

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.report import CellFault, ErrorCode, Fault
from chalicelib.validation.schema.constraints import Constraint, categories, constraints
from chalicelib.validation.schema.dataset_options import DatasetOptions
from chalicelib.validation.schema.field_types import FieldType, field_type
from chalicelib.validation.schema.keys import ForeignKey, Key, foreign_keys, keys, primary_key

MAX_COLUMNS = 16_384
"""The most columns of a spreadsheet. It bounds the errors of one row: one for each field or label."""

_NO_TEXT: Sequence[str] = ("",)
_DESCRIPTIVE = ("name", "title", "description")
_SCHEMA_PROPERTIES = (
    *("fields", "fieldsMatch", "missingValues", "primaryKey", "uniqueKeys", "foreignKeys", "dialect", "assay"),
    *("$schema", *_DESCRIPTIVE),
)
_FIELD_PROPERTIES = (
    *("type", "format", "constraints", "missingValues", "categories", "categoriesOrdered", "trueValues", "falseValues"),
    *("decimalChar", "groupChar", "bareNumber", "delimiter", "itemType", "example", "rdfType"),
    *_DESCRIPTIVE,
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

    missing_value_fault: Fault = field(init=False, eq=False, repr=False)
    """The fault of a cell that has no value, though the field is required."""

    def __attrs_post_init__(self) -> None:
        """Word the fault once: it is needed for each empty cell."""
        example = next(iter(self.type.examples), None)
        message = "expected a value" if example is None else f"expected a value, as in {example}"
        object.__setattr__(self, "missing_value_fault", CellFault(ErrorCode.CONSTRAINT_ERROR, message, _no_value))


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
class Schema:
    """A compiled Table Schema."""

    fields: tuple[Field, ...]
    fields_match: FieldsMatch
    keys: tuple[Key, ...]
    foreign_keys: tuple[ForeignKey, ...]
    warnings: tuple[str, ...] = ()
    """What is probably a mistake in the descriptor, each with its path."""
    unchecked: tuple[str, ...] = ()
    """What the descriptor requires and is not checked, each with its path and the reason."""
    dialect: Dialect | None
    """The dialect of this dataset's files, if the descriptor declares it. Assay's addition to Table Schema."""
    options: DatasetOptions
    """What the dataset asks of Assay: tolerance, split, load. Another addition to Table Schema."""

    @classmethod
    def from_descriptor(cls, descriptor_: Mapping[str, Any]) -> Self:
        """Compile a descriptor. Raises SchemaInvalid with the path of what is wrong."""
        node = Node(descriptor_)
        descriptor.refuse_too_deep(node)
        descriptor.warn_of_misspelt(node, _SCHEMA_PROPERTIES)
        fields_node = node.child("fields") or node.refuse("a Table Schema has fields")
        missing_values = node.get("missingValues", _missing_values, _NO_TEXT)
        if not 0 < sum(1 for _ in fields_node.items()) <= MAX_COLUMNS:
            fields_node.refuse(f"a Table Schema has at least one field, and no more than {MAX_COLUMNS:,}")
        fields = list(_fields(fields_node.items(), missing_values))
        names = [field.name for field in fields]
        primary = primary_key(node, names)
        for position in primary:
            fields[position] = evolve(fields[position], required=True)
        dialect_node, options_node = node.child("dialect"), node.child("assay")
        dialect = None if dialect_node is None else Dialect.from_descriptor(dialect_node)
        return cls(
            fields=tuple(fields),
            fields_match=node.get("fieldsMatch", _fields_match, FieldsMatch.EXACT),
            keys=tuple(keys(node, fields_node, names)),
            foreign_keys=tuple(foreign_keys(node, names)),
            dialect=dialect,
            options=DatasetOptions.from_node(options_node, has_primary_key=bool(primary), dialect=dialect)
            if options_node
            else DatasetOptions(),
            warnings=tuple(node.remarks.warnings),
            unchecked=tuple(node.remarks.unchecked),
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


def _fields(nodes: Iterable[Node], missing_values: Sequence[str]) -> Iterator[Field]:
    """Compile fields. What is compiled is shared by fields that differ only in words for people, as their names."""
    known: dict[str, Field] = {}
    for node in nodes:
        rules = _rules(node)
        if found := known.get(rules):
            yield evolve(found, name=_name(node))
            continue
        remarks = node.remarks.count
        field = _field(node, missing_values)
        if rules and node.remarks.count == remarks:  # a remark has the path of its field
            known[rules] = field
        yield field


def _rules(node: Node) -> str:
    """Return a text that is the same for fields with the same rules; empty if there is none."""
    try:
        return repr({name: value for name, value in node.as_object().items() if name not in _DESCRIPTIVE})
    except ValueError:  # an integer has more digits than Python writes
        return ""


def _name(node: Node) -> str:
    name_node = node.child("name") or node.refuse("a field has a name")
    return name_node.as_(str) or name_node.refuse("a field has a name")


def _field(node: Node, missing_values: Sequence[str]) -> Field:
    descriptor.warn_of_misspelt(node, _FIELD_PROPERTIES)
    name = _name(node)
    kind = field_type(node)
    conditions = node.child("constraints") or Node({}, f"{node.path}.constraints", node.remarks)
    checks = tuple(constraints(conditions, kind))
    if listed := node.child("categories"):
        checks = (categories(node, listed, kind), *checks)
    missing = frozenset(node.get("missingValues", _missing_values, missing_values))
    examples = _examples(kind, checks, missing)
    example = examples[0] if examples else None
    required = conditions.get("required", descriptor.boolean, default=False)
    no_value = None if required else min(missing, key=len, default=None)
    return Field(
        name=name,
        type=evolve(kind, examples=examples, no_value=no_value),
        missing_values=missing,
        required=required,
        constraints=tuple(evolve(check, example=None if check.lists_values else example) for check in checks),
    )


def _examples(kind: FieldType, checks: Sequence[Constraint], missing: frozenset[str]) -> tuple[str, ...]:
    """Return texts that meet all constraints of the field, the first as an example in messages; none if none fits."""
    listed = [text for check in checks if check.lists_values for text in check.texts]
    others = [text for check in checks if not check.lists_values for text in check.texts]
    found: list[str] = []
    for text in dict.fromkeys([*listed[:_TRIED], *kind.examples, *others[:_TRIED]]):
        if 0 < len(text) <= _LONGEST_EXAMPLE and text not in missing:
            value = kind.parse(text)
            if value is not None and all(check.fault_of(text, value) is None for check in checks):
                found.append(text)
        if len(found) == _EXAMPLES:
            break
    return tuple(found)


_TRIED = 50
"""How many texts of constraints are tried as an example."""
_LONGEST_EXAMPLE = 100
_EXAMPLES = 3
"""How many texts are shown as examples."""


def _no_value(text: str) -> str:
    return "this stands for no value" if text else "the cell is empty"
