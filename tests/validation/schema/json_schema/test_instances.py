"""Examples of values that conform to a JSON Schema, for messages."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.validation.schema.json_schema import instances
from tests.validation.schema.json_schema.compiled import violations


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "integer", "minimum": 5}, "b": {}}},
        {"properties": {"a": {"pattern": "^[A-Z]{2}$"}}, "required": ["a"], "additionalProperties": False},
        {"type": "array", "minItems": 2, "items": {"enum": ["x", "y"]}},
        {"type": "array", "prefixItems": [{"type": "string", "format": "date"}, {"const": 7}], "minItems": 2},
        {"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "required": ["n"], "properties": {"n": {"const": 1}}}}},
        {"allOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object", "properties": {"a": {"type": "null"}}},
        {"anyOf": [{"type": "array", "minItems": 1}, {"type": "object"}]},
        {"examples": [{"a": 1}], "type": "object"},
        {"type": "object", "minProperties": 2, "additionalProperties": {"type": "number", "exclusiveMaximum": 0}},
    ],
)
def test_instance_conforms(schema: Mapping[str, Any]) -> None:
    """Among the values that are made from a schema of common keywords, one conforms."""
    check = violations(schema)
    assert any(check(json.dumps(each)) is None for each in instances(schema))


@pytest.mark.parametrize(
    "schema", [True, [], {"type": 7}, {"required": 1, "type": "object"}, {"$ref": "#"}, {"$ref": "#/a/b"}]
)
def test_odd_schema_has_no_good_example(schema: Any) -> None:
    """A schema that says nothing, or nothing right, is no reason to fail."""
    assert len(list(instances(schema))) <= len(("required", "all"))
