"""Values that have to be unique, and primary keys."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from chalicelib.validation import validate
from tests.validation.verdicts import found, one_column, schema_of

TWO = schema_of({}, {})


@pytest.mark.parametrize(
    ("field", "cells", "rows"),
    [
        ({}, ["x", "y", "x", "x"], [4, 5]),
        ({}, ["x", "X", " x", "x "], []),
        ({}, ["1", "01"], []),
        ({"type": "integer"}, ["1", "01", "+1", "2", "10"], [3, 4]),
        ({"type": "integer"}, ["0", "-0"], [3]),
        ({"type": "number"}, ["1.0", "1.00", "1e0", "0.1", "10"], [3, 4]),
        ({"type": "number"}, ["100", "1e2", "1.0E+2"], [3, 4]),
        ({"type": "number"}, ["NaN", "nan", "INF", "-INF", "inf"], [3, 6]),
        ({"type": "boolean"}, ["true", "false", "1", "0"], [4, 5]),
        ({"type": "date"}, ["2024-02-29", "2024-03-01", "2024-02-29"], [4]),
        ({"type": "datetime"}, ["2024-02-29T12:00:00Z", "2024-02-29T13:00:00+01:00", "2024-02-29T12:00:01Z"], [3]),
        ({"type": "integer", "constraints": {"maximum": 5}}, ["9", "09"], [2, 3, 3]),
    ],
)
def test_unique_compares_values_with_all_rows_before(
    field: Mapping[str, Any], cells: Sequence[str], rows: Sequence[int]
) -> None:
    """The first of equal values is right, every later one an error, however it is written."""
    unique = {**field, "constraints": {**field.get("constraints", {}), "unique": True}}
    report = validate([one_column(cells).encode()], schema_of(unique))
    assert list(rows) == [error.row for error in report.errors]
    assert rows == [] or (1, "a", "unique-error") == (
        report.errors[-1].field,
        report.errors[-1].column,
        report.errors[-1].code,
    )


def test_no_value_is_not_unique() -> None:
    """Any number of rows may have none, and a cell with a fault is compared with nothing."""
    schema = schema_of({"type": "integer", "constraints": {"unique": True}}, {})
    expected = [(4, 4, 1, "a", "type-error"), (5, 5, 1, "a", "type-error"), (7, 7, 1, "a", "unique-error")]
    assert expected == found("a,b\n,x\n,x\nx,x\nx,x\n1,x\n1,x\n", schema)


@pytest.mark.parametrize("key", ["a", ["a"]])
def test_primary_key_of_one_field(key: str | list[str]) -> None:
    """The field, given as a string or a list, is required, and its values are unique."""
    schema = schema_of({"type": "integer"}, {}, primaryKey=key)
    expected = [
        (3, 3, 1, "a", "primary-key"),
        (4, 4, 1, "a", "constraint-error"),
        (5, 5, 1, "a", "constraint-error"),
        (6, 6, 1, "a", "type-error"),
    ]
    assert expected == found("a,b\n1,x\n01,y\n,z\n,z\nx,z\n2,z\n", schema)


def test_primary_key_of_several_fields() -> None:
    """Each field is required; a part may repeat, but not the whole. A row that lacks a part is not compared."""
    schema = schema_of({}, {"type": "integer"}, {}, primaryKey=["a", "b"])
    rows = ["x,1,.", "x,2,.", "y,1,.", "x,01,.", "x,,.", ",1,.", "x,,.", ",,."]
    expected = [
        (5, 5, None, None, "primary-key"),
        (6, 6, 2, "b", "constraint-error"),
        (7, 7, 1, "a", "constraint-error"),
        (8, 8, 2, "b", "constraint-error"),
        (9, 9, 1, "a", "constraint-error"),
        (9, 9, 2, "b", "constraint-error"),
    ]
    assert expected == found("a,b,c\n" + "\n".join(rows), schema)


def test_parts_of_a_key_are_kept_apart() -> None:
    """Neither their order nor where one ends may be lost."""
    schema = schema_of({}, {}, primaryKey=["a", "b"])
    rows = ["x,y", "y,x", "xy,z", "x,yz", "\"x', 'y\",z", "x,\"y', 'z\"", "None,x"]
    assert [] == found("a,b\n" + "\n".join(rows), schema)


def test_a_key_with_an_unknown_part_is_compared_with_nothing() -> None:
    """The value of a faulty cell is unknown; the error of the cell is enough."""
    schema = schema_of({}, {"type": "integer"}, {}, primaryKey=["a", "b"], uniqueKeys=[["b", "c"]])
    expected = [(2, 2, 2, "b", "type-error"), (3, 3, 2, "b", "type-error"), (4, 4, 2, "b", "quote-error")]
    assert expected == found('a,b,c\nx,?,.\nx,?,.\nx,"1"?,.\n', schema)


def test_messages_of_a_primary_key_name_its_fields() -> None:
    """An error of several columns names them in its message."""
    report = validate([b"a,b,c\nx,1,.\nx,1,.\n"], schema_of({}, {}, {}, primaryKey=["a", "b"]))
    assert ["an earlier row has the same a, b: each row needs a combination of its own"] == [
        error.message for error in report.errors
    ]


def test_unique_keys_are_compared_where_all_their_values_are_there() -> None:
    """As in SQL: a row without one of the values is like no other."""
    schema = schema_of({}, {}, {}, uniqueKeys=[["a", "b"], ["c"]])
    rows = ["x,1,p", "x,2,q", "x,1,q", "x,,r", "x,,s", ",,t", ",,", ",1,"]
    expected = [
        (4, 4, None, None, "unique-error"),
        (4, 4, 3, "c", "unique-error"),
        (8, 8, None, None, "blank-row"),
    ]
    assert expected == found("a,b,c\n" + "\n".join(rows), schema)


def test_unique_and_primary_key_are_two_rules() -> None:
    """A value that breaks both is reported for both, fields' rules first."""
    schema = schema_of({"constraints": {"unique": True}}, uniqueKeys=[["a"]], primaryKey="a")
    expected = ["unique-error", "unique-error", "primary-key"]
    assert [(3, 3, 1, "a", code) for code in expected] == found("a\nx\nx\n", schema)


