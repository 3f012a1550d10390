"""Constraints: the types that each applies to, and what it requires."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import Schema, validate
from tests.validation.verdicts import found, schema_of

BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
LENGTHS = ("minLength", "maxLength")
CELLS: Mapping[str, str] = {
    "string": "1",
    "number": "1",
    "integer": "1",
    "boolean": "1",
    "object": "{}",
    "array": "[]",
    "list": "1",
    "date": "2024-02-29",
    "time": "12:30:00",
    "datetime": "2024-02-29T12:30:00Z",
    "year": "2024",
    "yearmonth": "2024-02",
    "duration": "P1D",
    "geopoint": '"1,2"',
    "geojson": '{"type":"FeatureCollection","features":[]}'.replace('"', '""').join('""'),
    "any": "1",
}
"""A valid cell of each type."""
APPLICABLE: Mapping[str, Sequence[str]] = {
    "string": (*LENGTHS, "pattern"),
    "object": (*LENGTHS, "jsonSchema"),
    "array": (*LENGTHS, "jsonSchema"),
    "list": LENGTHS,
    **dict.fromkeys(("number", "integer", "date", "time", "datetime", "year", "yearmonth", "duration"), BOUNDS),
}


def value_of(constraint: str, kind: str) -> Any:
    """Return a valid value of a constraint for a type."""
    return {"minLength": 0, "maxLength": 9, "pattern": ".*", "jsonSchema": {}}.get(constraint, CELLS[kind])


@pytest.mark.parametrize("kind", CELLS)
def test_required_unique_and_enum_apply_to_every_type(kind: str) -> None:
    """An enum lists values of the field's type."""
    cell = CELLS[kind]
    text = cell[1:-1].replace('""', '"') if cell.startswith('"') else cell
    schema = schema_of({"type": kind, "constraints": {"required": True, "unique": True, "enum": [text]}}, {})
    expected = [(3, 3, 1, "a", "unique-error"), (4, 4, 1, "a", "constraint-error")]
    assert expected == found(f"a,b\n{cell},x\n{cell},x\n,x\n", schema)


@pytest.mark.parametrize(
    ("kind", "constraint"), [(kind, constraint) for kind, applicable in APPLICABLE.items() for constraint in applicable]
)
def test_a_constraint_applies_to_the_types_that_the_specification_names(kind: str, constraint: str) -> None:
    """Lengths need a length, bounds an order, patterns text, and JSON Schemas JSON."""
    schema = schema_of({"type": kind, "constraints": {constraint: value_of(constraint, kind)}}, {})
    expected = 1 if constraint.startswith("exclusive") else 0
    assert expected == len(found(f"a,b\n{CELLS[kind]},x\n", schema))


