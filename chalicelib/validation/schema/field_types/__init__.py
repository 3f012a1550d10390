"""The field types of Table Schema: parse texts into values."""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from attrs import evolve

from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema.field_types.field_type import (
    LONGEST_WHOLE,
    TEXT,
    Bound,
    FieldType,
    Value,
    canonical,
    is_nan,
)

__all__ = ["LONGEST_WHOLE", "TEXT", "Bound", "FieldType", "Value", "canonical", "field_type", "is_nan"]

_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "string": "text.string",
        "number": "numbers.number",
        "integer": "numbers.integer",
        "boolean": "text.boolean",
        "object": "structures.object_",
        "array": "structures.array",
        "list": "structures.list_",
        "date": "times.date_",
        "time": "times.time_",
        "datetime": "times.datetime_",
        "year": "times.year",
        "yearmonth": "times.yearmonth",
        "duration": "durations.duration",
        "geopoint": "structures.geopoint",
        "geojson": "structures.geojson",
        "any": "text.any_",
    }
)
"""The functions that compile each type. Their modules are imported when a schema first has the type."""
_MEANT: Mapping[str, str] = MappingProxyType(
    {
        "decimal": 'type "number" with format "decimal"',
        "email": 'type "string" with format "email"',
    }
)
"""Types that do not exist, and what to write instead."""


def field_type(node: Node) -> FieldType:
    """Compile a field descriptor's type, format and properties. Raises SchemaInvalid with the path."""
    name = node.get("type", descriptor.string, "any")
    if name not in _TYPES:
        meant = _MEANT.get(name, f"one of {', '.join(_TYPES)}")
        (node.child("type") or node).refuse(f"no such type; use {meant}")
    form = node.get("format", descriptor.string, "default").removeprefix("fmt:")
    return evolve(_compile(name)(node), name=name, format=form)


def _compile(name: str) -> Callable[[Node], FieldType]:
    """Return the function that compiles a type."""
    module, _, function = _TYPES[name].partition(".")
    compile_type: Callable[[Node], FieldType] = getattr(import_module(f"{__name__}.{module}"), function)
    return compile_type
