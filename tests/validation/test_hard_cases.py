"""Hard cases, each of which was once judged wrongly or not at all."""

import resource
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import Dialect, Schema, validate
from chalicelib.validation.schema.table_schema import MAX_COLUMNS
from tests.validation.schema.field_types.compiled import compiled
from tests.validation.verdicts import found, places, schema_of

JSON_SCHEMA = {"$ref": "#/$defs/x", "$defs": {"x": {"items": {"$ref": "#/$defs/x"}}}}
DEEP = "[" * 900 + "]" * 900


def test_nothing_is_lost_if_no_error_is_listed() -> None:
    """All errors are counted, even if none is listed."""
    report = validate([b"a\n1\n1\n"], schema_of({"constraints": {"unique": True}}), max_errors=0)
    assert (1, False) == (report.error_count, report.valid)


@pytest.mark.parametrize(
    ("field", "cell", "errors"),
    [
        ({"type": "geopoint", "format": "array"}, '"[1e9999999,1]"', 1),
        ({"type": "geopoint"}, '"1' + "0" * 1_000_005 + ',1"', 1),
        ({"type": "duration"}, "PT" + "9" * 1_000_005 + "S", 1),
        ({"type": "duration"}, "P" + "9" * 1_000_005 + "Y", 1),
        ({"type": "array", "constraints": {"jsonSchema": {"type": "array"}}}, "[" + "1" * 5000 + "]", 0),
        ({"type": "array", "constraints": {"jsonSchema": JSON_SCHEMA}}, DEEP, 1),
        ({"type": "array", "constraints": {"unique": True}}, DEEP, 1),
    ],
)
def test_any_cell_gets_a_verdict(field: Mapping[str, Any], cell: str, errors: int) -> None:
    """Numbers and nesting beyond the limits of Python get a verdict, too."""
    assert errors == len(found(f"a\n{cell}\n", schema_of(field)))


def test_utf_16_without_a_mark_gets_a_verdict() -> None:
    """The first character shows the byte order."""
    report = validate(["a,b\n1,2\n".encode("utf-16-le")], None, dialect={"encoding": "utf-16"})
    assert report.error_count <= 1


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ({"commentChar": "#"}, "# from us\na,b\n1,2\n"),
        ({"commentRows": [1]}, "from us\na,b\n1,2\n"),
        ({"skipBlankRows": True}, "\na,b\n1,2\n"),
    ],
)
def test_the_header_is_the_first_row_that_is_not_left_out(dialect: Mapping[str, Any], text: str) -> None:
    """Rows that the dialect leaves out are no header."""
    assert [] == found(text, schema_of({}, {}), dialect=dialect)


def test_a_quoted_semicolon_file_gets_one_error() -> None:
    """Whether its labels are quoted or not."""
    report = validate([b'"a";"b";"c"\n"1";"2";"3"\n'], schema_of({}, {}, {}))
    assert ["the columns are separated by semicolons; expected commas"] == [error.message for error in report.errors]


@pytest.mark.parametrize(
    ("text", "schema", "dialect"),
    [
        ("PAR1,PAR2\n1,2\n", None, None),
        ('{"x":1}\n', schema_of({"type": "object"}), {"header": False}),
        ("[[1]]\n", schema_of({"type": "array"}), {"header": False}),
        ("a:b\nx\n", schema_of({}, {"name": "a:b"}, fieldsMatch="partial"), None),
    ],
)
def test_a_valid_file_is_not_taken_for_another_format(text: str, schema: Any, dialect: Any) -> None:
    """A valid file is never rejected."""
    assert [] == found(text, schema, dialect=dialect)


@pytest.mark.parametrize("max_errors", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("data", "properties"),
    [
        (b"a,b,c,d,e\n,,x,x,x\n", {"primaryKey": ["a", "b"]}),
        (b"x,y\n1,2\n", {"fieldsMatch": "superset"}),
    ],
)
def test_what_is_listed_is_the_beginning_of_all(data: bytes, properties: Mapping[str, Any], max_errors: int) -> None:
    """However few are listed, they are the first of the file."""
    integer = {"type": "integer"}
    schema = schema_of({}, {}, integer, integer, integer, **properties)
    assert places(validate([data], schema))[:max_errors] == places(validate([data], schema, max_errors=max_errors))


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [("duration", "PT1S", "PT1.0S"), ("duration", "P0D", "-P0D"), ("duration", "PT1.50S", "PT1.5S")],
)
def test_equal_durations_are_written_alike(kind: str, one: str, other: str) -> None:
    """Bounds, unique and enum compare by the same value."""
    field = {"type": kind, "constraints": {"unique": True}}
    assert [(3, 3, 1, "a", "unique-error")] == found(f"a\n{one}\n{other}\n", schema_of(field))
    assert [] == found(f"a\n{other}\n", schema_of({"type": kind, "constraints": {"enum": [one]}}))