def test_errors_of_keys_stand_among_those_of_the_cells() -> None:
    """Within a row: what concerns all of it, then column by column, keys after what else is wrong there."""
    unique = {"type": "integer", "constraints": {"unique": True, "maximum": 5}}
    schema = schema_of({}, unique, {"type": "integer"}, primaryKey=["a", "b"])
    expected = [
        (2, 2, 2, "b", "constraint-error"),
        (3, 3, None, None, "primary-key"),
        (3, 3, 2, "b", "constraint-error"),
        (3, 3, 2, "b", "unique-error"),
        (3, 3, 3, "c", "type-error"),
        (3, 3, 4, None, "extra-cell"),
    ]
    assert expected == found("a,b,c\nx,9,1\nx,9,y,z\n", schema)


def test_a_blank_row_is_one_error() -> None:
    """No other rule applies to it, neither constraints nor keys."""
    schema = schema_of({"constraints": {"required": True, "unique": True}}, {}, primaryKey="a")
    assert [(2, 2, None, None, "blank-row")] == found("a,b\n,\n", schema)


@pytest.mark.parametrize("number", ["1e1000000", "-1E+1000000", "1e-1000000", "1e999999999999999999", "1" * 1_000_001])
def test_keys_of_any_magnitude_are_compared(number: str) -> None:
    """No exponent and no number of digits is beyond a key."""
    fields = [{"name": "a", "type": "number", "constraints": {"unique": True}}, {"name": "b", "type": "number"}]
    schema = {"fields": fields, "primaryKey": "a", "foreignKeys": [{"fields": "b", "reference": {"fields": "a"}}]}
    expected = [(3, 3, 1, "a", "unique-error"), (3, 3, 1, "a", "primary-key")]
    assert expected == found(f"a,b\n{number},{number}\n{number},{number}\n", schema)
