"""JSON, lists and points: the texts that are accepted, and their values."""

import tracemalloc
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.errors import SchemaInvalid
from tests.validation.schema.field_types.compiled import compiled

NO_JSON = (
    *(
        "",
        " ",
        "a",
        "{",
        "[",
        "{]",
        "[}",
        "{'a': 1}",
        "{a: 1}",
        '{"a" 1}',
        '{"a": 1,}',
        "[1,]",
        "[1 2]",
        "[01]",
        "[+1]",
    ),
    *("[.5]", "[1.]", "[0x1F]", "[NaN]", "[Infinity]", "[-Infinity]", '{"a": NaN}', "[True]", "[None]", "[undefined]"),
    *('["a\nb"]', '["\\x"]', '["\\u12"]', "[1]]", "{}{}", "[] x", "// c\n[]", "[" * 100_000, "[" * 3000 + "]" * 3000),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{}", {}),
        (' {"a": 1} ', {"a": Decimal(1)}),
        ('{"a": {"b": [null, true, "x"]}}', {"a": {"b": [None, True, "x"]}}),
        ('{"a": 0.1000000000000000000001}', {"a": Decimal("0.1000000000000000000001")}),
        ('{"a": 1e3}', {"a": Decimal(1000)}),
        ('{"é": "\\u20ac"}', {"é": "€"}),
    ],
)
def test_objects_are_json_objects(text: str, value: dict[str, Any]) -> None:
    """RFC 8259, with exact numbers."""
    assert value == compiled(type="object").parse(text)
    assert [value] == compiled(type="array").parse(f"[{text}]")


@pytest.mark.parametrize("kind", ["object", "array"])
@pytest.mark.parametrize("text", [*NO_JSON, "1", "null", "true", '"x"'])
def test_other_texts_are_not_json(kind: str, text: str) -> None:
    """Other notations, deep nesting, and JSON of another kind are refused."""
    assert compiled(type=kind).parse(text) is None


def test_arrays_and_objects_are_different_types() -> None:
    """An object is not an array, and an array is not an object."""
    assert compiled(type="object").parse("[]") is None
    assert compiled(type="array").parse("{}") is None


@pytest.mark.parametrize(
    ("properties", "text", "value"),
    [
        ({}, "a", ["a"]),
        ({}, "a,b", ["a", "b"]),
        ({}, " a, b", [" a", " b"]),
        ({}, "a,,b,", ["a", "", "b", ""]),
        ({}, "a;b", ["a;b"]),
        ({"delimiter": ";"}, "a;b,c", ["a", "b,c"]),
        ({"delimiter": " | "}, "a | b|c", ["a", "b|c"]),
        ({"itemType": "string"}, "1,2", ["1", "2"]),
        ({"itemType": "integer"}, "1,-2", [Decimal(1), Decimal(-2)]),
        ({"itemType": "integer"}, "1, 2", [Decimal(1), Decimal(2)]),
        ({"itemType": "integer"}, "1,", None),
        ({"itemType": "integer"}, "1,x", None),
        ({"itemType": "integer"}, "1.0", None),
        ({"itemType": "number"}, "1.5,INF", [Decimal("1.5"), float("inf")]),
        ({"itemType": "number", "delimiter": ";"}, "1,5;2", None),
        ({"itemType": "boolean"}, "true,0", [True, False]),
        ({"itemType": "boolean"}, "true,maybe", None),
        ({"itemType": "date"}, "2024-02-29,2024-02-30", None),
        ({"itemType": "time"}, "12:30", None),
        ({"itemType": "datetime"}, "2024-02-29", None),
    ],
)
def test_lists_are_items_of_one_type_and_a_delimiter(
    properties: Mapping[str, Any], text: str, value: list[Any] | None
) -> None:
    """Each item is parsed like a cell of its type in the default format."""
    assert value == compiled(type="list", **properties).parse(text)


@pytest.mark.parametrize(
    ("kind", "item", "items"),
    [("date", "2024-02-29", 2), ("time", "12:30:00", 3), ("datetime", "2024-02-29T12:30:00", 1)],
)
def test_lists_may_be_of_times(kind: str, item: str, items: int) -> None:
    """Items may be dates, times and datetimes."""
    expected = [compiled(type=kind).parse(item)] * items
    assert expected == compiled(type="list", itemType=kind).parse(",".join([item] * items))


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"delimiter": ""}, "$: the delimiter is empty"),
        ({"delimiter": 7}, "$.delimiter: expected a string"),
        (
            {"itemType": "object"},
            "$.itemType: expected one of string, integer, number, boolean, date, time, datetime",
        ),
        ({"itemType": 7}, "$.itemType: expected a string"),
        ({"format": "array"}, "$.format: expected one of default"),
    ],
)
def test_a_broken_list_field_is_refused(properties: Mapping[str, Any], message: str) -> None:
    """The item type and the delimiter are checked with the schema."""
    with pytest.raises(SchemaInvalid) as caught:
        compiled(type="list", **properties)
    assert message == str(caught.value)


