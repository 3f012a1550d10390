"""Errors of single cells: types, constraints, and missing values."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from chalicelib.validation import validate
from tests.validation.verdicts import found, one_column, schema_of


def test_every_cell_of_a_wrong_type_is_an_error() -> None:
    """Column by column, row by row."""
    schema = schema_of({"type": "integer"}, {"type": "date"}, {"type": "boolean"})
    text = "a,b,c\n1,2024-02-29,true\nx,2023-02-29,maybe\n2,,\n3,today,0\n"
    assert [
        (3, 3, 1, "a", "type-error"),
        (3, 3, 2, "b", "type-error"),
        (3, 3, 3, "c", "type-error"),
        (5, 5, 2, "b", "type-error"),
    ] == found(text, schema)


def test_quoted_cells_are_checked_as_what_they_stand_for() -> None:
    """The text between the quotes is checked."""
    schema = schema_of({"type": "integer"}, {"constraints": {"enum": ['x"y']}})
    assert [(3, 3, 1, "a", "type-error")] == found('a,b\n"1","x""y"\n"""1""","x""y"\n', schema)


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ({"constraints": {"required": True}}, ["x", " "], ['""']),
        ({"constraints": {"required": False}}, ["x", '""'], []),
        ({"type": "integer", "constraints": {"required": True}}, ["0"], ['""']),
        (
            {"type": "string", "constraints": {"pattern": "a+"}},
            ["a", "aaa", '""'],
            ["b", "ab", "ba", " a", "a ", '"a\n"', "A"],
        ),
        ({"type": "string", "constraints": {"pattern": "a|b"}}, ["a", "b"], ["ab", "ac", "ca", "cb"]),
        ({"type": "string", "constraints": {"pattern": "^a$"}}, ["a"], ['"a\n"', "ab"]),
        ({"type": "string", "constraints": {"pattern": r"\d{3}"}}, ["123"], ["12", "1234"]),
        ({"type": "string", "constraints": {"pattern": ".*"}}, ["x", '"a,b"'], ['"a\nb"']),
        ({"type": "string", "constraints": {"minLength": 2}}, ["ab", "abc", "éé", "😀😀", '""'], ["a", "é", "😀"]),
        ({"type": "string", "constraints": {"maxLength": 2}}, ["a", "ab", "éé", "😀😀"], ["abc", "😀😀😀"]),
        ({"type": "string", "constraints": {"maxLength": 0}}, ['""'], ["a"]),
        ({"constraints": {"enum": ["a", "B"]}}, ["a", "B", '""'], ["A", "b", "a ", "ab"]),
        ({"type": "string", "format": "email", "constraints": {"maxLength": 6}}, ["a@b.co"], ["aa@b.co"]),
        ({"type": "string", "format": "email", "constraints": {"pattern": ".*@b[.]co"}}, ["a@b.co"], ["a@c.co"]),
        ({"type": "integer", "constraints": {"minimum": 5}}, ["5", "05", "6", "99999999999999999999"], ["4", "-6"]),
        ({"type": "integer", "constraints": {"maximum": "5"}}, ["5", "+5", "-99"], ["6", "10"]),
        ({"type": "integer", "constraints": {"exclusiveMinimum": 5}}, ["6"], ["5", "005", "4"]),
        ({"type": "integer", "constraints": {"exclusiveMaximum": 5}}, ["4"], ["5", "6"]),
        ({"type": "integer", "constraints": {"enum": [1, "02"]}}, ["1", "01", "2", "+2"], ["3", "12"]),
        (
            {"type": "number", "constraints": {"minimum": 0.1}},
            ["0.1", "0.10", "1e-1", "INF"],
            ["0.09999999999999999999"],
        ),
        ({"type": "number", "constraints": {"maximum": 0.1}}, ["0.1", "-INF"], ["0.10000000000000000000001", "INF"]),
        ({"type": "number", "constraints": {"exclusiveMaximum": "1.5"}}, ["1.4999"], ["1.5", "1.50", "15e-1"]),
        ({"type": "number", "constraints": {"exclusiveMinimum": -1}}, ["-0.9", "0"], ["-1", "-1.000"]),
        ({"type": "number", "constraints": {"minimum": 0, "maximum": 9}}, ["0", "-0", "9.0"], ["-0.1", "9.1"]),
        ({"type": "number", "constraints": {"minimum": 0}}, ["0", "INF"], ["NaN", "-INF"]),
        ({"type": "number", "constraints": {"exclusiveMaximum": "INF"}}, ["-INF", "1e999"], ["INF", "NaN"]),
        ({"type": "number", "constraints": {"enum": [1, 2.5, "1e3"]}}, ["1.00", "2.50", "1000"], ["2", "1.0001"]),
        ({"type": "boolean", "constraints": {"enum": [True]}}, ["1", "true"], ["0", "false"]),
        ({"type": "boolean", "trueValues": ["true"], "constraints": {"enum": [True]}}, ["true"], ["0", "false"]),
        ({"type": "date", "constraints": {"minimum": "2024-02-29"}}, ["2024-02-29", "2024-10-01"], ["2024-02-28"]),
        ({"type": "date", "constraints": {"exclusiveMaximum": "2024-03-01"}}, ["2024-02-29"], ["2024-03-01"]),
        ({"type": "date", "constraints": {"enum": ["2024-02-29"]}}, ["2024-02-29"], ["2024-03-01"]),
        (
            {"type": "datetime", "constraints": {"maximum": "2024-02-29T12:00:00Z"}},
            ["2024-02-29T12:00:00", "2024-02-29T13:30:00+01:30"],
            ["2024-02-29T12:00:00.000001", "2024-02-29T12:00:00-00:01"],
        ),
    ],
)
def test_constraints_hold_for_values(field: Mapping[str, Any], good: Sequence[str], bad: Sequence[str]) -> None:
    """Each bad cell is one constraint-error, each good one none; an empty cell is no value unless one is required."""
    cells = ["a,b", *(f"{cell},x" for cell in (*good, *bad))]
    schema = schema_of(field, {})
    report = validate(["".join(f"{row}\n" for row in cells).encode()], schema)
    rows = range(2 + len(good), 2 + len(good) + len(bad))
    assert [(row, 1, "a", "constraint-error") for row in rows] == [
        (error.row, error.field, error.column, error.code) for error in report.errors
    ]


def test_every_constraint_that_a_cell_breaks_is_an_error_in_the_schemas_order() -> None:
    """One error for each constraint."""
    field = {"type": "string", "constraints": {"maxLength": 2, "pattern": "[a-z]*", "enum": ["ab"], "minLength": 1}}
    report = validate([b"a\nABC\n"], schema_of(field))
    assert [
        "expected at most 2 characters, as in ab; this has 3 characters",
        "expected text of the agreed form, as in ab (pattern: [a-z]*); write small letters",
        "expected one of ab",
    ] == [error.message for error in report.errors]


@pytest.mark.parametrize(
    ("constraints", "message"),
    [
        ({"required": True}, "expected a value, as in 12.5; the cell is empty"),
        ({"minimum": 5}, "expected 5 or more, as in 12.5"),
        ({"maximum": 0.5}, "expected 0.5 or less, as in 0.5"),
        ({"exclusiveMinimum": "5.0"}, "expected more than 5.0, as in 12.5"),
        ({"exclusiveMaximum": 0}, "expected less than 0, as in -1.5"),
        ({"enum": [1, "2.0"]}, "expected one of 1, 2.0"),
    ],
)
def test_message_of_a_constraint_is_what_it_expects(constraints: Mapping[str, Any], message: str) -> None:
    """The message quotes the schema's own value."""
    cell = '""' if "required" in constraints else "4" if "minimum" in constraints else "3"
    report = validate([f"a,b\n{cell},x\n".encode()], schema_of({"type": "number", "constraints": constraints}, {}))
    assert [message] == [error.message for error in report.errors]