@pytest.mark.parametrize(
    ("kind", "constraint"),
    [
        (kind, constraint)
        for kind in CELLS
        for constraint in (*LENGTHS, *BOUNDS, "pattern", "jsonSchema")
        if constraint not in APPLICABLE.get(kind, ())
    ],
)
def test_a_constraint_that_does_not_apply_to_the_type_is_refused(kind: str, constraint: str) -> None:
    """It could never apply, so the schema is refused."""
    with pytest.raises(
        SchemaInvalid, match=rf"^\$\.fields\[0\]\.constraints\.{constraint}: does not apply to a field that is "
    ):
        Schema.from_descriptor(schema_of({"type": kind, "constraints": {constraint: value_of(constraint, kind)}}))


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ({"type": "array", "constraints": {"minLength": 2}}, ["[1,2]", "[[],[],[]]"], ["[]", "[[1,2]]", '["abc"]']),
        ({"type": "array", "constraints": {"maxLength": 1}}, ["[]", '["abc"]', "[[1,2]]"], ["[1,2]"]),
        ({"type": "object", "constraints": {"minLength": 1}}, ['{"a":1}'], ["{}"]),
        ({"type": "object", "constraints": {"maxLength": 1}}, ["{}", '{"a":{"b":1,"c":2}}'], ['{"a":1,"b":2}']),
        ({"type": "list", "constraints": {"minLength": 2}}, ["a,b", ","], ["a", "abc"]),
        ({"type": "list", "constraints": {"maxLength": 2}}, ["a,b"], ["a,b,c", ",,"]),
        ({"type": "string", "format": "binary", "constraints": {"maxLength": 4}}, ["YQ=="], ["YWJjZA=="]),
        (
            {"type": "object", "constraints": {"jsonSchema": {"required": ["a"], "properties": {"a": {"minimum": 2}}}}},
            ['{"a":2}', '{"a":"x","b":1}'],
            ["{}", '{"b":2}', '{"a":1}', '{"a":1.99}'],
        ),
        (
            {"type": "array", "constraints": {"jsonSchema": {"items": {"type": "integer"}, "uniqueItems": True}}},
            ["[]", "[1,2]", "[1.0]"],
            ["[1.5]", '["1"]', "[1,1]", "[null]"],
        ),
        (
            {
                "type": "object",
                "constraints": {
                    "jsonSchema": {"$schema": "http://json-schema.org/draft-04/schema#", "minProperties": 1}
                },
            },
            ['{"a":1}'],
            ["{}"],
        ),
        ({"type": "time", "constraints": {"minimum": "09:00:00"}}, ["09:00:00", "10:00:00"], ["08:59:59"]),
        ({"type": "time", "format": "%H:%M", "constraints": {"maximum": "17:00"}}, ["9:00", "17:00"], ["17:01"]),
        (
            {"type": "date", "format": "%d/%m/%Y", "constraints": {"minimum": "02/01/2024"}},
            ["01/02/2024"],
            ["01/01/2024"],
        ),
        (
            {"type": "datetime", "constraints": {"exclusiveMinimum": "2024-02-29T12:00:00"}},
            ["2024-02-29T12:00:01Z", "2024-02-29T11:30:00-01:00"],
            ["2024-02-29T12:00:00Z", "2024-02-29T13:00:00+01:00"],
        ),
        (
            {"type": "year", "constraints": {"minimum": 2000, "exclusiveMaximum": "2025"}},
            ["2000", "2024"],
            ["1999", "2025"],
        ),
        ({"type": "yearmonth", "constraints": {"minimum": "2024-02"}}, ["2024-02", "2024-10", "2025-01"], ["2024-01"]),
        ({"type": "yearmonth", "constraints": {"exclusiveMaximum": "2024-02"}}, ["2024-01", "2023-12"], ["2024-02"]),
        ({"type": "duration", "constraints": {"minimum": "P1M"}}, ["P1M", "P31D", "P1Y"], ["P30D", "PT1H", "-P1Y"]),
        (
            {"type": "duration", "constraints": {"exclusiveMaximum": "PT1H"}},
            ["PT59M", "-P1Y"],
            ["PT1H", "PT60M", "P1D"],
        ),
        ({"type": "integer", "groupChar": ",", "constraints": {"maximum": "1,000"}}, ["999", "1,000"], ["1,001"]),
        ({"type": "number", "decimalChar": ",", "constraints": {"minimum": 1.5}}, ["1,5"], ["1,4"]),
        ({"type": "number", "decimalChar": ",", "constraints": {"minimum": "1,5"}}, ["1,5"], ["1,4"]),
        ({"type": "number", "decimalChar": ",", "constraints": {"enum": [1.5, "2,5"]}}, ["1,5", "2,50"], ["1,4"]),
        (
            {"type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"], "constraints": {"enum": [True]}},
            ["ja"],
            ["nein"],
        ),
        ({"type": "boolean", "trueValues": ["ja", "j"], "constraints": {"enum": ["j"]}}, ["ja"], ["false"]),
        ({"type": "string", "constraints": {"enum": [1, "b"]}}, ["1", "b"], ["01", "1.0"]),
        ({"constraints": {"enum": [1, "b"]}}, ["1", "b"], ["01", "1.0"]),
        (
            {"type": "object", "constraints": {"enum": [{"a": 1}, '{"b": 2}']}},
            ['{"a":1.0}', '{"b":2}'],
            ['{"a":2}', "{}"],
        ),
        ({"type": "array", "constraints": {"enum": [[1, "x"]]}}, ['[1,"x"]'], ['["x",1]', "[1]"]),
        ({"type": "list", "itemType": "integer", "constraints": {"enum": ["1,2"]}}, ["1,2", "01,2"], ["2,1"]),
        ({"type": "duration", "constraints": {"enum": ["P1Y"]}}, ["P1Y", "P12M"], ["P365D"]),
        ({"type": "geopoint", "constraints": {"enum": ["1.0, 2"]}}, ["1,2"], ["2,1"]),
        ({"type": "geopoint", "format": "array", "constraints": {"enum": [[1, 2]]}}, ["[1.0,2]"], ["[2,1]"]),
        ({"type": "string", "categories": ["a", "b"]}, ["a", "b"], ["c", "A"]),
        ({"type": "integer", "categories": [0, 1], "categoriesOrdered": True}, ["0", "01"], ["2"]),
        ({"type": "integer", "categories": [{"value": 0, "label": "no"}, {"value": 1}]}, ["0", "1"], ["2"]),
        ({"type": "string", "categories": ["a", "b"], "constraints": {"maxLength": 9}}, ["a"], ["c"]),
    ],
)
def test_constraints_hold_for_values(field: Mapping[str, Any], good: Sequence[str], bad: Sequence[str]) -> None:
    """Values are compared, not their texts, in the file and in the descriptor."""
    rows = ["a,b", *('"' + cell.replace('"', '""') + '",x' for cell in (*good, *bad))]
    expected = [(row, row, 1, "a", "constraint-error") for row in range(2 + len(good), 2 + len(good) + len(bad))]
    assert expected == found("\n".join(rows), schema_of(field, {}))


