"""The exact checker: one record at a time, every rule in plain sight.

It is the reference for what the verdict on a file is: any faster way would be held against it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from chalicelib.validation.columns import Columns, label_errors
from chalicelib.validation.dialect import Dialect
from chalicelib.validation.field_types import Value
from chalicelib.validation.foreign_formats import foreign_delimiter, foreign_format
from chalicelib.validation.keys import KeyLog, Place, dangling, digest_of, is_known, repeated
from chalicelib.validation.records import Record, RecordReader, UnreadableRecord
from chalicelib.validation.report import ErrorTally, Fault, StrayQuote, ValidationError, ValidationReport, order_of
from chalicelib.validation.schema import Field, Key, Schema
from chalicelib.validation.source import BLOCK_BYTES, BinaryFile, blocks

MAX_ERRORS = 100
MAX_COLUMNS = 16_384
"""As many as a spreadsheet has. Each row could lack as many cells as the header has labels."""

_EMPTY_FILE = Fault("source-error", "the file is empty")
_NO_HEADER = Fault("source-error", "the file ends before its header")
_TOO_WIDE = Fault("format-error", f"the header has more than {MAX_COLUMNS:,} columns")
_BLANK_ROW = Fault("blank-row", "the row is empty: remove it")
_EXTRA_CELL = Fault("extra-cell", "the row has more cells than there are columns")
_MISSING_CELL = Fault("missing-cell", "the row ends before this column")
_REQUIRED = Fault("constraint-error", "expected a value")


def validate(
    source: BinaryFile | Iterable[bytes],
    schema: Mapping[str, Any] | Schema | None,
    *,
    dialect: Mapping[str, Any] | Dialect | None = None,
    max_errors: int = MAX_ERRORS,
) -> ValidationReport:
    """Check a CSV file against a Table Schema.

    The source is a binary file or an iterable of bytes, and is read once, in bounded memory; keys of many rows go to
    temporary files, 32 bytes a row and key. The schema is a Table Schema descriptor, a compiled one, or None to check
    the structure alone. The dialect is a descriptor too; without one that of the schema counts, and else RFC 4180 in
    UTF-8 with a header. The report counts all errors and holds the first `max_errors` of them.

    Raises SchemaInvalid if the schema or the dialect is wrong. Whatever is wrong with the file is in the report.
    """
    compiled = schema if isinstance(schema, Schema | None) else Schema.from_descriptor(schema)
    if dialect is None and compiled is not None:
        dialect = compiled.dialect
    form = dialect if isinstance(dialect, Dialect) else Dialect.from_descriptor(dialect)
    stream = blocks(source, BLOCK_BYTES)
    beginning = next(stream, b"")
    if fault := foreign_format(beginning, form):
        return ValidationReport.of_file(fault)
    reader = RecordReader(chain([beginning], stream), form)
    return _validate(iter(reader), beginning, compiled, form, ErrorTally(max_errors))


def _validate(
    records: Iterator[Record | UnreadableRecord],
    beginning: bytes,
    schema: Schema | None,
    dialect: Dialect,
    tally: ErrorTally,
) -> ValidationReport:
    header = _header(records, dialect) if dialect.header else next(records, None)
    if header is None:
        return ValidationReport.of_file(_EMPTY_FILE if dialect.header_rows == (1,) else _NO_HEADER)
    if isinstance(header, UnreadableRecord) and (dialect.header or schema is None):
        # Without its columns nothing below can be told right from wrong.
        tally.add([_unreadable(header, None)])
        return tally.report(row_count=0)
    if dialect.header and isinstance(header, Record):
        names = [field.name for field in schema.fields] if schema else []
        if len(header.cells) == 1 and (fault := foreign_delimiter(header.cells[0], beginning, names, dialect)):
            return ValidationReport.of_file(fault)
        if len(header.cells) > MAX_COLUMNS:
            return ValidationReport.of_file(_TOO_WIDE)
        tally.add(label_errors(header, schema, dialect))
    else:
        records = chain([header], records)
    first = header if isinstance(header, Record) else Record(header.row, header.line, ())
    checker = RecordChecker(Columns.of(first, schema, dialect))
    row_count = 0
    for record in records:
        row_count += 1
        tally.add(checker.errors(record))
    tally.add_late(checker.late_errors())
    return tally.report(row_count)


def _header(records: Iterator[Record | UnreadableRecord], dialect: Dialect) -> Record | UnreadableRecord | None:
    """Read the records that make up the header and join their labels; None if there is none."""
    if dialect.header_rows == (1,):
        return next(records, None)  # the first that is not left out
    header: Record | None = None
    for record in records:
        if record.row in dialect.header_rows:
            if isinstance(record, UnreadableRecord):
                return record
            header = record if header is None else _joined(header, record, dialect.header_join)
        if record.row >= max(dialect.header_rows, default=0):
            break
    return header


def _joined(header: Record, below: Record, separator: str) -> Record:
    """Put labels under labels; one that says the same as that above it adds nothing.

    The last label of a shorter record stands above all that is left.
    """
    width = max(len(header.cells), len(below.cells))
    upper = [*header.cells, *list(header.cells)[-1:] * (width - len(header.cells))]
    lower = [*below.cells, *[""] * (width - len(below.cells))]
    cells = [_join(above, label, separator) for above, label in zip(upper, lower, strict=True)]
    return Record(header.row, header.line, cells)


def _join(above: str | Fault, label: str | Fault, separator: str) -> str | Fault:
    if isinstance(above, Fault) or label in {"", above}:
        return above
    if isinstance(label, Fault) or not above:
        return label
    return separator.join((above, label))


_Found = tuple[int | None, Fault]
"""The 0-based position of a column, or None for the row, and what is wrong there."""


class RecordChecker:
    """Checks the records of one file, in order, remembering what must be unique or referred to."""

    def __init__(self, columns: Columns) -> None:
        """Check against these columns."""
        self._columns = columns
        self._seen = [KeyLog() for _ in columns.keys]
        self._referring = [KeyLog() for _ in columns.foreign_keys]
        self._referred = [KeyLog() for _ in columns.foreign_keys]

    def errors(self, record: Record | UnreadableRecord) -> Iterator[ValidationError]:
        """Tell what is wrong with the next record by itself, column by column."""
        if isinstance(record, UnreadableRecord):
            names = self._columns.names
            at = record.field
            yield _unreadable(record, names[at - 1] if at is not None and at <= len(names) else None)
            return
        place = (record.row, record.line)
        found = self._faults(record)
        # A key is looked at after all cells, but what it lacks may stand before what is wrong with the others.
        yield from sorted((self._error(place, position, fault) for position, fault in found), key=order_of)
        for position in range(len(self._columns.fields), len(record.cells) if any(record.cells) else 0):
            yield self._error(place, position, _EXTRA_CELL)

    def late_errors(self) -> Iterator[ValidationError]:
        """Tell, after the last record, what is wrong with records because of others."""
        for key, log in zip(self._columns.keys, self._seen, strict=True):
            for place in repeated(log):
                yield self._error(place, _only(key.fields), key.duplicate)
        for foreign_key, referring, referred in zip(
            self._columns.foreign_keys, self._referring, self._referred, strict=True
        ):
            for place in dangling(referring, referred):
                yield self._error(place, _only(foreign_key.fields), foreign_key.dangling)

    def _faults(self, record: Record) -> Iterator[_Found]:
        """Check each cell that has a column, and note the keys.

        A value is None if it is missing, and a Fault if it cannot be known.
        """
        cells, fields = record.cells, self._columns.fields
        values: list[Value | Fault | None] = []
        if any(cells):
            for position, field in enumerate(fields):
                value, faults = _check_cell(cells[position] if position < len(cells) else _MISSING_CELL, field)
                values.append(value)
                for fault in faults:
                    yield position, fault
        else:
            yield None, _BLANK_ROW
            values = [None] * len(fields)
        for key, log in zip(self._columns.keys, self._seen, strict=True):
            if incomplete := _note_key(key, values, (record.row, record.line), log):
                yield _only(key.fields), incomplete
        self._note_references(values, (record.row, record.line))

    def _note_references(self, values: Sequence[Value | Fault | None], place: Place) -> None:
        for key, referring, referred in zip(self._columns.foreign_keys, self._referring, self._referred, strict=True):
            for positions, log in ((key.fields, referring), (key.reference, referred)):
                parts = [values[position] for position in positions]
                if is_known(parts) and None not in parts:
                    log.add(digest_of(parts), place)

    def _error(self, place: Place, position: int | None, fault: Fault) -> ValidationError:
        """Say where in the file a fault is."""
        row, line = place
        if position is None:
            return fault.at(row=row, line=line)
        names = self._columns.names
        return fault.at(
            row=row, line=line, field=position + 1, column=names[position] if position < len(names) else None
        )


def _only(positions: Sequence[int]) -> int | None:
    """Give the position of a key's one column; None for the row if it has more."""
    return positions[0] if len(positions) == 1 else None


