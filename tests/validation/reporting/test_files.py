"""The files for the person who corrects a file: a table of its errors, and its rows with the errors marked."""

import csv
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import Any
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest

from chalicelib.validation import validate
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.records import RecordReader
from chalicelib.validation.report import ReportedError
from chalicelib.validation.reporting.files import workbook
from chalicelib.validation.reporting.files.error_table import error_table
from chalicelib.validation.reporting.files.formulas import without_formula
from chalicelib.validation.reporting.files.marked_rows import MarkedTable, marked_csv, rows_of_file, rows_of_report
from chalicelib.validation.reporting.lines import read_line
from chalicelib.validation.reporting.report import FullReport
from chalicelib.validation.reporting.subject import ReportSubject
from tests.validation.verdicts import schema_of

SUBJECT = ReportSubject(name="a.csv", schema="s", checked_at=datetime(2026, 11, 25, tzinfo=UTC), listing="a.jsonl")
SCHEMA = schema_of({"type": "integer", "constraints": {"unique": True}}, {"type": "number"}, {"type": "string"})
DATA = b'a,b,c\n1,1,=1+1\n1," 7_000",x\n3,?,-5,y\n4,"1,299",\n'
SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def reported(data: bytes = DATA, schema: Any = SCHEMA) -> list[ReportedError]:
    """Return the errors of the full report on a file."""
    lines: list[bytes] = []
    full = FullReport(lines.append)
    full.finish(validate([data], schema, sink=full), SUBJECT)
    return list(map(read_line, lines))


def whole(data: bytes = DATA) -> MarkedTable:
    """Return all rows of a file with their errors."""
    return rows_of_file(iter(RecordReader([data], Dialect())), reported(data))


def table(lines: Any) -> list[list[str]]:
    """Parse a CSV file that begins with a byte order mark."""
    return list(csv.reader(StringIO(b"".join(lines).decode("utf-8-sig"))))


def test_table_has_each_error_with_its_value_and_suggestion() -> None:
    """The column's letter is that of a spreadsheet; choices stand in place of a suggestion."""
    headings, *rows = table(error_table(reported()))
    assert ["row", "line", "column", "letter", "what is wrong", "value", "suggestion"] == headings
    values = {(row[0], row[3]): row[5:] for row in rows}
    assert [" 7_000", "7000"] == values["3", "B"]
    assert ["1,299", "1.299 or 1299"] == values["5", "B"]
    assert ["", ""] == values["3", "A"]


@pytest.mark.parametrize("cell", ["=1+1", "+a", "-a1", "@x", "\tx", "\rx", "-1+1", "+"])
def test_no_cell_is_a_formula(cell: str) -> None:
    """A spreadsheet would run it, with the rights of the person who opens it."""
    assert f"'{cell}" == without_formula(cell)


@pytest.mark.parametrize("cell", ["-5", "+1.299,00", "x", "", None, 7])
def test_other_cells_stay(cell: object) -> None:
    """Numbers with a sign, too: they are no formulas."""
    assert cell == without_formula(cell)


def test_rows_of_a_file_have_their_errors_behind_them() -> None:
    """All rows are there, right ones too; what a row has too much comes last."""
    labels, *rows = table(marked_csv(whole()))
    assert ["a", "b", "c", "errors", "row"] == labels
    assert ["2", "3", "4", "5"] == [row[4] for row in rows]
    assert ["1", "1", "'=1+1", "", "2"] == rows[0]
    assert "a: " in rows[1][3]
    assert "b: expected a number" in rows[1][3]
    assert "; write 7000" in rows[1][3]
    assert ["y"] == rows[2][5:]


def test_rows_of_a_report_are_those_in_error() -> None:
    """As the report shows them; rows of which it knows no cell are left out."""
    found = rows_of_report(reported())
    assert (["a", "b", "c", ""], [3, 4, 5]) == (found.labels, [row.number for row in found.rows])
    assert ["1", " 7_000", "x", ""] == list(next(iter(found.rows)).cells)
    duplicates = rows_of_report(reported(b"a,b,c\n1,1,\n1,1,\n"))
    assert [] == list(duplicates.rows)


def test_errors_of_the_header_come_first() -> None:
    """They are no errors of a row."""
    _, first, *_ = table(marked_csv(whole(b"a,x,c\n1,1,\n")))
    assert 'expected the label "b"' in first[3]
    assert "1" == first[4]


def sheet(found: MarkedTable) -> tuple[ZipFile, list[list[tuple[str, str]]]]:
    """Write a workbook, and return it with the text and the style of each cell."""
    if "CI" not in os.environ:
        pytest.importorskip("xlsxwriter")
    target = BytesIO()
    assert 0 == workbook.marked_workbook(found, target)
    book = ZipFile(target)
    sheet_xml = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - it was just written
    rows = sheet_xml.iter(f"{SPACE}row")
    return book, [[("".join(cell.itertext()), cell.get("s", "")) for cell in row] for row in rows]


def texts(rows: Sequence[Sequence[tuple[str, str]]]) -> list[list[str]]:
    """Return the texts of the cells."""
    return [[text for text, _ in row] for row in rows]


def test_workbook_marks_wrong_cells_with_colour_and_comment() -> None:
    """Its cells are texts, so that none is a formula; a comment says what is wrong."""
    book, rows = sheet(whole())
    assert ["a", "b", "c", "errors", "row"] == texts(rows)[0]
    assert ["1", "1", "=1+1", "2"] == texts(rows)[1]
    right, wrong = rows[1][1][1], rows[2][1][1]
    assert right != wrong
    assert [wrong, wrong] == [rows[3][1][1], rows[4][1][1]]
    assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    comments = book.read("xl/comments1.xml").decode()
    assert "; write 7000" in comments
    assert 'ref="B3"' in comments


def test_workbook_has_room_for_a_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Further rows are left out, and counted; comments are limited as well."""
    if "CI" not in os.environ:
        pytest.importorskip("xlsxwriter")
    monkeypatch.setattr(workbook, "MAX_ROWS", 3)
    monkeypatch.setattr(workbook, "MAX_COMMENTS", 1)
    target = BytesIO()
    assert 2 == workbook.marked_workbook(whole(), target)
    assert 1 == ZipFile(target).read("xl/comments1.xml").decode().count("<comment ")
