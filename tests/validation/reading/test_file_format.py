"""Files that are plainly something else: one clear error, of the whole file."""

import gzip
import io
import sqlite3
import zipfile
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from chalicelib.validation import ValidationError, validate
from tests.validation.verdicts import found, schema_of

SCHEMA = schema_of({}, {}, {"type": "integer"})


def zipped(*members: str, content: str = "x") -> bytes:
    """Make an archive with these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for member in members:
            archive.writestr(member, content)
    return file.getvalue()


def database() -> bytes:
    """Make an SQLite database."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a)")
    connection.commit()
    content = connection.serialize()
    connection.close()
    return content


FORMATS: Mapping[str, bytes] = {
    "an Excel workbook (.xlsx)": zipped("[Content_Types].xml", "xl/workbook.xml"),
    "an OpenDocument spreadsheet (.ods)": zipped("mimetype", content="application/vnd.oasis.opendocument.spreadsheet"),
    "a zip archive": zipped("data.csv"),
    "an Excel workbook of the old kind (.xls)": bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 512,
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "a Parquet file": b"PAR1\x15\x04\x15\x10\x15\x14L\x15\x02\x15\x00\x12\0\0PAR1",
    "an SQLite database": database(),
    "an HTML page": b"<!DOCTYPE html>\n<html><body>Please log in</body></html>",
    "an XML document": b'<?xml version="1.0"?>\n<rows/>',
    "JSON": b'[{"a": 1, "b": 2, "c": 3}]',
}


@pytest.mark.parametrize("schema", [None, SCHEMA])
@pytest.mark.parametrize("name", FORMATS)
def test_a_file_of_another_format_gets_one_error_that_names_it(name: str, schema: Mapping[str, Any] | None) -> None:
    """Its rows are not checked."""
    report = validate([FORMATS[name]], schema)
    expected = ValidationError(
        column="file", code="format-error", message=f"the file looks like {name}; save it as CSV"
    )
    assert (1, (expected,), 0) == (report.error_count, report.errors, report.row_count)
    assert ({"format-error": 1}, {"file": 1}) == (report.counts_by_code, report.counts_by_column)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\xef\xbb\xbf\r\n  <HTML lang=en>", "an HTML page"),
        (b'\xef\xbb\xbf<?XML version="1.1"?>', "an XML document"),
        (b'\n{"a": [1]}', "JSON"),
        (b"[[1, 2], [3, 4]]", "JSON"),
        (zipped("mimetype", "xl/workbook.xml"), "an Excel workbook (.xlsx)"),
    ],
)
def test_markup_is_known_in_any_case_and_after_space(content: bytes, name: str) -> None:
    """And a workbook by what is in the archive."""
    assert [f"the file looks like {name}; save it as CSV"] == [
        error.message for error in validate([content], None).errors
    ]


@pytest.mark.parametrize("seed", range(5))
def test_random_bytes_get_one_error(seed: int) -> None:
    """A binary file has one error, not one in each row."""
    report = validate([Random(seed).randbytes(200_000)], SCHEMA)  # noqa: S311 - the same every time
    expected = ValidationError(
        column="file", code="format-error", message="the file looks like binary data; save it as CSV"
    )
    assert (1, (expected,)) == (report.error_count, report.errors)


@pytest.mark.parametrize(
    ("content", "dialect"),
    [
        (b"a,b,c\n" + b"1,2,3\x00\n" * 31, None),
        (b"a,b,c\n" + b"a\x00,b,cccccccccccccccccccc\n" * 100, None),
        (b"a\x01b\x01c\n" + b"1\x012\x013\n" * 100, {"delimiter": "\x01"}),
        (("a,b,c\n" + "1,2,3\n" * 100).encode("utf-16-le"), {"encoding": "utf-16-le"}),
    ],
)
def test_what_has_few_control_characters_or_declares_them_is_read(
    content: bytes, dialect: Mapping[str, Any] | None
) -> None:
    """A few control characters are errors of their cells."""
    assert "format-error" not in validate([content], None, dialect=dialect).counts_by_code


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["a,b,c\r\n1,2,3\r\n", "ab"])
def test_utf_16_that_is_not_declared_gets_one_error(codec: str, text: str) -> None:
    """With a byte order mark or without."""
    report = validate([text.encode(codec)], SCHEMA)
    expected = ValidationError(
        column="file", code="encoding-error", message="the file looks like UTF-16; save it in UTF-8"
    )
    assert (1, (expected,)) == (report.error_count, report.errors)


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")])
@pytest.mark.parametrize("labels", [["a", "b", "c"], ["A", "B", "C"], ["x", "y", "z"], ["a ", " d"]])
def test_columns_that_something_else_separates_get_one_error(separator: str, name: str, labels: list[str]) -> None:
    """If there are as many as there should be, or one of them has the right name."""
    text = "\n".join(separator.join(row) for row in [labels, ["1"] * len(labels)])
    report = validate([text.encode()], SCHEMA)
    expected = ValidationError(
        column="file", code="format-error", message=f"the columns are separated by {name}; expected commas"
    )
    assert (1, (expected,)) == (report.error_count, report.errors)


