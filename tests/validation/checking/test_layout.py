"""Files whose rows are not laid out as declared: one error of the file, which names the cause."""

from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.validation import validate
from tests.validation.verdicts import found, schema_of

SCHEMA = schema_of({"name": "id", "type": "integer"}, {"name": "name"}, {"name": "amount", "type": "number"})
ROWS = "1,x,2.5\n2,y,3\n3,z,4\n"
QUOTED = '"id,name,amount"\n"1,x,2.5"\n"2,y,3"\n'
SEMICOLONS = {"delimiter": ";"}


@pytest.mark.parametrize(
    ("text", "dialect", "message"),
    [
        (f"sep=,\nid,name,amount\n{ROWS}", None, 'the first line, "sep=", is understood by Excel alone: remove it'),
        (
            "sep=;\nid;name;amount\n1;x;2\n",
            SEMICOLONS,
            'the first line, "sep=", is understood by Excel alone: remove it',
        ),
        (
            "SEP=;\nid;name;amount\n1;x;2\n",
            None,
            'the first line, "sep=", is understood by Excel alone: remove it, and separate the columns by commas',
        ),
        (
            f"Orders of May\n\nid,name,amount\n{ROWS}",
            None,
            "the header is in row 3, not in row 1: remove the 2 rows above it",
        ),
        (
            f"Orders,,\nID,Name,Amount\n{ROWS}",
            None,
            "the header is in row 2, not in row 1: remove the row above it",
        ),
        (f"\nid,name,amount\n{ROWS}", None, "the first row is empty: remove the empty rows above the header"),
        (f",,\n,,\nid,name,amount\n{ROWS}", None, "the first row is empty: remove the empty rows above the header"),
        (
            ROWS,
            None,
            'the first row has values, not labels: add a header above it, with the labels "id", "name", "amount"',
        ),
        (QUOTED, None, "rows are quoted as a whole, so that each has one cell: quote cells, not rows"),
        (
            '"id,""name"",amount"\n"1,""x"",2.5"\n',
            None,
            "rows are quoted as a whole, so that each has one cell: quote cells, not rows",
        ),
        (
            'id,name,amount\n"1,x,2.5"\n"2,y,3"\n',
            None,
            "rows are quoted as a whole, so that each has one cell: quote cells, not rows",
        ),
        (
            "".join(f"line {number}\n" for number in range(40)) + f"id,name,amount\n{ROWS}",
            None,
            "the header is in row 41, not in row 1: remove the 40 rows above it",
        ),
        (
            f"id,name,amount\n{ROWS * 4}".replace("\n", "\n\n"),
            None,
            "the lines end in LF LF, so that every other row is empty: end them in CR LF or LF",
        ),
        (
            f"id,name,amount\n{ROWS * 4}".replace("\n", "\r\n\r\n"),
            None,
            "the lines end in CR LF CR LF, so that every other row is empty: end them in CR LF or LF",
        ),
        (
            QUOTED.replace(",", ";"),
            SEMICOLONS,
            "rows are quoted as a whole, so that each has one cell: quote cells, not rows",
        ),
    ],
)
def test_file_of_another_layout_has_one_error(text: str, dialect: Mapping[str, Any] | None, message: str) -> None:
    """However many rows there are, the file has one cause, and one error that names it."""
    for rows in (text, text + text.splitlines(keepends=True)[-1] * 1000):
        report = validate([rows.encode()], SCHEMA, dialect=dialect)
        assert [("file", "format-error", message)] == [(it.column, it.code, it.message) for it in report.errors]
        assert 1 == report.error_count


@pytest.mark.parametrize(
    ("text", "schema", "dialect"),
    [
        ("sep=x,b\n1,2\n", None, None),
        ("sep=;\n1\n", schema_of({"name": "sep=;"}), None),
        ("title\nid,name,amount\n1,x,2\n", SCHEMA, {"headerRows": [2]}),
        ("\nid,name,amount\n1,x,2\n", SCHEMA, {"commentRows": [1]}),
        ("\nid,name,amount\n1,x,2\n", SCHEMA, {"skipBlankRows": True}),
        ("1,x,2\n", SCHEMA, {"header": False}),
        ('"a,b"\n"1,2"\n', schema_of({"name": "a,b"}), None),
        ('"a,b"\n"1,2"\n', None, None),
        ("2019,2020\n2021,2022\n", schema_of({"name": "2019", "type": "year"}, {"name": "2020", "type": "year"}), None),
    ],
)
def test_file_of_the_declared_layout_is_valid(text: str, schema: Any, dialect: Any) -> None:
    """What looks like another layout may be declared, or be what the schema names."""
    assert [] == found(text, schema, dialect=dialect)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("x,y,z\n1,a,2\n", ["incorrect-label", "incorrect-label", "incorrect-label"]),
        ("id,Orders,amount\nid,name,amount\n", ["incorrect-label", "type-error", "type-error"]),
        ("id,name\n1,x\n", ["missing-label"]),
        ("\n", ["blank-label", "missing-label", "missing-label"]),
    ],
)
def test_header_with_wrong_labels_is_no_other_layout(text: str, codes: list[str]) -> None:
    """Labels that say nothing about another layout have their own errors."""
    assert codes == [error.code for error in validate([text.encode()], SCHEMA).errors]


def test_layout_does_not_depend_on_how_the_bytes_come() -> None:
    """The sample is as large in blocks of any size."""
    data = f"title\nid,name,amount\n{ROWS}".encode()
    reports = [validate([data], SCHEMA, block_bytes=size) for size in (1, 7, 1 << 20)]
    assert reports[0] == reports[1] == reports[2]
