"""Rows of a file, with the errors of each."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby

from attrs import frozen

from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import Fault, ReportedError, StrayQuote, UndecodableCell
from chalicelib.validation.reporting.files.error_table import csv_line

ADDED = ("errors", "row")
"""The columns behind those of the file: what is wrong in a row, and its number."""
_LEFT_OUT = "…"
"""Stands for a cell that the report does not have."""


@frozen(kw_only=True)
class MarkedRow:
    """A row, and what is wrong with it."""

    number: int
    """With the header as row 1."""
    cells: Sequence[str]
    remarks: str
    """What is wrong, in one text."""
    marks: Mapping[int, str]
    """What is wrong by the 1-based position of the cell."""


@frozen(kw_only=True)
class MarkedTable:
    """Rows with their errors, below their labels."""

    labels: Sequence[str]
    rows: Iterable[MarkedRow]
    of_file: Sequence[ReportedError] = ()
    """The errors of the header, and of the file as a whole."""
    notes: Sequence[str] = ()
    """What the table leaves out."""


def remark(error: ReportedError) -> str:
    """Return what is wrong, with the name of the column: `total: expected a number, as in 12.5; write 12.50`."""
    return _hint(error) if error.column is None else f"{error.column}: {_hint(error)}"


def _hint(error: ReportedError) -> str:
    if error.suggestion is not None:
        return f"{error.message}; write {error.suggestion}"
    return f"{error.message}; write {' or '.join(error.choices)}" if error.choices else error.message


def rows_of_report(errors: Iterable[ReportedError], labels: Sequence[str], *, header_row: int) -> MarkedTable:
    """Return the rows of a report that are in error, as it shows them; the errors are ordered by row.

    Cells are shortened, and `…` stands for those that the report leaves out. A row whose only errors are those of keys
    may have no cells there. `header_row` is 0 if nothing is wrong with the header.
    """
    of_file: list[ReportedError] = []
    found = groupby(errors, key=lambda error: error.row or 0)
    for row, in_row in found:
        if row > header_row:
            first = _row_of_report(row, in_row, len(labels))
            others = (_row_of_report(number, each, len(labels)) for number, each in found)
            return MarkedTable(labels=labels, rows=chain([first], others), of_file=of_file)
        of_file += in_row
    return MarkedTable(labels=labels, rows=(), of_file=of_file)


def _row_of_report(row: int, errors: Iterable[ReportedError], width: int) -> MarkedRow:
    """Return a row of a report. Its errors are not held in memory: each of thousands of cells may have one."""
    shown: dict[int, str] = {}
    beginning: str | None = None

    def seen() -> Iterator[ReportedError]:
        nonlocal beginning
        for error in errors:
            if record := error.record:
                beginning = beginning or record.beginning
                shown.update((at, cell or "") for at, cell in zip(record.fields, record.cells, strict=True))
            yield error

    remarks, marks = _remarks(seen())
    positions = range(1, max(width, *shown) + 1) if shown else ()
    cells = [shown.get(at, _LEFT_OUT) for at in positions] if beginning is None else [beginning]
    return MarkedRow(number=row, cells=cells, remarks=remarks, marks=marks)


def _remarks(errors: Iterable[ReportedError]) -> tuple[str, Mapping[int, str]]:
    """Return what is wrong with a row in one text, and by the position of the cell."""
    remarks: list[str] = []
    marks: dict[int, str] = {}
    for error in errors:
        remarks.append(remark(error))
        if error.field is not None:
            hint = sys.intern(_hint(error))  # most columns have the same
            marks[error.field] = f"{marks[error.field]}; {hint}" if error.field in marks else hint
    return "; ".join(remarks), marks


def rows_of_file(records: Iterator[Record | UnreadableRecord], errors: Iterable[ReportedError]) -> MarkedTable:
    """Return all rows of a file, whose first record is its header."""
    found: dict[int | None, list[ReportedError]] = {}
    for error in errors:
        found.setdefault(error.row, []).append(error)
    header = next(records, None)
    row = header.row if header else 1
    labels = [_text(cell) for cell in header.cells] if isinstance(header, Record) else []
    return MarkedTable(
        labels=labels,
        rows=(_marked(record, found.get(record.row, ())) for record in records),
        of_file=[*found.get(None, ()), *found.get(row, ())],
    )


def _marked(record: Record | UnreadableRecord, errors: Sequence[ReportedError]) -> MarkedRow:
    cells = (
        [_text(cell) for cell in record.cells]
        if isinstance(record, Record)
        else [record.beginning.decode(errors="replace")]
    )
    remarks, marks = _remarks(errors)
    return MarkedRow(number=record.row, cells=cells, remarks=remarks, marks=marks)


def _text(cell: str | Fault) -> str:
    match cell:
        case str():
            return cell
        case StrayQuote(text=str() as text):
            return text
        case UndecodableCell(raw=raw):
            return raw.decode(errors="replace")
    return "\N{REPLACEMENT CHARACTER}"


def marked_csv(table: MarkedTable) -> Iterator[bytes]:
    """Iterate over the lines of a CSV file, with the errors and the number of each row behind its cells.

    What a row has more than the header comes last.
    """
    width = len(table.labels)
    yield b"\xef\xbb\xbf"
    yield csv_line([*table.labels, *ADDED])
    for note in table.notes:
        yield csv_line([*[""] * width, note, None])
    for error in table.of_file:
        yield csv_line([*[""] * width, remark(error), error.row])
    for row in table.rows:
        cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
        yield csv_line([*cells, row.remarks, row.number, *row.cells[width:]])
