"""Rows of a file, with the errors of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import Fault, ReportedError, StrayQuote, UndecodableCell
from chalicelib.validation.reporting.files.error_table import csv_line

ADDED = ("errors", "row")
"""The columns behind those of the file: what is wrong in a row, and its number."""


@frozen(kw_only=True)
class MarkedRow:
    """A row, and what is wrong with it."""

    number: int
    """With the header as row 1."""
    cells: Sequence[str]
    errors: Sequence[ReportedError] = ()

    @property
    def remarks(self) -> str:
        """What is wrong, in one text."""
        return "; ".join(map(remark, self.errors))

    @property
    def marks(self) -> Mapping[int, str]:
        """The remarks by the 1-based position of the cell."""
        found: dict[int, list[str]] = {}
        for error in self.errors:
            if error.field is not None:
                found.setdefault(error.field, []).append(_hint(error))
        return {at: "; ".join(hints) for at, hints in found.items()}


@frozen(kw_only=True)
class MarkedTable:
    """Rows with their errors, below their labels."""

    labels: Sequence[str]
    rows: Iterable[MarkedRow]
    of_file: Sequence[ReportedError] = ()
    """The errors of the header, and of the file as a whole."""


def remark(error: ReportedError) -> str:
    """Return what is wrong, with the name of the column: `total: expected a number, as in 12.5; write 12.50`."""
    return _hint(error) if error.column is None else f"{error.column}: {_hint(error)}"


def _hint(error: ReportedError) -> str:
    if error.suggestion is not None:
        return f"{error.message}; write {error.suggestion}"
    return f"{error.message}; write {' or '.join(error.choices)}" if error.choices else error.message


def rows_of_report(errors: Iterable[ReportedError]) -> MarkedTable:
    """Return the rows of a report that are in error, as it shows them: with shortened cells, and some of many.

    A row whose only errors are those of keys is not shown: the report does not have its cells.
    """
    labels: dict[int, str] = {}
    rows: dict[int, dict[int, str]] = {}
    found: dict[int, list[ReportedError]] = {}
    of_file: list[ReportedError] = []
    for error in errors:
        record = error.record
        if error.row is None or (record is not None and not any(record.columns)):
            of_file.append(error)
            continue
        found.setdefault(error.row, []).append(error)
        if record is not None:
            labels.update((at, name or "") for at, name in zip(record.fields, record.columns, strict=True))
            rows.setdefault(error.row, {}).update(
                (at, cell) for at, cell in zip(record.fields, record.cells, strict=True) if cell is not None
            )
    width = max(labels, default=0)
    return MarkedTable(
        labels=[labels.get(at, "") for at in range(1, width + 1)],
        rows=[
            MarkedRow(number=row, cells=[cells.get(at, "") for at in range(1, width + 1)], errors=found[row])
            for row, cells in sorted(rows.items())
        ],
        of_file=of_file,
    )


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
    if isinstance(record, UnreadableRecord):
        return MarkedRow(number=record.row, cells=[record.beginning.decode(errors="replace")], errors=errors)
    return MarkedRow(number=record.row, cells=[_text(cell) for cell in record.cells], errors=errors)


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
    for error in table.of_file:
        yield csv_line([*[""] * width, remark(error), error.row])
    for row in table.rows:
        cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
        yield csv_line([*cells, row.remarks, row.number, *row.cells[width:]])