@pytest.mark.parametrize(
    ("form", "texts"),
    [
        ("default", ["90.50, 45.50", "90.50,45.50", "0,0", "-180,-90", "180.0,90", "+1,-1", "1,  2", ".5,5."]),
        ("array", ["[90.50, 45.50]", "[0,0]", "[-180,-90]", "[1.8e2, 9e1]", " [1, 2] "]),
        ("object", ['{"lon": 90.50, "lat": 45.50}', '{"lat":0,"lon":-180}']),
    ],
)
def test_geopoints_are_a_longitude_and_a_latitude(form: str, texts: list[str]) -> None:
    """Longitude comes first, in degrees, in the declared format."""
    kind = compiled(type="geopoint", format=form)
    assert [] == [text for text in texts if kind.parse(text) is None]


@pytest.mark.parametrize(
    ("form", "texts"),
    [
        (
            "default",
            [
                *("", ",", "1", "1,", ",1", "1,2,3", "1;2", "1 2", "180.1,0", "-180.01,0", "0,90.1", "0,-91", "a,b"),
                *("45°N,90°E", "1,NaN", "INF,1", "1e9,2", "[1,2]", "(1,2)", "1,2\n", "1\xa0,2", "1,0x2"),
            ],
        ),
        (
            "array",
            [
                *("1,2", "[1]", "[1,2,3]", "[]", '["1","2"]', "[1,null]", "[1,true]", "[181,0]", "[0,91]", "[[1,2]]"),
                *('{"lon":1,"lat":2}', "[NaN,1]", "[1,2", "[1e99,1]"),
            ],
        ),
        (
            "object",
            [
                *("1,2", "[1,2]", "{}", '{"lon":1}', '{"lat":1}', '{"lon":1,"lat":2,"alt":3}', '{"Lon":1,"Lat":2}'),
                *('{"lon":"1","lat":"2"}', '{"lon":181,"lat":0}', '{"lon":0,"lat":91}', '{"lon":null,"lat":0}'),
                '{"longitude":1,"latitude":2}',
            ],
        ),
    ],
)
def test_points_outside_the_range_are_refused(form: str, texts: list[str]) -> None:
    """A point is two numbers within 180 and 90 degrees."""
    kind = compiled(type="geopoint", format=form)
    assert [] == [text for text in texts if kind.parse(text) is not None]


@pytest.mark.parametrize(
    ("descriptor", "expected"),
    [
        ({"type": "object"}, True),
        ({"type": "array"}, True),
        ({"type": "geojson"}, True),
        ({"type": "geojson", "format": "topojson"}, True),
        ({"type": "geopoint", "format": "array"}, True),
        ({"type": "geopoint", "format": "object"}, True),
        ({"type": "geopoint"}, False),
        ({"type": "list"}, False),
        ({"type": "string"}, False),
        ({"type": "any"}, False),
    ],
)
def test_only_some_types_hold_json(descriptor: Mapping[str, Any], *, expected: bool) -> None:
    """In columns of JSON types, a quote in an unquoted cell is allowed."""
    assert expected is compiled(**descriptor).is_json


@pytest.mark.parametrize("text", ["1e1,2", "9.05E1,-4.55e1", "1e-400, 0"])
def test_parts_of_a_point_may_have_an_exponent(text: str) -> None:
    """Each is a number, as the specification says."""
    assert compiled(type="geopoint").parse(text) is not None


@pytest.mark.parametrize(
    ("descriptor", "cell"),
    [
        ({"type": "list", "itemType": "integer"}, "1," * 100_000 + "1"),
        ({"type": "list", "itemType": "integer"}, "x," + "1," * 100_000),
        ({"type": "geopoint"}, "1," * 100_000 + "1"),
        ({"type": "geopoint", "format": "array"}, "[" + "1," * 100_000 + "1]"),
        ({"type": "array"}, "[" + "1," * 100_000 + "1]"),
    ],
)
def test_cell_of_many_equal_parts_takes_memory_for_references_alone(descriptor: Mapping[str, Any], cell: str) -> None:
    """Equal parts share a value, and a cell that is wrong for its first parts is not split into all."""
    parse = compiled(**descriptor).parse
    tracemalloc.start()
    parse(cell)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * len(cell)
