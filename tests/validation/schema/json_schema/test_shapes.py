"""The shapes of JSON Schemas: a schema that the fast path might judge in another way has none."""

from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema.field_types.json_shapes import Combination, Kinds, Shape
from chalicelib.validation.schema.json_schema import shape


def shape_of(schema: Mapping[str, Any]) -> Shape:
    """Return the shape of a schema that has one."""
    found = shape(Node(schema))
    assert found is not None
    return found


@pytest.mark.parametrize(
    "schema",
    [
        {"$schema": "http://json-schema.org/draft-03/schema#", "type": "integer"},
        {"$schema": "http://json-schema.org/draft-04/schema#", "items": {"id": "b", "$ref": "#"}},
        {"properties": {"a": {"$id": "b", "$ref": "#"}}},
        {"$ref": "https://json-schema.org/draft/2020-12/schema"},
        {"items": {"$ref": "#"}, "contains": {"const": 1}},
        {"allOf": [{"allOf": [{"allOf": [{"allOf": [{"type": "array"}]}]}]}]},
        {"items": {"allOf": [{"items": {"$ref": "#"}}] * 50}},
    ],
    ids=[
        "draft 3",
        "another base in draft 4",
        "another base",
        "another document",
        "partial and recursive",
        "nested deeply",
        "many steps",
    ],
)
def test_schema_has_no_shape(schema: Mapping[str, Any]) -> None:
    """Where references or integers mean something else, or the reference might give up."""
    assert shape(Node(schema)) is None


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_combination_of_partial_shapes_is_partial(keyword: str) -> None:
    """It is not known which part fits."""
    found = shape_of({keyword: [{"contains": {"const": 1}}, {"maxItems": 1}], "type": "array"})
    own, combination = found.parts
    assert (own.kinds, combination.combination, combination.is_partial) == (Kinds.ARRAY, Combination.SIMPLE, True)


def test_all_of_partial_shapes_keeps_what_is_known() -> None:
    """What does not fit one part does not fit all."""
    (combination,) = shape_of({"allOf": [{"contains": {"const": 1}}, {"maxItems": 1}]}).parts
    containing, few = combination.parts
    assert containing.is_partial
    assert few.size == (0, 1)


def test_stricter_of_two_limits_counts() -> None:
    """An exclusive one is stricter than the same inclusive one."""
    (bound,) = shape_of({"minimum": 5, "exclusiveMinimum": 5}).bounds
    assert bound.is_exclusive


def test_member_must_fit_its_own_shape_and_those_of_patterns() -> None:
    """A pattern also applies to names that are stated."""
    found = shape_of({"properties": {"a": {"maximum": 5}}, "patternProperties": {"^[ab]$": {"type": "integer"}}})
    assert len(found.names["a"].parts) == 2
    assert not found.is_partial
