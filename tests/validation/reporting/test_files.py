"""The files for the person who corrects a file: a table of its errors, and its rows with the errors marked."""

import csv
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import Any
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest

from chalicelib.validation import validate
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.report import ReportedError
from chalicelib.validation.reporting import report as report_module
from chalicelib.validation.reporting.files import report_tables, workbook
from chalicelib.validation.reporting.files.error_table import error_table
from chalicelib.validation.reporting.files.formulas import without_formula
from chalicelib.validation.reporting.files.marked_rows import MarkedTable, marked_csv, rows_of_file
from chalicelib.validation.reporting.files.report_tables import ReportTables
from chalicelib.validation.reporting.lines import read_line
from chalicelib.validation.reporting.report import FinishedReport, FullReport
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


@contextmanager
def tables_of(data: bytes, schema: Any = SCHEMA) -> Iterator[tuple[ReportTables, FinishedReport, int]]:
    """Yield what makes the files of a report on a file, and the number of its errors."""
    with closing(ReportTables()) as tables:
        full = FullReport(tables.add)
        report = validate([data], schema, sink=full)
        yield tables, full.finish(report, SUBJECT), report.error_count


def rows_of(data: bytes, schema: Any = SCHEMA) -> list[list[str]]:
    """Return the rows in error of a file as the report's table has them, below their labels."""
    with tables_of(data, schema) as (tables, finished, count):
        return table(tables.rows(finished, count))


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
    """As the report shows them, in the order of the file; errors of keys are found last."""
    labels, *rows = rows_of(DATA)
    assert ["a", "b", "c", "errors", "row"] == labels
    assert ["3", "4", "5"] == [row[4] for row in rows]
    assert ["1", " 7_000", "x"] == rows[0][:3]
    assert rows[0][3].startswith("b: expected a number")
    assert "; a: " in rows[0][3]
    assert ["y"] == rows[1][5:]
    assert ["4", "1,299", ""] == rows[2][:3]


def test_rows_of_which_the_report_has_no_cells_have_their_errors() -> None:
    """Those of keys, if the file cannot be read again."""
    _, row = rows_of(b"a,b,c\n1,1,\n1,1,\n")
    assert (["", "", ""], "3") == (row[:3], row[4])
    assert row[3].startswith("a: ")


def test_cells_that_the_report_leaves_out_are_marked() -> None:
    """An empty cell in their place would pass for the file's."""
    names = [f"c{number}" for number in range(20)]
    wide = {"fields": [{"name": name, "type": "integer"} for name in names]}
    _, row = rows_of(f"{','.join(names)}\n{','.join(['1'] * 10 + ['x'] + [''] * 9)}\n".encode(), wide)
    assert ["1", *["…"] * 8, "1", "x", "", *["…"] * 8] == row[:20]


def test_errors_of_the_header_are_no_rows_of_a_report() -> None:
    """They come first, whatever the number of the header's row; a file without a header has none."""
    with_title = {**SCHEMA, "dialect": {"headerRows": [2]}}
    _, of_header, of_row = rows_of(b"title\na,x,c\nz,1,\n", with_title)
    assert ('expected the label "b"' in of_header[3], "2") == (True, of_header[4])
    assert "3" == of_row[4]
    _, first = rows_of(b"1,?,\n", {**SCHEMA, "dialect": {"header": False}})
    assert (["1", "?", ""], "1") == (first[:3], first[4])


def test_what_is_left_out_is_said_at_the_top(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report has a limited number of errors, and its workbook of rows."""
    monkeypatch.setattr(report_module, "MAX_LINES", 5)
    monkeypatch.setattr(report_tables, "MAX_WORKBOOK_ROWS", 3)
    with tables_of(b"a,b,c\n" + b"1x,1,\n" * 7) as (tables, finished, count):
        _, note, *rows = table(tables.rows(finished, count))
        _, cells = sheet_of(BytesIO(b"".join(tables.workbook(finished, count))))
    assert ("These are the first 5 of 7 errors.", 5) == (note[3], len(rows))
    notes = [row[0] for row in texts(cells)[1:3]]
    assert [
        "These are the first 5 of 7 errors.",
        "These are the first 3 of 5 rows in error. rows.csv has all.",
    ] == notes
    assert ["2", "3", "4"] == [row[-1] for row in texts(cells)[3:]]


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
    return sheet_of(target)


def sheet_of(target: BytesIO) -> tuple[ZipFile, list[list[tuple[str, str]]]]:
    """Return a workbook with the text and the style of each cell."""
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