def test_long_durations_are_exact() -> None:
    """Nothing is rounded."""
    assert compiled(type="duration").parse(f"P{10**17}D") != compiled(type="duration").parse(f"P{10**17}DT0.000000001S")


def test_the_last_midnight_is_not_the_one_before() -> None:
    """9999-12-31T24:00:00 is not 9999-12-31T00:00:00."""
    kind = compiled(type="datetime")
    assert kind.parse("9999-12-31T24:00:00") != kind.parse("9999-12-31T00:00:00")


def test_a_json_list_is_a_list() -> None:
    """JSON values in constraints are taken as values."""
    assert [] == found('a\n"x,y"\n', schema_of({"type": "list", "constraints": {"enum": [["x", "y"]]}}))


@pytest.mark.parametrize(
    "field",
    [
        {"type": "number", "constraints": {"minimum": float("nan")}},
        {"type": "integer", "constraints": {"maximum": 1.5}},
        {"type": "integer", "constraints": {"enum": [1.5]}},
        {"type": "date", "format": "%Y %Y"},
        {"type": "array", "constraints": {"jsonSchema": {"$ref": "#/nope"}}},
        {"name": ""},
        {"type": "number", "categories": [1.5]},
        {"type": "string", "categories": ["a"], "constraints": {"enum": ["b"]}},
    ],
)
def test_a_broken_field_is_refused(field: Mapping[str, Any]) -> None:
    """As SchemaInvalid, whatever the library that found out."""
    with pytest.raises(SchemaInvalid):
        validate([b"a\n[1]\n"], schema_of(field))


def test_unique_keys_are_not_empty() -> None:
    """The specification: MUST be a non-empty array."""
    with pytest.raises(SchemaInvalid):
        Schema.from_descriptor(schema_of({}, uniqueKeys=[]))


@pytest.mark.parametrize("dialect", [{"commentChar": ","}, {"commentChar": '"'}])
def test_a_dialect_that_means_something_else_is_refused(dialect: Mapping[str, Any]) -> None:
    """One character cannot mean two things."""
    with pytest.raises(SchemaInvalid):
        Dialect.from_descriptor(dialect)


def test_any_is_guessed_without_leaking_or_today() -> None:
    """No warning quotes the cell, and what is missing does not depend on the day."""
    kind = compiled(type="datetime", format="any")
    assert kind.parse("2024-01-01 12:00 FOO") == kind.parse("2024-01-01 12:00Z")
    assert compiled(type="date", format="any").parse("10") == date(2000, 1, 10)


def test_a_missing_geometry_is_one_in_topojson() -> None:
    """geo2topo writes {"type": null} for a feature without a geometry."""
    kind = compiled(type="geojson", format="topojson")
    assert kind.parse('{"type":"Topology","objects":{"a":{"type":null}},"arcs":[]}') is not None


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"FeatureCollection","features":[],"coordinates":[1,2]}',
        '{"type":"Point","coordinates":[1,2],"properties":{}}',
        '{"type":"Feature","geometry":null,"properties":null,"features":[]}',
        '{"type":"Point","coordinates":[1,2],"bbox":[0,0,1,1,1]}',
        '{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2],"bbox":[0]},"properties":null}',
    ],
)
def test_geojson_has_no_members_of_another_type(text: str) -> None:
    """RFC 7946, 7.1, and 5: a bounding box has 2n numbers, in every object."""
    assert compiled(type="geojson").parse(text) is None


def test_a_label_above_several_columns_is_theirs() -> None:
    """The specification's own example of headerRows: fruit / id,name make "fruit id" and "fruit name"."""
    schema = {"fields": [{"name": "fruit id"}, {"name": "fruit name"}]}
    assert [] == found("fruit\nid,name\n1,apple\n", schema, dialect={"headerRows": [1, 2]})


