"""Detects files whose rows are not laid out as declared, by their first records.

Such a file has one cause and one error. Checked row by row it would have one or more errors in each row.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from chalicelib.validation.checking.label_text import loose
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.records import Record
from chalicelib.validation.report import ErrorCode, Fault
from chalicelib.validation.schema.table_schema import Field, Schema

SAMPLE_RECORDS = 50
"""How many records are examined."""
_LISTED = 8
"""How many names a message lists."""

_DELIMITERS: Mapping[str, str] = MappingProxyType(
    {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
)
_SEP = re.compile(r"sep=(.?)", re.IGNORECASE)
_ROWS_IN_QUOTES = Fault(
    ErrorCode.FORMAT_ERROR,
    "rows are quoted as a whole, so that each has one cell: quote cells, not rows",
)
_EMPTY_ABOVE = Fault(ErrorCode.FORMAT_ERROR, "the first row is empty: remove the empty rows above the header")


def detect_layout(
    header: Record, below: Sequence[Record], first_line: str, schema: Schema | None, dialect: Dialect
) -> Fault | None:
    """Return the fault of a file with this header and with these records below it.

    If the quoting of the header is broken, the first line of the file is examined in its place.
    """
    return next(_faults(header, below, first_line, schema, dialect), None)


def detect_rows_in_quotes(header: Record, below: Sequence[Record], dialect: Dialect) -> Fault | None:
    """Return the fault of a file in which each row below the header has one cell, which contains all cells."""
    width = len(header.cells)
    cells = [record.cells[0] for record in below if len(record.cells) == 1 and any(record.cells)]
    is_quoted = all(isinstance(cell, str) and len(cell.split(dialect.delimiter)) == width for cell in cells)
    return _ROWS_IN_QUOTES if width > 1 and cells and len(cells) == len(below) and is_quoted else None


def _faults(
    header: Record, below: Sequence[Record], first_line: str, schema: Schema | None, dialect: Dialect
) -> Iterator[Fault]:
    names = [field.name for field in schema.fields] if schema else []
    known = list(map(loose, names))
    if fault := _separator_line(header, names, dialect):
        yield fault
    if not any(header.cells) and any(any(record.cells) for record in below):
        yield _EMPTY_ABOVE
    if schema is None:
        return
    if len(header.cells) == 1:
        label = header.cells[0]
        if fault := _one_cell(label if isinstance(label, str) else first_line, names, dialect):
            yield fault
    if _count_known(header, known):
        return
    if fault := _rows_above(header, below, known):
        yield fault
    if fault := _no_header(header, schema.fields):
        yield fault


def _separator_line(header: Record, names: Sequence[str], dialect: Dialect) -> Fault | None:
    """Return the fault of a file that begins with `sep=;`, the line in which Excel looks for the delimiter."""
    first, *others = header.cells
    found = _SEP.fullmatch(first) if isinstance(first, str) else None
    if header.row != 1 or found is None or any(others) or first in names:
        return None
    reason = 'the first line, "sep=", is understood by Excel alone: remove it'
    delimiter = found[1] or dialect.delimiter
    if delimiter != dialect.delimiter:
        reason += f", and separate the columns by {_plural(dialect.delimiter)}"
    return Fault(ErrorCode.FORMAT_ERROR, reason)


def _one_cell(label: str, names: Sequence[str], dialect: Dialect) -> Fault | None:
    """Return the fault of a header of one cell that another delimiter, or the same, splits into known labels."""
    if len(names) == 1 or loose(label.strip('"')) in set(map(loose, names)):
        return None
    if _fits(_split(label, dialect.delimiter), names):
        return _ROWS_IN_QUOTES
    for delimiter, plural in _DELIMITERS.items():
        if delimiter != dialect.delimiter and _fits(_split(label, delimiter), names):
            reason = f"the columns are separated by {plural}; expected {_plural(dialect.delimiter)}"
            return Fault(ErrorCode.FORMAT_ERROR, reason)
    return None


def _split(line: str, delimiter: str) -> Sequence[str]:
    return [part.strip(' "') for part in line.split(delimiter)]


def _fits(parts: Sequence[str], names: Sequence[str]) -> bool:
    """Return whether a header was split right: into as many labels as there are fields, or into known ones."""
    return len(parts) > 1 and (len(parts) == len(names) or not set(map(loose, names)).isdisjoint(map(loose, parts)))


def _count_known(record: Record, known: Sequence[str]) -> int:
    """Return how many of the names a record contains, which are given as `loose` returns them."""
    labels = {loose(cell) for cell in record.cells if isinstance(cell, str) and cell}
    return sum(name in labels for name in known)


def _rows_above(header: Record, below: Sequence[Record], known: Sequence[str]) -> Fault | None:
    """Return the fault of a file with a title or other rows above the header."""
    if len(known) == 1:
        return None
    for record in below:
        if 2 * max(_count_known(record, known), 1) > len(known):
            count = record.row - header.row
            above = "row above it" if count == 1 else f"{count} rows above it"
            reason = f"the header is in row {record.row}, not in row {header.row}: remove the {above}"
            return Fault(ErrorCode.FORMAT_ERROR, reason)
    return None


def _no_header(header: Record, fields: Sequence[Field]) -> Fault | None:
    """Return the fault of a file whose first row has values in place of labels.

    A cell is a value if the type of its field accepts it, and would not accept the field's name.
    """
    if len(header.cells) != len(fields):
        return None
    typed = [
        (cell, field)
        for cell, field in zip(header.cells, fields, strict=True)
        if isinstance(cell, str) and cell not in field.missing_values and field.type.parse(field.name) is None
    ]
    values = sum(field.type.parse(cell) is not None for cell, field in typed)
    if not values or 2 * values < len(typed):
        return None
    names = ", ".join(f'"{field.name}"' for field in fields[:_LISTED])
    rest = ", …" if len(fields) > _LISTED else ""
    reason = f"the first row has values, not labels: add a header above it, with the labels {names}{rest}"
    return Fault(ErrorCode.FORMAT_ERROR, reason)


def _plural(delimiter: str) -> str:
    return _DELIMITERS.get(delimiter, repr(delimiter))
