"""JSON Schemas for cells: the specification's verdicts, in bounded time."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.errors import SchemaInvalid
from chalicelib.validation.descriptor import Node
from chalicelib.validation.regex.automaton import automaton
from chalicelib.validation.schema import patterns
from chalicelib.validation.schema.json_schema import conformity
from tests.validation.schema.json_schema.compiled import conforming


def remarks(schema: Mapping[str, Any]) -> list[str]:
    """Return what is left unchecked of a schema."""
    node = Node(schema)
    conformity(node)
    return node.remarks.unchecked


def refusal(schema: Mapping[str, Any]) -> str:
    """Return the message with which a schema is refused."""
    with pytest.raises(SchemaInvalid) as refused:
        conformity(Node(schema))
    return str(refused.value)


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"pattern": "a(?=a)"}, "$.pattern"),
        ({"properties": {"x": {"items": {"pattern": r"(a)\1"}}}}, "$.properties.x.items.pattern"),
        ({"$defs": {"x": {"anyOf": [{}, {"pattern": "a(?=a)"}]}}}, "$.$defs.x.anyOf[1].pattern"),
        ({"patternProperties": {"a(?!a)": {}}}, "$.patternProperties['a(?!a)']"),
        ({"propertyNames": {"pattern": "a.{500}"}}, "$.propertyNames.pattern"),
    ],
)
def test_slow_pattern_is_left_unchecked_in_every_keyword(schema: Mapping[str, Any], path: str) -> None:
    """A pattern that cannot run in linear time is named with its path, and the rest of the schema is checked."""
    assert any(it.startswith(f"{path}: the pattern cannot be checked in ") for it in remarks(schema))
    check = conforming({**schema, "maxProperties": 1, "maxLength": 1})
    assert check('{"x": ["b"]}')
    assert not check('{"x": [], "y": []}')


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"patternProperties": {"a(?=b)": {}}, "additionalProperties": False}, '{"ab": 1}'),
        ({"patternProperties": {"a(?=b)": {}}, "unevaluatedProperties": False}, '{"ab": 1}'),
        ({"anyOf": [{"pattern": "a(?=b)"}, {"maxLength": 1}]}, '"ab"'),
        ({"items": {"pattern": "a(?=b)"}, "minItems": 1}, '["ab"]'),
    ],
)
def test_unchecked_pattern_makes_no_error(schema: Mapping[str, Any], value: str) -> None:
    """What an unchecked pattern might allow is allowed."""
    assert conforming(schema)(value)


@pytest.mark.parametrize(
    "schema",
    [
        {"not": {"pattern": "a(?=b)"}},
        {"oneOf": [{"items": {"pattern": "a(?=b)"}}, {"type": "array"}]},
        {"if": {"pattern": "a(?=b)"}, "then": False},
        {"contains": {"pattern": "a(?=b)"}, "maxContains": 1},
        {"not": {"$ref": "#/$defs/x"}, "$defs": {"x": {"pattern": "a(?=b)"}}},
    ],
)
def test_unchecked_pattern_that_turns_a_verdict_leaves_the_schema_unchecked(schema: Mapping[str, Any]) -> None:
    """Below `not` and the like, a value that is taken to match would make an error: nothing is checked instead."""
    node = Node(schema)
    assert conformity(node) is None
    assert "$: it would take a pattern" in node.remarks.unchecked[-1]


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"pattern": {"type": "string"}, "patternProperties": {}}},
        {"enum": [{"pattern": "(?=a)"}]},
        {"const": {"pattern": "(?=a)"}},
        {"default": {"pattern": "(?=a)"}, "examples": [{"pattern": "(?=a)"}]},
    ],
)
def test_property_named_pattern_is_not_a_pattern(schema: Mapping[str, Any]) -> None:
    """A property named "pattern", and one inside of a value, is not a pattern."""
    conformity(Node(schema))


def test_schema_within_may_be_of_another_draft() -> None:
    """An embedded schema's `$schema` says what its keywords mean."""
    draft_4 = {"$id": "urn:a", "$schema": "http://json-schema.org/draft-04/schema#", "type": "integer"}
    check = conforming({"prefixItems": [{"type": "integer"}, draft_4]})
    assert check("[1.0, 1]")
    assert not check("[1.0, 1.0]")


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": 7}, "not a JSON Schema: "),
        ({"$ref": "#/x", "x": {"minimum": "a"}}, "not a JSON Schema: "),
        ({"$ref": "#/title", "title": "a"}, "not a JSON Schema: a $ref leads to something else than a schema"),
        ({"$ref": "#/nowhere"}, "the $ref '#/nowhere' leads nowhere"),
        ({"items": {"$ref": "https://example.org/a"}}, "the $ref 'https://example.org/a' leads nowhere"),
        ({"allOf": [{"$ref": "#"}]}, "a $ref leads back to itself"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"not": {"$ref": "#/$defs/a"}}]}}}, "a $ref leads back"),
        ({"$defs": {"a": {"minimum": float("nan")}}, "$ref": "#/$defs/a"}, "nan is no limit"),
        (
            {"$schema": "http://json-schema.org/draft-03/schema#", "type": "whole"},
            "not a JSON Schema: there is no type",
        ),
    ],
)
def test_faulty_schema_is_refused(schema: Mapping[str, Any], reason: str) -> None:
    """What is wrong with a JSON Schema is known before a file is read."""
    assert f"$: {reason}" in refusal(schema)


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
def test_backtracking_pattern_gets_its_verdict(dialect: str, schema: Mapping[str, Any], value: Any) -> None:
    """Every keyword with a pattern runs in linear time, in every dialect, and behind a $ref."""
    assert not conforming({"$schema": dialect, **schema})(json.dumps(value))


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
def test_own_keywords_follow_the_specification(schema: Mapping[str, Any], value: Any, *, conforms: bool) -> None:
    """The keywords that replace the library's have the same verdicts."""
    assert conforms == conforming(schema)(json.dumps(value))


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
        *(("[1e300,1" + "0" * 300 + "]", False), ("[1e2,100]", False), ("[0.1,0.10]", False), ("[{},[]]", True)),
        ("[1" + "0" * 5000 + ",1" + "0" * 5000 + "]", False),
    ],
)
def test_items_are_compared_by_value(text: str, *, conforms: bool) -> None:
    """Equal numbers are equal in any notation, and equal nothing else."""
    assert conforms == conforming({"uniqueItems": True})(text)
    assert conforming({"uniqueItems": False})(text)