@pytest.mark.parametrize(
    ("dialect", "text", "message"),
    [
        ({"delimiter": ";"}, "a,b,c\n", "the columns are separated by commas; expected semicolons"),
        ({"delimiter": "^"}, "a;b;c\n", "the columns are separated by semicolons; expected '^'"),
    ],
)
def test_the_message_names_the_separator_that_was_declared(dialect: Mapping[str, Any], text: str, message: str) -> None:
    """The declared delimiter, not the comma."""
    assert [message] == [error.message for error in validate([text.encode()], SCHEMA, dialect=dialect).errors]


@pytest.mark.parametrize(
    ("text", "schema", "dialect"),
    [
        ("PK,b,c\n", schema_of({"name": "PK"}, {}, {}), None),
        ("<b>,a>b\n", None, None),
        ("[a],{b}\n", None, None),
        ('"{""a"": 1}"\n', None, None),
        ("a;b\n1\n", schema_of({"name": "a;b"}), None),
        ("a:b,c\n1,2\n", schema_of({"name": "a:b"}, {"name": "c"}), None),
        ("a;b\n1\n", None, None),
        ("\ufeffa,b,c\n1,2,3\n", SCHEMA, None),
        ("a\n", schema_of({}), {"delimiter": ";"}),
        ("x;y;z\n", schema_of({}), {"header": False}),
    ],
)
def test_what_only_looks_like_another_format_is_read(
    text: str, schema: Mapping[str, Any] | None, dialect: Mapping[str, Any] | None
) -> None:
    """Letters, brackets and other separators may stand in labels."""
    assert [] == found(text, schema, dialect=dialect)


def test_a_label_that_is_wrong_is_no_other_separator() -> None:
    """Without the names or the number of the columns it is just a wrong label."""
    assert (1, 1, 1, "a", "incorrect-label") == found("x y;z\n1\n", SCHEMA)[0]


def test_unnamed_gzip_file_has_one_error_that_names_the_suffix() -> None:
    """Files that are named .gz are decompressed."""
    (error,) = validate([gzip.compress(b"a,b,c\n1,2,3\n")], None).errors
    expected = "the file looks like a gzip archive; give it a name that ends in .csv.gz, or save it as CSV"
    assert ("file", "format-error", expected) == (error.column, error.code, error.message)


@pytest.mark.parametrize(("end", "name"), [("\r\r\n", "CR CR LF"), ("\n\r", "LF CR")])
@pytest.mark.parametrize("rows", [1, 2000])
def test_lines_that_end_twice_are_one_error(end: str, name: str, rows: int) -> None:
    """Every other row would be blank."""
    report = validate([f"a,b,c{end}{f'x,y,1{end}' * rows}".encode()], SCHEMA)
    expected = f"the lines end in {name}, so that every other row is empty: end them in CR LF or LF"
    assert [("file", "format-error", expected)] == [(it.column, it.code, it.message) for it in report.errors]


@pytest.mark.parametrize("dialect", [{"skipBlankRows": True}, {"lineTerminator": "\r\r\n"}])
def test_lines_that_end_twice_can_be_declared(dialect: Mapping[str, Any]) -> None:
    """The rows between are left out then, or the line ends there."""
    assert [] == found("a,b,c\r\r\nx,y,1\r\r\n", SCHEMA, dialect=dialect)


def test_one_line_that_ends_twice_is_a_blank_row() -> None:
    """The other lines do not."""
    assert [(3, 3, None, None, "blank-row")] == found("a,b,c\r\nx,y,1\r\r\nx,y,1\r\n", SCHEMA)


@pytest.mark.parametrize("end", ["\x1a", "\x1a\r\n", "\x1a\n", "\x1a" * 100])
@pytest.mark.parametrize("size", [1, 3, 1 << 20])
def test_ctrl_z_at_the_end_is_one_error_of_the_file(end: str, size: int) -> None:
    """It is no row, nor part of the last cell."""
    for text in ("a,b,c\nx,y,1\nx,y,z\n", "a,b,c\nx,y,1\nx,y,z"):
        report = validate([(text + end).encode()], SCHEMA, block_bytes=size)
        assert [(None, "format-error"), (3, "type-error")] == [(it.row, it.code) for it in report.errors]
        assert "the file ends with Ctrl-Z (0x1A), which is no text: remove it" == report.errors[0].message
        assert 2 == report.row_count


def test_ctrl_z_elsewhere_is_text() -> None:
    """It ends nothing."""
    assert [] == found("a,b,c\nx\x1a,\x1a,1\n\x1a,y,1\n", SCHEMA)
