"""An empty workbook with the columns of a schema, to fill in."""

from datetime import UTC, datetime
from io import BytesIO

from chalicelib.validation.reporting.agreed_words import as_text
from chalicelib.validation.reporting.agreement import Agreement

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The media type of workbooks."""
MAX_COMMENTS = 1_000
"""A workbook with more of them opens slowly."""
_MAX_CHARACTERS = 1_000
"""The most of a comment."""
_CREATED = datetime(2026, 1, 1, tzinfo=UTC)
"""The same agreement has the same bytes, whenever they are written."""
_COLUMN_WIDTH = 18


def template_workbook(agreement: Agreement, language: str) -> bytes:
    """Return a workbook with one sheet: the labels, each with a comment that says what its column holds.

    All its cells are text, so that Excel changes neither dates nor leading zeros.
    """
    import xlsxwriter  # noqa: PLC0415 - only who asks for a workbook pays for it

    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.set_properties({"created": _CREATED.replace(tzinfo=None)})
    label = book.add_format({"num_format": "@", "bold": True})
    sheet = book.add_worksheet("rows")
    sheet.set_column(0, len(agreement.columns) - 1, _COLUMN_WIDTH, book.add_format({"num_format": "@"}))
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(agreement.columns):
        sheet.write_string(0, at, column.name, label)
        if at < MAX_COMMENTS:
            comment = as_text(column, language)[:_MAX_CHARACTERS]
            sheet.write_comment(0, at, comment, {"author": "Assay", "x_scale": 2, "y_scale": 2})
    book.close()
    return target.getvalue()
