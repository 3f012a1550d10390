"""JSON Schemas for cells: as the specification has them, in time that does not run away."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.errors import SchemaInvalid
from chalicelib.validation.descriptor import Node
from chalicelib.validation.regex.automaton import automaton
from chalicelib.validation.schema import patterns
from chalicelib.validation.schema.json_schema import conformity


def refusal(schema: Mapping[str, Any]) -> str:
    """Say why a schema is refused."""
    with pytest.raises(SchemaInvalid) as refused:
        conformity(Node(schema))
    return str(refused.value)


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"pattern": "(?=a)"}, "$.pattern"),
        ({"properties": {"x": {"items": {"pattern": r"(a)\1"}}}}, "$.properties.x.items.pattern"),
        ({"$defs": {"x": {"anyOf": [{}, {"pattern": r"\b"}]}}}, "$.$defs.x.anyOf[1].pattern"),
        ({"patternProperties": {"(?!a)": {}}}, "$.patternProperties['(?!a)']"),
        ({"propertyNames": {"pattern": "a.{500}"}}, "$.propertyNames.pattern"),
    ],
)
def test_pattern_that_could_take_long_is_refused_wherever_it_stands(schema: Mapping[str, Any], path: str) -> None:
    """With its path."""
    assert refusal(schema).startswith(f"{path}: the pattern cannot be checked in linear time: ")


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"pattern": {"type": "string"}, "patternProperties": {}}},
        {"enum": [{"pattern": "(?=a)"}]},
        {"const": {"pattern": "(?=a)"}},
        {"default": {"pattern": "(?=a)"}, "examples": [{"pattern": "(?=a)"}]},
    ],
)
def test_property_that_is_called_pattern_is_none(schema: Mapping[str, Any]) -> None:
    """Nor is it one in a value."""
    conformity(Node(schema))


def test_what_the_library_would_look_for_itself_is_refused() -> None:
    """A dialect of its own inside of a schema, and properties that patterns may have evaluated."""
    embedded = {"properties": {"x": {"$schema": "http://json-schema.org/draft-07/schema#"}}}
    assert "$.properties.x: only the outermost schema may have a $schema" == refusal(embedded)
    unevaluated = {"patternProperties": {"a": {}}, "allOf": [{"unevaluatedProperties": False}]}
    assert refusal(unevaluated).startswith("$.allOf[0].unevaluatedProperties: not supported in one schema with ")


SLOW = "^(a+)+$"
TARGET = "a" * 100_000 + "!"


@pytest.mark.parametrize(
    "dialect", ["http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema"]
)
@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"pattern": SLOW}, TARGET),
        ({"properties": {"x": {"$ref": "#"}}, "pattern": SLOW}, {"x": TARGET}),
        ({"patternProperties": {SLOW: False, "!$": False}}, {TARGET: 1}),
        ({"patternProperties": {SLOW: True}, "additionalProperties": False}, {TARGET: 1}),
        ({"propertyNames": {"pattern": SLOW}}, {TARGET: 1}),
    ],
)
def test_pattern_that_would_be_tried_for_ever_gets_its_verdict(
    dialect: str, schema: Mapping[str, Any], value: Any
) -> None:
    """In every keyword that has one, whatever the dialect, and after a reference too."""
    assert not conformity(Node({"$schema": dialect, **schema}))(json.dumps(value))


@pytest.mark.parametrize(
    ("schema", "value", "conforms"),
    [
        ({"pattern": "b"}, "abc", True),
        ({"pattern": "b"}, 7, True),
        ({"patternProperties": {"^x": {"type": "integer"}}}, {"x1": 1, "y": "z"}, True),
        ({"patternProperties": {"^x": {"type": "integer"}}}, {"x1": "z"}, False),
        (
            {"properties": {"a": {}}, "patternProperties": {"^x": {}}, "additionalProperties": False},
            {"a": 1, "x": 1},
            True,
        ),
        ({"properties": {"a": {}}, "patternProperties": {"^x": {}}, "additionalProperties": False}, {"b": 1}, False),
        ({"additionalProperties": {"type": "integer"}}, {"b": "1"}, False),
        ({"additionalProperties": {"type": "integer"}}, [], True),
        ({"$ref": "http://json-schema.org/draft-07/schema#"}, {"type": "integer", "required": ["a"]}, True),
        ({"$ref": "http://json-schema.org/draft-07/schema#"}, {"type": "whole"}, False),
        ({"$ref": "https://json-schema.org/draft/2020-12/schema"}, {"properties": {"a": {"minLength": -1}}}, False),
    ],
)
def test_our_keywords_mean_what_the_specification_says(
    schema: Mapping[str, Any], value: Any, *, conforms: bool
) -> None:
    """Those that the library would do in another way."""
    assert conforms == conformity(Node(schema))(json.dumps(value))


@pytest.mark.parametrize(
    ("text", "conforms"),
    [
        *(("[]", True), ("[1,2]", True), ("[1,1]", False), ("[1,1.0]", False), ("[0,-0.0]", False), ("[1,true]", True)),
        *(
            ("[0,false]", True),
            ('[1,"1"]', True),
            ("[null,null]", False),
            ("[[1],[1.0]]", False),
            ("[[1],[true]]", True),
        ),
        *(('[{"a":1,"b":2},{"b":2.0,"a":1}]', False), ('[{"a":1},{"a":2}]', True), ('["[1]",[1]]', True)),
        *(("[1e300,1" + "0" * 300 + "]", True), ("[1e2,100]", False), ("[0.1,0.10]", False), ("[{},[]]", True)),
        ("[1" + "0" * 5000 + ",1" + "0" * 5000 + "]", False),
    ],
)
def test_items_are_told_apart_by_their_values(text: str, *, conforms: bool) -> None:
    """A number equals another however it is written, and nothing else."""
    assert conforms == conformity(Node({"uniqueItems": True}))(text)
    assert conformity(Node({"uniqueItems": False}))(text)


def test_many_items_of_many_kinds_are_compared_at_once() -> None:
    """Not one with each other, and whoever sends them cannot choose numbers that collide."""
    items = [item for number in range(40_000) for item in (str(number), number * (2**61 - 1), [number])]
    check = conformity(Node({"uniqueItems": True}))
    assert check(json.dumps(items))
    assert not check(json.dumps([*items, [7]]))


SPECIFICATION = "https://json-schema.org/draft/2020-12/schema"
"""It has patterns of its own."""


@pytest.mark.parametrize("schema", [{}, {"properties": {"meta": {"$ref": SPECIFICATION}}}])
def test_each_pattern_is_compiled_once_however_many_there_are(
    schema: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for each cell again, also one from a specification, which only turns up with the first cell."""
    compiled: list[str] = []

    def noted(expression: str) -> Any:
        compiled.append(expression)
        return automaton(expression)

    monkeypatch.setattr(patterns, "automaton", noted)
    prefixes = [f"{len(schema)}x{number}y" for number in range(200)]
    check = conformity(
        Node({**schema, "patternProperties": {f"^{prefix}": {"type": "integer"} for prefix in prefixes}})
    )
    cell = json.dumps({**dict.fromkeys(prefixes, 1), "meta": {"$id": "a", "$anchor": "b"}})
    assert check(cell)
    by_the_first = list(compiled)
    assert check(cell)
    assert check(cell)
    assert len(prefixes) <= len(by_the_first)
    assert by_the_first == compiled
    assert sorted(set(compiled)) == sorted(compiled)
