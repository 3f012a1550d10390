"""The reference checker: which errors there are, where, and how many."""

import io
import tracemalloc
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from chalicelib.validation import MAX_ERRORS, Dialect, Schema, ValidationError, ValidationReport, validate
from tests.validation.verdicts import Place, found, one_column, places, schema_of

TWO = schema_of({}, {})
NO_HEADER = {"header": False}


# --- files and rows -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("schema", [None, TWO])
@pytest.mark.parametrize("dialect", [None, NO_HEADER])
def test_an_empty_file_is_one_error_of_the_whole_file(
    data: bytes, schema: Mapping[str, Any] | None, dialect: Mapping[str, Any] | None
) -> None:
    """A file without a header has no table."""
    expected = ValidationReport(
        error_count=1,
        errors=(ValidationError(column="file", code="source-error", message="the file is empty"),),
        row_count=0,
        counts={("file", "source-error"): 1},
    )
    assert expected == validate([data], schema, dialect=dialect)


@pytest.mark.parametrize("data", ["a,b", "a,b\n", "a,b\r\n", "a,b\r", "\ufeffa,b\n"])
@pytest.mark.parametrize("schema", [None, TWO])
def test_a_header_without_rows_is_valid(data: str, schema: Mapping[str, Any] | None) -> None:
    """An empty table is a table."""
    expected = ValidationReport(error_count=0, errors=(), row_count=0)
    assert expected == validate([data.encode()], schema)


@pytest.mark.parametrize("schema", [None, TWO])
@pytest.mark.parametrize(
    ("rows", "errors"),
    [
        ("1,2\n", []),
        ("1,\n,2\n", []),
        ("1\n", [(2, 2, 2, "b", "missing-cell")]),
        ("1,2,3\n", [(2, 2, 3, None, "extra-cell")]),
        ("1,2,3,,5\n", [(2, 2, 3, None, "extra-cell"), (2, 2, 4, None, "extra-cell"), (2, 2, 5, None, "extra-cell")]),
        ("1,2,\n", [(2, 2, 3, None, "extra-cell")]),
        ("1,2\n\n3,4\n", [(3, 3, None, None, "blank-row")]),
        ("1,2\n,\n3,4\n", [(3, 3, None, None, "blank-row")]),
        ("1,2\n,,,\n3,4\n", [(3, 3, None, None, "blank-row")]),
        ('1,2\n"",""\n3,4\n', [(3, 3, None, None, "blank-row")]),
        ('1,2\n""\n3,4\n', [(3, 3, None, None, "blank-row")]),
        ("\n\n1\n", [(2, 2, None, None, "blank-row"), (3, 3, None, None, "blank-row"), (4, 4, 2, "b", "missing-cell")]),
        ("1,2\n\n", [(3, 3, None, None, "blank-row")]),
        ("1,2\r\n\r\n", [(3, 3, None, None, "blank-row")]),
        ("1,2\r\r", [(3, 3, None, None, "blank-row")]),
        (" \n", [(2, 2, 2, "b", "missing-cell")]),
        ('"1\n2",3\n4\n', [(3, 4, 2, "b", "missing-cell")]),
        ('1,2\n3,4"\n5,6\n', [(3, 3, 2, "b", "quote-error")]),
        ('1,2\n"3"x,4,5\n', [(3, 3, 1, "a", "quote-error"), (3, 3, 3, None, "extra-cell")]),
        ('1,2\n3"\n', [(3, 3, 1, "a", "quote-error"), (3, 3, 2, "b", "missing-cell")]),
        ('1,2\n3,4,5"\n', [(3, 3, 3, None, "extra-cell")]),
        ("1,\0\n", [(2, 2, 2, "b", "encoding-error")]),
        ("\0,\0\n", [(2, 2, 1, "a", "encoding-error"), (2, 2, 2, "b", "encoding-error")]),
    ],
)
def test_a_row_has_one_cell_a_column(rows: str, errors: Sequence[Place], schema: Mapping[str, Any] | None) -> None:
    """One error for each cell that is missing, extra or unreadable; an empty row is one error."""
    assert list(errors) == found("a,b\n" + rows, schema)


def test_bad_utf_8_is_an_error_of_its_cell() -> None:
    """The other cells of the row are checked all the same."""
    schema = schema_of({}, {"type": "integer"})
    expected = [(2, 2, 1, "a", "encoding-error"), (2, 2, 2, "b", "type-error"), (3, 3, 2, "b", "type-error")]
    assert expected == found(b"a,b\n\xff,x\n1,y\n", schema)


