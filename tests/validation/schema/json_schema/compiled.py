"""Compiles JSON Schemas for tests."""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema.field_types.structures import parse_json
from chalicelib.validation.schema.json_schema import Violation, conformity


def violations(schema: Mapping[str, Any]) -> Callable[[str], Violation | None]:
    """Return the check of a schema: from a JSON text to its first violation."""
    check = conformity(Node(schema))
    assert check is not None
    return lambda text: check(text, parse_json(text))


def conforming(schema: Mapping[str, Any]) -> Callable[[str], bool]:
    """Return the check of a schema: whether a JSON text conforms."""
    violation_of = violations(schema)
    return lambda text: violation_of(text) is None
