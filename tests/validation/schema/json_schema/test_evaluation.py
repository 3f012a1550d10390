"""The cost of JSON Schemas, counted in steps, and the messages about violations."""

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.validation import validate
from chalicelib.validation.descriptor import Node
from chalicelib.validation.schema.json_schema import StepsExceeded, conformity, evaluation
from chalicelib.validation.schema.json_schema.values import is_multiple
from tests.validation.schema.json_schema.compiled import violations


def _operation(name: str) -> Mapping[str, Any]:
    arguments = {"type": "array", "items": {"$ref": "#/$defs/node"}}
    return {"properties": {"op": {"const": name}, "args": arguments}, "required": ["op"]}


TREE: Mapping[str, Any] = {
    "$ref": "#/$defs/node",
    "$defs": {"node": {"oneOf": [_operation("and"), _operation("or"), _operation("not")]}},
}
"""An expression tree: an exponential number of ways to apply it to a nested value."""
UNEVALUATED_ITEMS = {"contains": {"type": "integer"}, "unevaluatedItems": False}
UNEVALUATED_PROPERTIES = {"allOf": [{"additionalProperties": {"type": "integer"}}], "unevaluatedProperties": False}
UNIQUE = {"items": {"$ref": "#"}, "uniqueItems": True}


def _tree(depth: int) -> Any:
    tree: Any = {"op": "or"}
    for _ in range(depth):
        tree = {"args": [tree], "op": "or"}
    return tree


@pytest.mark.parametrize(
    ("schema", "small", "large"),
    [
        (TREE, _tree(10), _tree(40)),
        (UNEVALUATED_ITEMS, [1] * 1_000, [1] * 4_000),
        (UNEVALUATED_PROPERTIES, {f"a{at}": 1 for at in range(1_000)}, {f"a{at}": 1 for at in range(4_000)}),
        (UNIQUE, [[at] for at in range(1_000)], [[at] for at in range(4_000)]),
    ],
)
def test_steps_grow_with_the_value(
    schema: Mapping[str, Any], small: Any, large: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value that is four times as large takes at most about four times as many steps."""
    spent: list[int] = []

    class Counted(evaluation.Evaluation):
        def spend(self, steps: int) -> None:
            spent.append(steps)
            super().spend(steps)

    monkeypatch.setattr("chalicelib.validation.schema.json_schema.Evaluation", Counted)
    violation_of = violations(schema)
    assert violation_of(json.dumps(small)) is None
    of_small = sum(spent)
    spent.clear()
    assert violation_of(json.dumps(large)) is None
    assert of_small <= sum(spent) <= 4.5 * of_small


def test_value_that_takes_too_many_steps_has_a_code_of_its_own() -> None:
    """The budget of steps ends in an error of the cell, and its row's other cells are checked."""
    broad = {"allOf": [{"items": {"maximum": at}} for at in range(100, 400)]}
    field = {"name": "a", "type": "array", "constraints": {"jsonSchema": broad}}
    schema = {"fields": [field, {"name": "b", "type": "integer"}]}
    report = validate([b'a,b\n"[' + b"1," * 5_000 + b'1]",x\n'], schema)
    assert [("a", "complex-cell"), ("b", "type-error")] == [(each.column, each.code) for each in report.errors]


def test_subschemas_may_not_be_nested_endlessly() -> None:
    """Python's stack ends; the nesting of subschemas is limited before."""
    schema: Mapping[str, Any] = {"items": {"$ref": "#"}}
    for _ in range(40):
        schema = {"allOf": [schema]}
    check = conformity(Node(schema))
    assert check is not None
    assert check("[[]]", [[]]) is None
    value: list[Any] = []
    for _ in range(50):
        value = [value]
    with pytest.raises(StepsExceeded):
        check(json.dumps(value), value)


def test_end_of_the_stack_is_no_crash() -> None:
    """A caller may leave less of Python's stack than the nesting takes."""
    check = conformity(Node({"items": {"$ref": "#"}}))
    assert check is not None
    value: list[Any] = []
    for _ in range(98):
        value = [value]

    def called(frames: int) -> None:
        if frames:
            called(frames - 1)
        else:
            check(json.dumps(value), value)

    with pytest.raises(StepsExceeded):
        called(sys.getrecursionlimit() - 200)


@pytest.mark.parametrize(
    ("schema", "value", "keyword", "place"),
    [
        ({"type": "array"}, {}, "type", "$"),
        ({"properties": {"a": {"items": {"minimum": 1}}}}, {"a": [1, 0]}, "minimum", "$.a[1]"),
        ({"additionalProperties": {"type": "string"}}, {"secret": 1}, "type", "$.*"),
        ({"additionalProperties": False}, {"secret": 1}, "additionalProperties", "$.*"),
        ({"patternProperties": {"s": {"maxLength": 1}}}, {"secret": "ab"}, "maxLength", "$.*"),
        ({"propertyNames": {"maxLength": 1}}, {"secret": 1}, "propertyNames", "$"),
        ({"unevaluatedProperties": False}, {"secret": 1}, "unevaluatedProperties", "$.*"),
        ({"properties": {"a": False}}, {"a": 1}, "properties", "$.a"),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}, "anyOf", "$"),
        ({"contains": {"type": "string"}, "minContains": 2}, ["a"], "minContains", "$"),
        ({"contains": {}, "maxContains": 1}, [1, 2], "maxContains", "$"),
        ({"if": {"type": "array"}, "then": {"minItems": 1}}, [], "minItems", "$"),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "dependentRequired", "$"),
        (TREE, {"op": "or", "args": [{"op": "nor"}]}, "oneOf", "$"),
    ],
)
def test_violation_names_keyword_and_place(schema: Mapping[str, Any], value: Any, keyword: str, place: str) -> None:
    """A violation names the keyword and the path, without names that only the cell has."""
    violation = violations(schema)(json.dumps(value))
    assert violation is not None
    assert (keyword, place) == (violation.keyword, violation.place)


def test_message_names_the_rule_and_not_the_cell() -> None:
    """The error of a cell says which rule it breaks, and where."""
    rules = {"items": {"properties": {"price": {"minimum": 0}}}}
    schema = {"fields": [{"name": "a", "type": "array", "constraints": {"jsonSchema": rules}}]}
    report = validate([b'a\n"[{""price"": 1}, {""price"": -7}]"\n'], schema)
    expected = "expected a value that conforms to the JSON Schema, as in [1, 2]"
    message = f"{expected}; at $[1].price it breaks the rule minimum: 0"
    assert [message] == [each.message for each in report.errors]


@pytest.mark.parametrize(
    ("number", "step", "expected"),
    [
        *(
            ("4.02", "0.01", True),
            ("4.025", "0.01", False),
            ("0", "7", True),
            ("-14", "7", True),
            ("1e400", "0.1", True),
        ),
        *(("1e400", "3", False), ("3e999999", "3", True), ("1e-999999", "0.1", False), ("100", "1e2", True)),
        *(("150", "1e2", False), ("1" * 10_000, "9", False), ("9" * 10_000, "9", True), ("7.50", "2.5", True)),
    ],
)
def test_multiples_are_exact(number: str, step: str, *, expected: bool) -> None:
    """A hundredth is a hundredth, and a number may have any exponent and any number of digits."""
    assert expected is is_multiple(Decimal(number), Decimal(step))