@pytest.mark.parametrize("schema", [None, TWO])
def test_an_unterminated_quote_is_the_last_error_of_a_file(schema: Mapping[str, Any] | None) -> None:
    """It is placed at its cell; the rest of the file is that cell, and one row."""
    report = validate([b'a,b\n1\n3,"4\n5\n,\n'], schema)
    assert [(2, 2, 2, "missing-cell"), (3, 3, 2, "quote-error")] == [
        (error.row, error.line, error.field, error.code) for error in report.errors
    ]
    assert 2 == report.row_count


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [(b'a,"b\n1,2\n3\n', 2, "quote-error"), (b"a" * 5_000_000 + b",b\n1,2\n3\n", None, "oversized-record")],
)
def test_rows_below_an_unreadable_header_are_not_checked(data: bytes, field: int | None, code: str) -> None:
    """One error, and no rows."""
    report = validate([data], TWO)
    assert [(1, 1, field, None, code)] == places(report)
    assert (1, 0) == (report.error_count, report.row_count)


def test_an_oversized_record_is_one_error_and_reading_goes_on() -> None:
    """The rows below keep their numbers."""
    large = b'"' + b"x\n" * 2_500_000 + b'",2\n'
    report = validate([b"a,b\n1,2\n", large, b"1,2\n1\n"], TWO)
    assert [(3, 3, None, None, "oversized-record"), (5, 2_500_005, 2, "b", "missing-cell")] == places(report)
    assert 4 == report.row_count


def test_records_of_four_megabytes_are_read() -> None:
    """Records up to the limit are read."""
    cell = b"x" * (4 * 1024 * 1024 - 2)
    assert [] == found([b"a,b\n1,", cell, b"\n"], TWO)
    assert [(2, 2, None, None, "oversized-record")] == found([b"a,b\n1,", cell, b"x\n"], TWO)


def test_file_of_many_blocks_is_checked_as_one() -> None:
    """Faults on either side of a seam, and over it, are where they are."""
    row = '1,"€,\r\n"\r\n'
    rows = 100_000  # some 1.1 MB
    body = row * 50_000 + "1\r\n" + row * 49_998 + '1,"x"y\r\n'
    errors = [(50_002, 100_002, 2, "b", "missing-cell"), (100_001, 199_999, 2, "b", "quote-error")]
    assert errors == found("a,b\r\n" + body, TWO)
    assert rows == validate(io.BytesIO(f"a,b\r\n{body}".encode()), TWO).row_count


# --- headers --------------------------------------------------------------------------------------------------------


def test_errors_of_the_header_come_first_and_without_what_follows_from_them() -> None:
    """Below a wrong label nothing is checked but that there is a cell; the other columns are."""
    schema = schema_of({"type": "integer"}, {"type": "integer", "constraints": {"required": True, "unique": True}})
    expected = [(1, 1, 2, "b", "incorrect-label"), (2, 2, 1, "a", "type-error"), (4, 4, 2, "b", "missing-cell")]
    assert expected == found("a,x\nu,v\n1,v\n1\n2,\n", schema)


@pytest.mark.parametrize("label", ["", 'b"', "b\xff"])
def test_below_a_label_that_says_nothing_cells_are_checked(label: str) -> None:
    """It names no other column."""
    schema = schema_of({}, {"type": "integer"})
    assert [(2, 2, 2, "b", "type-error")] == found(f"a,{label}\nu,v\n".encode("latin-1"), schema)[1:]


def test_rows_have_as_many_cells_as_the_header_has_labels() -> None:
    """A column that the header lacks, or has too many, is one error; shorter and longer rows have their own."""
    assert [(1, 1, 3, "c", "extra-label")] == found("a,b,c\n1,2,3\n", TWO)
    expected = [(1, 1, 3, "c", "extra-label"), (2, 2, 3, "c", "missing-cell"), (3, 3, 4, None, "extra-cell")]
    assert expected == found("a,b,c\n1,2\n1,2,3,4\n", TWO)
    assert [(1, 1, 2, "b", "missing-label")] == found("a\n1\n", TWO)
    assert [(1, 1, 2, "b", "missing-label"), (2, 2, 2, None, "extra-cell")] == found("a\n1,2\n", TWO)


