"""`errors.csv`: the errors of a report as a table."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from chalicelib.validation.report import ReportedError
from chalicelib.validation.reporting.files.formulas import without_formula
from chalicelib.validation.reporting.wording import column_letters

_HEADINGS = ("row", "line", "column", "letter", "what is wrong", "value", "suggestion")
_OR = " or "


def error_table(errors: Iterable[ReportedError]) -> Iterator[bytes]:
    """Iterate over the lines of a CSV file in UTF-8 with a byte order mark, by which Excel knows the encoding.

    A value is shortened as in the report. If a cell has no suggestion but choices, they stand in its place.
    """
    yield b"\xef\xbb\xbf"
    yield csv_line(_HEADINGS)
    for error in errors:
        letter = "" if error.field is None else column_letters(error.field)
        suggestion = error.suggestion if error.suggestion is not None else _OR.join(error.choices)
        yield csv_line((error.row, error.line, error.column, letter, error.message, value_of(error), suggestion))


def value_of(error: ReportedError) -> str | None:
    """Return the cell of an error, as the report shows it; None if there is none."""
    record = error.record
    if record is None or error.field not in record.fields:
        return None
    return record.cells[record.fields.index(error.field)]


def csv_line(cells: Iterable[object]) -> bytes:
    """Return a line of a CSV file, which is safe to open in a spreadsheet."""
    buffer = StringIO()
    csv.writer(buffer).writerow([without_formula(cell) for cell in cells])
    return buffer.getvalue().encode(errors="replace")