def test_many_items_are_compared_in_linear_time() -> None:
    """UniqueItems takes linear time, and no file can contain numbers chosen to collide."""
    items = [item for number in range(40_000) for item in (str(number), number * (2**61 - 1), [number])]
    check = conforming({"uniqueItems": True})
    assert check(json.dumps(items))
    assert not check(json.dumps([*items, [7]]))


SPECIFICATION = "https://json-schema.org/draft/2020-12/schema"
"""A specification with patterns of its own."""


@pytest.mark.parametrize("schema", [{}, {"properties": {"meta": {"$ref": SPECIFICATION}}}])
def test_each_pattern_is_compiled_once(schema: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern is compiled once for all cells, even one of a specification, which the first cell leads to."""
    compiled: list[str] = []

    def noted(expression: str) -> Any:
        compiled.append(expression)
        return automaton(expression)

    monkeypatch.setattr(patterns, "automaton", noted)
    prefixes = [f"{len(schema)}x{number}y" for number in range(200)]
    check = conforming({**schema, "patternProperties": {f"^{prefix}": {"type": "integer"} for prefix in prefixes}})
    cell = json.dumps({**dict.fromkeys(prefixes, 1), "meta": {"$id": "a", "$anchor": "b"}})
    assert check(cell)
    by_the_first = list(compiled)
    assert check(cell)
    assert check(cell)
    assert len(prefixes) <= len(by_the_first)
    assert by_the_first == compiled
    assert sorted(set(compiled)) == sorted(compiled)
