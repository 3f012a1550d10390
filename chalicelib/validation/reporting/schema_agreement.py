"""What a schema asks of a file."""

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.validation.reporting.agreement import AgreedColumn, AgreedLimit, Agreement
from chalicelib.validation.schema.table_schema import Schema, compiled_schema

MAX_ALLOWED = 50
"""How many allowed values of a column are listed."""
_DEFAULT = "default"
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern")


def agreement_of(name: str, descriptor: Mapping[str, Any]) -> Agreement:
    """Return the agreement of a schema; raises SchemaInvalid."""
    schema = compiled_schema(descriptor)
    dialect = _dialect(descriptor)
    keys = {tuple(schema.fields[at].name for at in key.fields): None for key in schema.keys}
    single = {names[0] for names in keys if len(names) == 1}
    return Agreement(
        name=name,
        title=_text(descriptor.get("title")),
        description=_text(descriptor.get("description")),
        columns=tuple(_columns(descriptor, schema, single)),
        any_order=schema.fields_match.by_name,
        allows_more=schema.fields_match.allows_more,
        allows_fewer=schema.fields_match.allows_fewer,
        keys=tuple(names for names in keys if len(names) > 1),
        delimiter=str(dialect.get("delimiter") or ","),
        encoding=str(dialect.get("encoding") or "utf-8").upper(),
    )


def _columns(descriptor: Mapping[str, Any], schema: Schema, unique: set[str]) -> Iterator[AgreedColumn]:
    for described, field in zip(descriptor["fields"], schema.fields, strict=True):
        kind = _text(described.get("type")) or "any"
        conditions = described.get("constraints") or {}
        listed = next((check.texts for check in field.constraints if check.lists_values), ())
        yield AgreedColumn(
            name=field.name,
            title=_text(described.get("title")),
            description=_text(described.get("description")),
            type=kind,
            format=_other_than_default(described.get("format")),
            decimal_char=(_text(described.get("decimalChar")) or ".") if kind == "number" else None,
            required=field.required,
            unique=field.name in unique,
            allowed=listed[:MAX_ALLOWED],
            allowed_count=len(listed),
            limits=tuple(AgreedLimit(name=name, limit=str(conditions[name])) for name in _LIMITS if name in conditions),
            examples=field.type.examples,
        )


def _dialect(descriptor: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the declared dialect; version 1 of the specification has its members in `csv`."""
    declared = descriptor.get("dialect")
    if not isinstance(declared, Mapping):
        return {}
    return {**declared, **(declared.get("csv") or {})}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _other_than_default(format_: object) -> str | None:
    return None if format_ == _DEFAULT else _text(format_)
