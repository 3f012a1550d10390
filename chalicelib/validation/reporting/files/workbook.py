"""The rows of a file as an Excel workbook, with its errors marked."""

from typing import IO, TYPE_CHECKING, Any

from chalicelib.validation.reporting.files.marked_rows import ADDED, MarkedRow, MarkedTable, remark

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

MAX_ROWS = 1_048_576
"""What a sheet has room for, with the header."""
MAX_COMMENTS = 5_000
"""More of them make a workbook slow; the column `errors` has all remarks."""
_MAX_CHARACTERS = 32_767
"""What a cell has room for."""
_MOST_COLUMNS = 16_000
_COLUMN_WIDTH, _REMARKS_WIDTH = 16, 60


def marked_workbook(table: MarkedTable, target: IO[bytes]) -> int:
    """Write a workbook, row by row in bounded memory; return the number of rows that had no room.

    All cells are text, so that none is a formula, and none changes its form while it is edited.
    """
    import xlsxwriter  # noqa: PLC0415 - only who asks for a workbook pays for it

    book = xlsxwriter.Workbook(target, {"constant_memory": True, "strings_to_formulas": False})
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet("rows")
    width = max(len(table.labels), 1)
    sheet.set_column(0, width - 1, _COLUMN_WIDTH, text)
    sheet.set_column(width, width, _REMARKS_WIDTH, text)
    sheet.freeze_panes(1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{MAX_ROWS}"})
    writing = _Writing(
        sheet,
        width,
        text=text,
        bold=book.add_format({"num_format": "@", "bold": True}),
        wrong=book.add_format({"num_format": "@", "bg_color": "#FFC7CE", "font_color": "#9C0006"}),
    )
    left_out = writing.write(table)
    book.close()
    return left_out


class _Writing:
    """Writes the rows of one sheet, from top to bottom."""

    def __init__(self, sheet: "Worksheet", width: int, *, text: Any, bold: Any, wrong: Any) -> None:
        self._sheet, self._width = sheet, width
        self._text, self._bold, self._wrong = text, bold, wrong
        self._at = 0
        self._comments = 0

    def write(self, table: MarkedTable) -> int:
        """Write the labels, the errors of the file, and all rows for which there is room."""
        for column, label in enumerate([*table.labels, *[""] * (self._width - len(table.labels)), *ADDED]):
            self._cell(column, label, self._bold)
        for sentence in [*table.notes, *map(remark, table.of_file)]:
            self._next_row()
            self._cell(self._width, sentence, self._wrong)
        left_out = 0
        for row in table.rows:
            if self._at + 1 >= MAX_ROWS:
                left_out += 1
                continue
            self._next_row()
            self._row(row)
        return left_out

    def _next_row(self) -> None:
        self._at += 1

    def _row(self, row: MarkedRow) -> None:
        marks = row.marks
        cells = [*row.cells[: self._width], *[""] * (self._width - len(row.cells))]
        for column, cell in enumerate(cells):
            mark = marks.get(column + 1)
            self._cell(column, cell, self._text if mark is None else self._wrong)
            if mark is not None and self._comments < MAX_COMMENTS:
                self._sheet.write_comment(self._at, column, mark, {"author": "Assay"})
                self._comments += 1
        remarks = row.remarks
        self._cell(self._width, remarks, self._wrong if remarks else self._text)
        self._cell(self._width + 1, str(row.number), self._text)
        for column, cell in enumerate(row.cells[self._width : _MOST_COLUMNS], start=self._width + len(ADDED)):
            self._cell(column, cell, self._wrong)

    def _cell(self, column: int, text: str, form: Any) -> None:
        if text or form is self._wrong:
            self._sheet.write_string(self._at, column, text[:_MAX_CHARACTERS], form)
