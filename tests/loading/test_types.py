"""What PostgreSQL holds is what the validator reads, for every type of Table Schema."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import ValueUnloadable
from chalicelib.loading.column_types import column_types
from chalicelib.validation.schema.table_schema import compiled_schema
from tests.loading.conftest import LoadFile

AreEqual = Callable[[str, str, str], bool]
TYPES = (
    *("string", "number", "integer", "boolean", "object", "array", "list", "date", "time", "datetime"),
    *("year", "yearmonth", "duration", "geopoint", "geojson", "any"),
)
CASES: list[tuple[dict[str, Any], str, Any]] = [
    ({"type": "string"}, "a\\b", "a\\b"),
    ({"type": "string"}, '"a ""b"", c\nd"', 'a "b", c\nd'),
    ({"type": "string"}, r"\N", r"\N"),
    ({"type": "any"}, " x ", " x "),
    ({"type": "integer"}, "0042", 42),
    ({"type": "integer"}, "+9223372036854775807", 2**63 - 1),
    ({"type": "integer"}, " 5\t", 5),
    ({"type": "integer", "groupChar": "."}, "1.250", 1250),
    ({"type": "integer", "bareNumber": False}, "$ 7 USD", 7),
    ({"type": "number"}, "1.10", Decimal("1.10")),
    ({"type": "number"}, "-1.5e-3", Decimal("-0.0015")),
    ({"type": "number"}, ".5", Decimal("0.5")),
    (
        {"type": "number"},
        "123456789012345678901234567890.123456789",
        Decimal("123456789012345678901234567890.123456789"),
    ),
    ({"type": "number"}, "-INF", Decimal("-Infinity")),
    ({"type": "number", "decimalChar": ",", "groupChar": "."}, '"1.250,5"', Decimal("1250.5")),
    ({"type": "boolean"}, "TRUE", True),
    ({"type": "boolean"}, "0", False),
    ({"type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"]}, "nein", False),
    ({"type": "date"}, "0044-03-15", date(44, 3, 15)),
    ({"type": "date", "format": "%d.%m.%Y"}, "29.02.2024", date(2024, 2, 29)),
    ({"type": "time"}, "23:59:59", time(23, 59, 59)),
    ({"type": "time"}, "24:00:00", time(0, 0)),
    ({"type": "datetime"}, "2024-02-29T12:30:00", datetime(2024, 2, 29, 12, 30, tzinfo=UTC)),
    ({"type": "datetime"}, "2024-02-29T12:30:00.1234569+02:00", datetime(2024, 2, 29, 10, 30, 0, 123456, tzinfo=UTC)),
    ({"type": "datetime"}, "2023-12-31T24:00:00Z", datetime(2024, 1, 1, tzinfo=UTC)),
    ({"type": "year"}, "-0044", -44),
    ({"type": "year"}, "123456789012345678", 123456789012345678),
    ({"type": "yearmonth"}, "2024-02", "2024-02"),
    ({"type": "list"}, '"a,""b"" \\,"', ["a", '"b" \\', ""]),
    ({"type": "list", "itemType": "integer", "delimiter": ";"}, "1;-2", [1, -2]),
    (
        {"type": "list", "itemType": "date", "delimiter": ";"},
        "2024-01-01;0044-03-15",
        [date(2024, 1, 1), date(44, 3, 15)],
    ),
    ({"type": "geopoint"}, '"90.50, 45.5"', [Decimal("90.50"), Decimal("45.5")]),
    ({"type": "geopoint", "format": "object"}, '"{""lon"": 1, ""lat"": 2}"', [Decimal(1), Decimal(2)]),
]


@pytest.mark.parametrize(("field", "cell", "expected"), CASES)
def test_value_is_stored_exactly(load_file: LoadFile, field: dict[str, Any], cell: str, expected: Any) -> None:
    """A cell of each type becomes the value that the validator reads."""
    content = f"n,v\n1,{cell}\n".encode()
    ((_, value),) = load_file(content, {"fields": [{"name": "n"}, {"name": "v", **field}]}, select="n, v")
    assert expected == value
    assert type(expected) is type(value)


WRITTEN: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "datetime"}, "-0044-03-15T12:00:00Z", "0045-03-15 12:00:00+00 BC"),
    ({"type": "datetime"}, "12024-02-29T00:00:00.5Z", "12024-02-29 00:00:00.5+00"),
    ({"type": "datetime"}, "0000-01-01T00:00:00Z", "0001-01-01 00:00:00+00 BC"),
    ({"type": "duration"}, "-P1Y2M3DT4H5M6.7S", "-1 years -2 mons -3 days -04:05:06.7"),
    ({"type": "duration"}, "PT0.000001S", "00:00:00.000001"),
    ({"type": "object"}, '"{""b"": 0.10, ""a"": 12345678901234567890}"', '{"a": 12345678901234567890, "b": 0.10}'),
    ({"type": "array"}, "[1.50]", "[1.50]"),
    (
        {"type": "geojson"},
        '"{""type"": ""Point"", ""coordinates"": [1, 2]}"',
        '{"type": "Point", "coordinates": [1, 2]}',
    ),
]


@pytest.mark.parametrize(("field", "cell", "expected"), WRITTEN)
def test_value_beyond_pythons_types_is_stored_exactly(
    load_file: LoadFile, field: dict[str, Any], cell: str, expected: str
) -> None:
    """Distant years, durations and JSON are what PostgreSQL writes for the same value."""
    content = f"n,v\n1,{cell}\n".encode()
    ((value,),) = load_file(content, {"fields": [{"name": "n"}, {"name": "v", **field}]}, select="v::text")
    assert expected == value


@pytest.mark.parametrize(
    ("field", "cell", "bound"),
    [
        ({"type": "integer"}, "9223372036854775808", "bigint holds"),
        ({"type": "number"}, "1e131072", "131,072 digits"),
        ({"type": "number"}, "1e-16384", "131,072 digits"),
        ({"type": "number"}, "1e99999999999999999999", "131,072 digits"),
        ({"type": "number"}, "1e-99999999999999999999", "131,072 digits"),
        ({"type": "datetime"}, "294277-01-01T00:00:00Z", "4713 BC to 294275"),
        ({"type": "datetime"}, "-4800-01-01T00:00:00Z", "4713 BC to 294275"),
        ({"type": "duration"}, "PT0.0000001S", "microseconds"),
        ({"type": "duration"}, "P999999999Y", "178956970 years"),
        ({"type": "object"}, '"{""a"": ""\\u0000""}"', "jsonb holds neither"),
        ({"type": "array"}, "[1e200000]", "131,072 digits"),
    ],
)
def test_value_beyond_postgresql_is_named_by_row_and_column(
    load_file: LoadFile, field: dict[str, Any], cell: str, bound: str
) -> None:
    """A valid value that PostgreSQL cannot hold stops the load, with its row, its column and the bound."""
    content = f"n,v\n1,\n2,{cell}\n".encode()
    with pytest.raises(ValueUnloadable, match=f"^row 3, column v: .*{bound}"):
        load_file(content, {"fields": [{"name": "n"}, {"name": "v", **field}]})


@pytest.mark.parametrize("missing", [[""], ["", "NA", "-9"], ["NA"], []])
def test_missing_values_are_null(load_file: LoadFile, missing: list[str]) -> None:
    """Each missing value becomes NULL, quoted or not; every other text, the empty one too, stays what it is."""
    content = b'n,v\n1,\n2,""\n3,NA\n4,"NA"\n5,-9\n6,x\n'
    descriptor = {"fields": [{"name": "n"}, {"name": "v"}], "missingValues": missing}
    values = [value for (value,) in load_file(content, descriptor, select="v")]
    assert [None if text in missing else text for text in ("", "", "NA", "NA", "-9", "x")] == values


VERBATIM: list[Mapping[str, Any]] = [
    {"name": "v", "type": "string"},
    {"name": "v", "type": "integer"},
    {"name": "v", "type": "number"},
    {"name": "v", "type": "boolean"},
    {"name": "v", "type": "date"},
    {"name": "v", "type": "time"},
    {"name": "v", "type": "datetime"},
    {"name": "v", "type": "year"},
]


@pytest.fixture(scope="module")
def are_equal(connection: psycopg.Connection) -> AreEqual:
    """A function that returns whether PostgreSQL reads two texts of a type alike."""
    return lambda kind, one, other: (
        connection.execute(f"SELECT %s::{kind}::text = %s::{kind}::text".encode(), (one, other)).fetchone() == (True,)
    )


@given(data=st.data())
def test_text_that_is_passed_on_is_read_as_the_written_value(are_equal: AreEqual, data: st.DataObject) -> None:
    """A text that is passed on as it stands is the same to PostgreSQL as the value that the validator reads."""
    field = data.draw(st.sampled_from(VERBATIM))
    kind = compiled_schema({"fields": [field]}).fields[0].type
    own = column_types(field, kind)[0]
    texts = st.from_regex(str(own.verbatim), fullmatch=True) if field["type"] != "string" else st.text()
    text = data.draw(texts.filter(lambda each: "\0" not in each and kind.parse(each) is not None))
    assert are_equal(own.name, text, own.write(text))


@pytest.mark.parametrize("name", TYPES)
def test_no_type_is_stored_inexactly(name: str) -> None:
    """No type of the specification has a column of floating-point numbers."""
    kind = compiled_schema({"fields": [{"name": "v", "type": name}]}).fields[0].type
    names = [each.name for each in column_types({"name": "v", "type": name}, kind)]
    assert names
    assert not {"real", "double precision", "point"}.intersection(names)