@pytest.mark.parametrize("cell", ["[1e400]", "[1" + "0" * 400 + "]", "[1" + "0" * 4100 + "]"])
@pytest.mark.parametrize("step", [0.1, 2])
def test_any_number_gets_a_verdict_from_a_json_schema(cell: str, step: float) -> None:
    """Its size makes no difference."""
    field = {"type": "array", "constraints": {"jsonSchema": {"items": {"multipleOf": step}}}}
    assert len(found(f"a\n{cell}\n", schema_of(field))) <= 1


@pytest.mark.parametrize("cell", [".999999999999999999999999999999999h;(EST)", "9" * 200 + "h", "1" * 100_000])
def test_any_text_gets_a_verdict_as_a_guessed_date(cell: str) -> None:
    """No guess raises or takes forever."""
    for kind in ("date", "time", "datetime"):
        assert len(found(f"a\n{cell}\n", schema_of({"type": kind, "format": "any"}))) == 1


def test_header_may_be_as_wide_as_a_spreadsheet_and_no_wider() -> None:
    """Each row could lack as many cells."""
    for width, errors in ((MAX_COLUMNS, []), (MAX_COLUMNS + 1, [(None, None, None, "file", "format-error")])):
        assert errors == found(",".join(f"c{column}" for column in range(width)) + "\n", None)


@pytest.mark.parametrize(
    ("descriptor", "path"),
    [
        ({"fields": [{"name": "a", "contraints": {"required": True}}]}, "$.fields[0].contraints"),
        ({"fields": [{"name": "a"}], "primarykey": "a"}, "$.primarykey"),
        ({"fields": [{"name": "a"}], "foreignKey": []}, "$.foreignKey"),
        ({"fields": [{"name": "a"}], "dialect": {"delimeter": ";"}}, "$.dialect.delimeter"),
        ({"fields": [{"name": "a", "titel": "A"}]}, "$.fields[0].titel"),
    ],
)
def test_misspelt_property_is_a_warning(descriptor: Mapping[str, Any], path: str) -> None:
    """Other properties are allowed, and ignored; a likely misspelling is a warning with its path."""
    (warning,) = Schema.from_descriptor(descriptor).warnings
    assert warning.startswith(f"{path}: the property is ignored; ")
    custom = Schema.from_descriptor({"fields": [{"name": "a", "unit": "m", "names": ["A"]}], "owner": "us"})
    assert () == custom.warnings


def test_many_rows_with_few_keys_are_compared_without_many_files() -> None:
    """What cannot be divided further need not be."""
    rows = [b"1\n" * 10_000] * 30
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, limit[1]))
    try:
        report = validate([b"a\n", *rows], schema_of({"constraints": {"unique": True}}))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)
    assert (299_999, 3) == (report.error_count, report.errors[0].row)


@pytest.mark.parametrize(
    ("constraints", "errors"),
    [
        ({"minLength": 9, "maxLength": 5}, 1),
        ({"maxLength": 10**20}, 0),
        ({"minLength": 2**32 - 1}, 1),
        ({"maxLength": 2**32 - 2}, 0),
    ],
)
def test_any_lengths_get_a_verdict(constraints: Mapping[str, int], errors: int) -> None:
    """Those that no text can have too, and those that no expression can."""
    assert errors == len(found("a\nxyz\n", schema_of({"type": "string", "constraints": constraints})))


def test_long_missing_value_gets_a_verdict() -> None:
    """Of a field that is required."""
    schema = schema_of({"missingValues": ["-" * 60], "constraints": {"required": True}})
    assert [(3, 3, 1, "a", "constraint-error")] == found(f"a\nx\n{'-' * 60}\n{'-' * 61}\n", schema)


def test_rows_that_all_end_before_a_unique_column_get_a_verdict() -> None:
    """Its keys are missing then, all of them."""
    errors = found("a,b\n" + "x\n" * 100 + '"y"\n', schema_of({}, {"constraints": {"unique": True}}))
    assert [(row, row, 2, "b", "missing-cell") for row in range(2, 103)] == errors


def test_escaped_line_breaks_are_no_habit_of_the_file() -> None:
    """However many there are, one soon after the other: where nothing is quoted, they are all that makes cells long."""
    dialect = {"quoteChar": None, "escapeChar": "\\", "header": False}
    data = b"\\\n\n" * 40 + b"a,b\n"
    fast, exact = (validate([data], None, dialect=dialect, fast=way) for way in (True, False))
    assert exact == fast
