"""Values of every type: their canonical texts are equal exactly if the values are."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import pytest

from chalicelib.validation.schema.field_types import Value, canonical
from tests.validation.schema.field_types.compiled import compiled

INTEGER = {"type": "integer"}
PLAIN_INTEGER = {"type": "integer", "format": "decimal"}
NUMBER = {"type": "number"}
PLAIN_NUMBER = {"type": "number", "format": "decimal"}
EMAIL = {"type": "string", "format": "email"}
DATE = {"type": "date"}
DATETIME = {"type": "datetime"}


@pytest.mark.parametrize(
    ("descriptor", "one", "other"),
    [
        (INTEGER, "1", "01"),
        (INTEGER, "1", "+1"),
        (INTEGER, "0", "-0"),
        (INTEGER, "100", "0100"),
        (NUMBER, "1.0", "1.00"),
        (NUMBER, "1", "1.0"),
        (NUMBER, "100", "1e2"),
        (NUMBER, "0", "-0.00"),
        (NUMBER, "nan", "NaN"),
        (NUMBER, "1" + "0" * 50, "1e50"),
        ({"type": "boolean"}, "1", "true"),
        (DATETIME, "2024-02-29T12:30:00Z", "2024-02-29T12:30:00"),
        (DATETIME, "2024-02-29T12:30:00Z", "2024-02-29T14:30:00.0+02:00"),
        ({"type": "date", "format": "%d.%m.%Y"}, "01.02.2024", "1.2.2024"),
        ({"type": "time", "format": "%H:%M"}, "12:30", "12:30"),
        ({"type": "time"}, "00:00:00", "24:00:00"),
        ({"type": "duration"}, "P1Y", "P12M"),
        ({"type": "duration"}, "P1D", "PT24H"),
        ({"type": "duration"}, "PT1H", "PT3600S"),
        ({"type": "object"}, '{"a": 1, "b": 2}', '{"b":2,"a":1.0}'),
        ({"type": "array"}, '[1e2, "\\u00e9"]', '[ 100 ,"é"]'),
        ({"type": "list", "itemType": "integer"}, "1,2", "01,+2"),
        ({"type": "geopoint"}, "90.50, 45.5", "90.5,45.50"),
        ({"type": "geopoint", "format": "object"}, '{"lon": 1, "lat": 2}', '{"lat": 2.0, "lon": 1.0}'),
        ({"type": "geopoint", "format": "array"}, "[1, 2]", "[1.0,2e0]"),
        ({"type": "geojson"}, '{"type":"Point","coordinates":[1,2]}', '{"coordinates":[1.0,2],"type":"Point"}'),
    ],
)
def test_equal_values_have_equal_texts(descriptor: Mapping[str, Any], one: str, other: str) -> None:
    """Uniqueness compares values, not texts."""
    kind = compiled(**descriptor)
    assert _canonical(kind.parse(one)) == _canonical(kind.parse(other))


@pytest.mark.parametrize(
    ("descriptor", "texts"),
    [
        (INTEGER, ["0", "1", "-1", "10", "100", "1" + "0" * 40, "1" + "0" * 39 + "1"]),
        (NUMBER, ["0", "0.1", "0.10000000000000000000000000000000000000001", "1e9", "1e-9", "NaN", "INF", "-INF"]),
        ({"type": "string"}, ["", " ", "a", "A", "ä", "a\u0308", "None"]),
        ({"type": "boolean"}, ["true", "false"]),
        (DATE, ["2024-01-01", "2024-01-02", "2023-01-01"]),
        (DATETIME, ["2024-01-01T00:00:00", "2024-01-01T00:00:00.000001", "2024-01-01T00:00:00+01:00"]),
        ({"type": "time"}, ["12:30:00", "12:30:01", "00:00:00"]),
        ({"type": "duration"}, ["P1M", "P30D", "P31D", "-P1M", "PT1S", "PT1.5S"]),
        ({"type": "year"}, ["2024", "2023", "0000"]),
        ({"type": "yearmonth"}, ["2024-01", "2024-02", "2023-01"]),
        ({"type": "object"}, ["{}", '{"a":1}', '{"a":"1"}', '{"a":true}', '{"a":null}', '{"a":"null"}', '{"a":[1]}']),
        (
            {"type": "array"},
            ["[]", "[[]]", "[{}]", "[1]", '["1"]', "[true]", '["True"]', "[null]", '["None"]', "[1,1]"],
        ),
        ({"type": "array"}, ['["a","b"]', '["b","a"]', '["a,b"]', "[\"a','b\"]", '[["a"],"b"]', '[["a","b"]]']),
        ({"type": "list"}, ["a,b", "b,a", "ab", "a,b,", "a, b"]),
        ({"type": "geopoint"}, ["1,2", "2,1", "-1,2"]),
    ],
)
def test_different_values_have_different_texts(descriptor: Mapping[str, Any], texts: list[str]) -> None:
    """Uniqueness loses no digit."""
    written = [_canonical(compiled(**descriptor).parse(text)) for text in texts]
    assert not [pair for pair in combinations(written, 2) if pair[0] == pair[1]]


def _canonical(value: Value | None) -> str:
    assert value is not None
    return canonical(value)


@pytest.mark.parametrize(
    ("descriptor", "expected"),
    [
        (INTEGER, "expected an integer, as in 42"),
        (PLAIN_INTEGER, "expected an integer, as in 42"),
        (NUMBER, "expected a number, as in 12.5"),
        (PLAIN_NUMBER, "expected a decimal number, as in 12.5"),
        (EMAIL, "expected an e-mail address, as in anna@example.org"),
        ({"type": "boolean"}, "expected one of true, True, TRUE, 1, false, False, FALSE, 0"),
        (DATE, "expected a date, as in 2024-02-29"),
        (DATETIME, "expected a date and time, as in 2024-02-29T12:30:00Z"),
        ({"type": "time"}, "expected a time, as in 12:30:00"),
        ({"type": "date", "format": "%d.%m.%Y"}, "expected a date, as in 29.02.2024"),
        ({"type": "date", "format": "fmt:%d.%m.%Y"}, "expected a date, as in 29.02.2024"),
        (
            {"type": "datetime", "format": "any"},
            "expected a date and time in a common notation, as in 2024-02-29T12:30:00Z",
        ),
        ({"type": "year"}, "expected a year, as in 2024"),
        ({"type": "yearmonth"}, "expected a month of a year, as in 2024-02"),
        ({"type": "duration"}, "expected a duration, as in P1Y2M3DT4H5M6S"),
        ({"type": "string", "format": "uri"}, "expected a URI with its scheme, as in https://example.org/"),
        ({"type": "string", "format": "uuid"}, "expected a UUID, as in 123e4567-e89b-42d3-a456-426614174000"),
        ({"type": "string", "format": "binary"}, "expected binary data in base64, as in SGVsbG8="),
        ({"type": "object"}, 'expected a JSON object, as in {"a": 1}'),
        ({"type": "array"}, "expected a JSON array, as in [1, 2]"),
        ({"type": "list", "itemType": "integer"}, "expected a list of items, each an integer, as in 42,1"),
        ({"type": "geopoint"}, "expected a longitude and a latitude, as in 90.5, 45.5"),
        ({"type": "geopoint", "format": "array"}, "expected a longitude and a latitude, as in [90.5, 45.5]"),
        (
            {"type": "geopoint", "format": "object"},
            'expected a longitude and a latitude, as in {"lon": 90.5, "lat": 45.5}',
        ),
        ({"type": "geojson"}, 'expected a GeoJSON object, as in {"type": "Point", "coordinates": [90.5, 45.5]}'),
        (
            {"type": "geojson", "format": "topojson"},
            'expected a TopoJSON object, as in {"type": "Topology", "objects": {}, "arcs": []}',
        ),
    ],
)
def test_fault_says_what_was_expected(descriptor: Mapping[str, Any], expected: str) -> None:
    """A type-error says what is expected, in words."""
    fault = compiled(**descriptor).fault
    assert ("type-error", expected) == (fault.code, fault.message)
