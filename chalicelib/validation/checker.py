"""The exact checker: one record at a time, every rule in plain sight.

It is the reference for what the verdict on a file is. Faster ways to the same verdict are held against it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import chain
from typing import Any

from chalicelib.validation.dialect import Dialect
from chalicelib.validation.field_types import Value, canonical
from chalicelib.validation.labels import label_errors
from chalicelib.validation.records import BinaryFile, Record, RecordReader, UnreadableRecord
from chalicelib.validation.report import ErrorTally, Fault, ValidationError, ValidationReport
from chalicelib.validation.schema import Field, Schema

MAX_ERRORS = 100
_DIGEST_BYTES = 16
"""Of each key's digest: two of a million million different keys are alike with a chance of 1 in 10^15."""

_EMPTY_FILE = Fault("source-error", "the file is empty")
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

    The source is a binary file or an iterable of bytes, and is read once, in bounded memory but for 16 bytes a row
    and unique column or key. The schema is a Table Schema descriptor, a compiled one, or None to check the structure
    alone. The dialect is a descriptor too; without one that of the schema counts, and else RFC 4180 in UTF-8 with a
    header. The report counts all errors and holds the first `max_errors` of them.

    Raises SchemaInvalid if the schema or the dialect is wrong. Whatever is wrong with the file is in the report.
    """
    compiled = Schema.from_descriptor(schema) if isinstance(schema, Mapping) else schema
    if dialect is None and compiled is not None:
        dialect = compiled.dialect
    form = dialect if isinstance(dialect, Dialect) else Dialect.from_descriptor(dialect)
    return _validate(iter(RecordReader(source, form)), compiled, form, ErrorTally(max_errors))


def _validate(
    records: Iterator[Record | UnreadableRecord], schema: Schema | None, dialect: Dialect, tally: ErrorTally
) -> ValidationReport:
    first = next(records, None)
    if first is None:
        return ValidationReport.of_file(_EMPTY_FILE)
    if isinstance(first, UnreadableRecord):
        # Without its columns nothing below can be told right from wrong.
        tally.add([_unreadable(first)])
        return tally.report(row_count=0)
    if dialect.header:
        tally.add(label_errors(first, schema, match_case=dialect.header_case))
    else:
        records = chain([first], records)
    checker = RecordChecker(first, schema, header=dialect.header)
    row_count = 0
    for record in records:
        row_count += 1
        tally.add(checker.errors(record))
    return tally.report(row_count)


_Found = tuple[int | None, Fault]
"""The 0-based position of a column, or None for the row, and what is wrong there."""


class RecordChecker:
    """Checks the records of one file, in order, remembering what must be unique."""

    def __init__(self, first: Record, schema: Schema | None, *, header: bool) -> None:
        """Take the columns from the schema, or else from the first record, which may be the header."""
        self._keys = schema.keys if schema else ()
        self._seen: list[set[bytes]] = [set() for _ in self._keys]
        if schema:
            self._fields: Sequence[Field | None] = schema.fields
            self._names: Sequence[str | None] = [field.name for field in schema.fields]
        else:
            self._fields = [None] * len(first.cells)
            self._names = [label if header and isinstance(label, str) else None for label in first.cells]

    def errors(self, record: Record | UnreadableRecord) -> Iterator[ValidationError]:
        """Tell what is wrong with the next record, column by column."""
        if isinstance(record, UnreadableRecord):
            yield _unreadable(record)
            return
        for position, fault in self._faults(record.cells):
            yield self._error(record, position, fault)

    def _faults(self, cells: Sequence[str | Fault]) -> Iterator[_Found]:
        """Check each cell, then the keys; a value is None if it is missing, and a Fault if it cannot be known."""
        values: list[Value | Fault | None] = []
        if any(cells):
            for position, field in enumerate(self._fields):
                value, faults = _check_cell(cells[position] if position < len(cells) else _MISSING_CELL, field)
                values.append(value)
                for fault in faults:
                    yield position, fault
            for position in range(len(self._fields), len(cells)):
                yield position, _EXTRA_CELL
        else:
            yield None, _BLANK_ROW
            values = [None] * len(self._fields)
        if self._keys:
            yield from self._key_faults(values)

    def _key_faults(self, values: Sequence[Value | Fault | None]) -> Iterator[_Found]:
        """Compare the row's keys with those of the rows before."""
        for key, seen in zip(self._keys, self._seen, strict=True):
            position = key.fields[0] if len(key.fields) == 1 else None
            parts = [values[field] for field in key.fields]
            if any(isinstance(part, Fault) for part in parts):
                continue
            if key.incomplete and not any(part is not None for part in parts):
                yield position, key.incomplete
            elif key.incomplete or None not in parts:
                digest = _digest(parts)
                if digest in seen:
                    yield position, key.duplicate
                seen.add(digest)

    def _error(self, record: Record, position: int | None, fault: Fault) -> ValidationError:
        """Say where in the file a fault is."""
        column, field = None, None
        if position is not None:
            column = self._names[position] if position < len(self._names) else None
            field = position + 1
        return ValidationError(
            row=record.row, line=record.line, column=column, field=field, code=fault.code, message=fault.message
        )


def _check_cell(cell: str | Fault, field: Field | None) -> tuple[Value | Fault | None, Sequence[Fault]]:
    """Give a cell's value and what is wrong with it."""
    if isinstance(cell, Fault):
        lacking = cell is _MISSING_CELL and field is not None and field.required
        return cell, (cell, _REQUIRED) if lacking else (cell,)
    if field is None:
        return cell, ()
    if cell in field.missing_values:
        return None, (_REQUIRED,) if field.required else ()
    value = field.type.parse(cell)
    if value is None:
        return field.type.fault, (field.type.fault,)
    if not field.constraints:
        return value, ()
    return value, [each.fault for each in field.constraints if not each.holds(cell, value)]


def _digest(parts: Iterable[Value | Fault | None]) -> bytes:
    text = repr([part if part is None or isinstance(part, Fault) else canonical(part) for part in parts])
    return blake2b(text.encode(errors="surrogatepass"), digest_size=_DIGEST_BYTES).digest()


def _unreadable(record: UnreadableRecord) -> ValidationError:
    return ValidationError(
        row=record.row,
        line=record.line,
        field=record.field,
        code=record.fault.code,
        message=record.fault.message,
    )