@pytest.mark.parametrize(
    ("field", "path", "reason"),
    [
        ({"type": "date", "constraints": {"minimum": "2024-02-30"}}, "minimum", "expected a date, as in 2024-02-29"),
        (
            {"type": "date", "format": "%d.%m.%Y", "constraints": {"minimum": "2024-02-29"}},
            "minimum",
            "expected a date, as in 29.02.2024",
        ),
        ({"type": "time", "constraints": {"maximum": 9}}, "maximum", "expected a time, as in 12:30:00"),
        ({"type": "year", "constraints": {"maximum": 24}}, "maximum", "expected a year, as in 2024"),
        (
            {"type": "duration", "constraints": {"maximum": "1 day"}},
            "maximum",
            "expected a duration, as in P1Y2M3DT4H5M6S",
        ),
        ({"type": "object", "constraints": {"enum": [{}, "[]"]}}, "enum[1]", 'expected a JSON object, as in {"a": 1}'),
        ({"type": "array", "constraints": {"enum": [{}]}}, "enum[0]", "expected a JSON array, as in [1, 2]"),
        (
            {"type": "array", "constraints": {"minLength": -1}},
            "minLength",
            "expected a whole number that is not negative",
        ),
        ({"type": "array", "constraints": {"jsonSchema": []}}, "jsonSchema", "expected an object"),
        (
            {"type": "boolean", "constraints": {"enum": ["yes"]}},
            "enum[0]",
            "expected one of true, True, TRUE, 1, false, False, FALSE, 0",
        ),
    ],
)
def test_a_constraint_whose_value_is_not_of_the_type_is_refused(
    field: Mapping[str, Any], path: str, reason: str
) -> None:
    """The message has the path and the expected type."""
    with pytest.raises(SchemaInvalid) as caught:
        Schema.from_descriptor(schema_of(field))
    assert f"$.fields[0].constraints.{path}: {reason}" == str(caught.value)


@pytest.mark.parametrize("schema", [{"type": "nope"}, {"minimum": "x"}, {"properties": []}, {"pattern": "("}])
def test_a_json_schema_must_be_one(schema: Mapping[str, Any]) -> None:
    """A broken JSON Schema is refused with its path."""
    with pytest.raises(SchemaInvalid, match=r"^\$\.fields\[0\]\.constraints\.jsonSchema: not a JSON Schema: "):
        Schema.from_descriptor(schema_of({"type": "object", "constraints": {"jsonSchema": schema}}))


@pytest.mark.parametrize(
    ("categories", "message"),
    [
        ("a", "$.fields[0].categories: expected an array"),
        ([], "$.fields[0].categories: expected at least one value"),
        ([{"label": "a"}], "$.fields[0].categories[0]: expected a value"),
        (["a"], "$.fields[0].categories[0]: expected an integer, as in 42"),
        ([1, {"value": "x"}], "$.fields[0].categories[1].value: expected an integer, as in 42"),
    ],
)
def test_broken_categories_are_refused_with_the_path(categories: Any, message: str) -> None:
    """Categories are values of the field's type."""
    with pytest.raises(SchemaInvalid) as caught:
        Schema.from_descriptor(schema_of({"type": "integer", "categories": categories}))
    assert message == str(caught.value)


def test_missing_values_may_have_labels() -> None:
    """A label says why a value is missing, and changes nothing."""
    omitted = [{"value": "", "label": "OMITTED"}, {"value": "-99"}]
    schema = schema_of(
        {"type": "integer", "constraints": {"minimum": 0}}, {"missingValues": ["-"]}, missingValues=omitted
    )
    assert [(4, 4, 1, "a", "constraint-error")] == found("a,b\n-99,x\n,x\n-98,x\n", schema)


def test_messages_of_lengths_fit_everything_that_has_one() -> None:
    """A length counts characters, items or members."""
    field = {"type": "array", "constraints": {"minLength": 3, "maxLength": 0}}
    report = validate([b"a\n[1]\n"], schema_of(field))
    assert ["expected at least 3 items; this has 1 item", "expected at most 0 items; this has 1 item"] == [
        error.message for error in report.errors
    ]
