"""Errors of the file, its header and its rows, and where they are."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from chalicelib.validation import ValidationError, ValidationReport, validate
from tests.validation.verdicts import Place, found, places, schema_of

TWO = schema_of({}, {})
NO_HEADER = {"header": False}


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