def test_a_cell_of_the_wrong_type_breaks_no_constraint_besides() -> None:
    """Constraints apply to values of the type only."""
    field = {"type": "integer", "constraints": {"required": True, "minimum": 5, "enum": [6], "unique": True}}
    assert [(2, 2, 1, "a", "type-error"), (3, 3, 1, "a", "type-error")] == found("a\nx\nx\n", schema_of(field))


def test_a_missing_cell_lacks_the_value_that_is_required() -> None:
    """Two offences: the row is too short, and the value is not there; as the Frictionless framework has it."""
    schema = schema_of({}, {"constraints": {"required": True}}, {})
    expected = [
        (2, 2, 2, "b", "missing-cell"),
        (2, 2, 2, "b", "constraint-error"),
        (2, 2, 3, "c", "missing-cell"),
    ]
    assert expected == found("a,b,c\n1\n", schema)


@pytest.mark.parametrize(
    ("schema_level", "field_level", "missing", "present"),
    [
        (None, None, ['""'], ["-", "NA"]),
        (["-"], None, ["-"], ['""', "NA"]),
        (["", "NA"], None, ['""', "NA"], ["na", " ", "NA "]),
        (["-"], ["NA"], ["NA"], ["-", '""']),
        (["-"], [], [], ["-", '""']),
        ([], None, [], ['""', "-"]),
        (None, ["0"], ["0"], ['""']),
    ],
)
def test_missing_values_are_the_fields_or_else_the_schemas(
    schema_level: list[str] | None, field_level: list[str] | None, missing: Sequence[str], present: Sequence[str]
) -> None:
    """Exactly those texts stand for no value; without any declared, the empty one does."""
    schema = schema_of(
        {"missingValues": field_level, "constraints": {"required": True}}, {}, missingValues=schema_level
    )
    text = "a,b\n" + "".join(f"{cell},x\n" for cell in (*present, *missing))
    rows = range(2 + len(present), 2 + len(present) + len(missing))
    assert [(row, row, 1, "a", "constraint-error") for row in rows] == found(text, schema)


def test_missing_values_need_not_be_of_the_type_nor_keep_constraints() -> None:
    """A missing value is not checked."""
    field = {"type": "integer", "constraints": {"minimum": 5, "enum": [6], "unique": True}}
    schema = schema_of(field, missingValues=["NA", "1"])
    assert [] == found(one_column(["NA", "1", "6", "NA", "1"]), schema)


def test_an_empty_cell_is_no_integer_if_it_does_not_stand_for_no_value() -> None:
    """MissingValues replaces the empty text."""
    schema = schema_of({"type": "integer"}, {}, missingValues=["-"])
    assert [(2, 2, 1, "a", "type-error")] == found("a,b\n,x\n-,x\n", schema)