def _note_key(key: Key, values: Sequence[Value | Fault | None], place: Place, log: KeyLog) -> Fault | None:
    """Write a row's key down, if it can be told and counts; say what is wrong with it by itself."""
    parts = [values[position] for position in key.fields]
    if not is_known(parts):
        return None
    if key.incomplete and not any(part is not None for part in parts):
        return key.incomplete
    if key.incomplete or None not in parts:
        log.add(digest_of(parts), place)
    return None


def _check_cell(cell: str | Fault, field: Field | None) -> tuple[Value | Fault | None, Sequence[Fault]]:
    """Give a cell's value and what is wrong with it."""
    if isinstance(cell, StrayQuote) and field is not None and field.type.is_json and cell.text is not None:
        cell = cell.text
    if isinstance(cell, Fault):
        lacking = cell is _MISSING_CELL and field is not None and field.required
        return cell, (cell, _REQUIRED) if lacking else (cell,)
    if field is None:
        return cell, ()
    if cell in field.missing_values:
        return None, (_REQUIRED,) if field.required else ()
    value = field.type.parse(cell)
    if value is None:
        fault = field.type.fault
        return fault, (fault,)
    if not field.constraints:
        return value, ()
    return value, [each.fault for each in field.constraints if not each.holds(cell, value)]


def _unreadable(record: UnreadableRecord, column: str | None) -> ValidationError:
    return record.fault.at(row=record.row, line=record.line, field=record.field, column=column)