def test_without_a_header_row_1_is_data() -> None:
    """Rows are still numbered from 1, and columns named by the schema alone."""
    schema = schema_of({"type": "integer"}, {})
    expected = [(1, 1, 1, "a", "type-error"), (2, 2, 2, "b", "missing-cell")]
    assert expected == found("x,y\n1\n", schema, dialect=NO_HEADER)
    assert [(2, 2, 2, None, "missing-cell")] == found("x,y\n1\n", dialect=NO_HEADER)
    assert 2 == validate([b"1,x\n2,y\n"], schema, dialect=NO_HEADER).row_count


# --- cells ----------------------------------------------------------------------------------------------------------


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


# --- missing values -------------------------------------------------------------------------------------------------


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


# --- keys -----------------------------------------------------------------------------------------------------------


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


def test_errors_that_are_not_listed_take_no_memory() -> None:
    """A row of many thousand faults costs no more than its cells, and a header what its columns cost."""
    commas = b"," * 16_000
    tracemalloc.start()
    assert 15_999 == validate([b"a,b\nx" + commas], TWO, max_errors=2).error_count
    _, peak_of_row = tracemalloc.get_traced_memory()
    assert 16_000 == validate([b"a,b" + commas], TWO, max_errors=2).error_count
    _, peak_of_header = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_of_row < 2 * 1024 * 1024
    assert peak_of_header < 24 * 1024 * 1024


# --- the report -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "listed"), [(99, 99), (100, 100), (101, 100), (2500, 100)])
def test_error_count_is_exact_and_the_first_errors_are_listed(rows: int, listed: int) -> None:
    """The list is trimmed, the count is not."""
    report = validate([b"a\n", b"x\n" * rows], schema_of({"type": "integer"}))
    assert (rows, rows) == (report.error_count, report.row_count)
    assert [(row, row, 1, "a", "type-error") for row in range(2, 2 + listed)] == places(report)
    assert MAX_ERRORS >= len(report.errors)


@pytest.mark.parametrize("max_errors", [0, 1, 2, 3, 4, 5, 100])
def test_max_errors_trims_within_a_row_too(max_errors: int) -> None:
    """The first ones in the order of the file, header included."""
    schema = schema_of({"type": "integer"}, {"type": "integer"})
    data = b"a,\n1,u\nv,w\n2,3\n4\n"
    everything = places(validate([data], schema))
    report = validate([data], schema, max_errors=max_errors)
    assert 5 == report.error_count
    assert everything[:max_errors] == places(report)
    assert not report.valid


def test_row_count_is_of_the_records_below_the_header() -> None:
    """Faulty and blank ones included, lines within cells not."""
    assert 5 == validate([b'a,b\n1,2\n\n"3\n4",5\n6\n7,8"\n'], TWO).row_count


def test_schema_and_dialect_may_be_compiled_already() -> None:
    """A compiled schema can be used for many files."""
    schema = schema_of({"type": "integer"}, {})
    expected = validate([b"1;x\ny;z\n"], schema, dialect={"delimiter": ";", "header": False})
    compiled = Schema.from_descriptor(schema)
    dialect = Dialect(delimiter=";", header=False)
    assert expected == validate(io.BytesIO(b"1;x\ny;z\n"), compiled, dialect=dialect)
    assert [(2, 2, 1, "a", "type-error")] == places(expected)


def test_errors_are_counted_by_code_and_by_column() -> None:
    """All of them, not only those that are listed; `file` is the file as a whole."""
    schema = schema_of({"type": "integer", "constraints": {"unique": True}}, {"type": "date"})
    data = b"a,b\nx,y\n1,2024-02-29\n1,\n,\n2\n"
    for max_errors in (1, 100):
        report = validate([data], schema, max_errors=max_errors)
        assert {"type-error": 2, "unique-error": 1, "blank-row": 1, "missing-cell": 1} == report.counts_by_code
        assert {"a": 2, "b": 2} == report.counts_by_column


def test_a_compiled_schema_remembers_no_file() -> None:
    """What must be unique is so within one file."""
    schema = Schema.from_descriptor(schema_of({"constraints": {"unique": True}}, primaryKey="a"))
    reports = [validate([b"a\nx\n"], schema) for _ in range(2)]
    assert [True, True] == [report.valid for report in reports]


def test_watch_receives_the_number_of_errors_so_far() -> None:
    """It never falls, and ends with the number in the report."""
    seen: list[int] = []
    report = validate([b"a,b\n" + b'x"y,1\n' * 3 + b"x,1\n" * 3], TWO, watch=seen.append)
    assert sorted(seen) == seen
    assert 3 == report.error_count == seen[-1]
