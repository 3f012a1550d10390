"""Errors of keys, explained: which value it is, and which other rows have it.

While a file is checked, a key is a digest, and its row is gone when the error is found. So the file is read again, once
for the values of the rows in error, and once for the rows that share them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from attrs import evolve, field, frozen

from chalicelib.validation.checking.cells import MISSING_CELL, check_cell
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.keys import key_of
from chalicelib.validation.excerpt import excerpt_of, shown_names
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import Record
from chalicelib.validation.report import ErrorCode, Fault, SharedKey, ValidationError
from chalicelib.validation.schema.table_schema import Schema
from chalicelib.validation.sink import Beginning

MAX_ERRORS = 1_000
"""How many errors of keys are explained."""
_MOST_ROWS = 5
"""How many of the rows that share a value are named."""
_CELL_CHARACTERS = 1_000
"""How much of a cell is kept."""
_MOST_CHARACTERS = 16_000_000
"""No row is kept once those before it have this number of characters."""

OF_KEYS = frozenset({ErrorCode.UNIQUE_ERROR, ErrorCode.PRIMARY_KEY, ErrorCode.FOREIGN_KEY})
Reread = Callable[[], Iterable[bytes]]
"""Returns the bytes of the file again, decompressed."""
_Key = tuple[tuple[int, ...], str | int]
"""The 0-based positions of a key's columns, and its value."""


@frozen(kw_only=True)
class ExplainedError:
    """An error of a key, with its record and the rows that share its value."""

    error: ValidationError
    record: Record | None
    key: SharedKey | None = None

    @property
    def named(self) -> ValidationError:
        """The error with the other rows in its message: `rows 2 and 7 have it, too`."""
        return self.error if self.key is None else _worded(self.error, self.key)


@frozen
class _KeysOfFile:
    """The keys of a file's columns, by what their errors say."""

    columns: Columns
    by_message: Mapping[str, tuple[int, ...]] = field(init=False)

    @by_message.default
    def _by_message(self) -> Mapping[str, tuple[int, ...]]:
        unique = ((key.duplicate, key.fields) for key in self.columns.keys)
        foreign = ((fault, key.fields) for key in self.columns.foreign_keys for fault in (key.dangling, key.orphaned))
        return {fault.at().message: fields for fault, fields in (*unique, *foreign)}

    def key(self, record: Record, positions: tuple[int, ...]) -> _Key | None:
        """Return the key of a record; None if a part of it is missing, or wrong."""
        parts = []
        for at in positions:
            cell = record.cells[at] if at < len(record.cells) else MISSING_CELL
            value, _ = check_cell(cell, self.columns.fields[at])
            if value is None or isinstance(value, Fault):
                return None
            parts.append(value)
        return positions, key_of(parts)


def explained(errors: Sequence[ValidationError], beginning: Beginning, reread: Reread) -> list[ExplainedError]:
    """Return errors of keys with the rows that share their values, and with their records.

    Only the first `MAX_ERRORS` are explained. The file is read to its end, once or twice.
    """
    schema, dialect = beginning.schema, beginning.dialect
    chosen = errors[:MAX_ERRORS]
    if schema is None or not chosen or dialect.header_rows not in {(1,), ()}:
        return [ExplainedError(error=error, record=None) for error in errors]
    columns, records = _read(reread, schema, dialect, {error.row for error in chosen})
    keys = _KeysOfFile(columns)
    found = [(error, keys.by_message.get(error.message)) for error in chosen]
    values = {
        id(error): keys.key(record, positions)
        for error, positions in found
        if positions and error.row is not None and (record := records.get(error.row))
    }
    shared = _shared(keys, {key for key in values.values() if key}, _records(reread, dialect))
    first: list[ExplainedError] = []
    for error in chosen:
        record, value = records.get(error.row or 0), values.get(id(error))
        key = _shared_key(columns, record, value[0], shared[value]) if record and value and value in shared else None
        first.append(ExplainedError(error=error, record=record, key=key))
    return [*first, *(ExplainedError(error=error, record=None) for error in errors[MAX_ERRORS:])]


def _read(
    reread: Reread, schema: Schema, dialect: Dialect, rows: AbstractSet[int | None]
) -> tuple[Columns, dict[int, Record]]:
    """Return the columns of a file, and these rows of it, as far as there is room."""
    found: dict[int, Record] = {}
    columns: Columns | None = None
    room = _MOST_CHARACTERS
    for record in _records(reread, dialect):
        if columns is None:
            columns = Columns.of(record, schema, dialect)
        if record.row in rows and room > 0:
            found[record.row] = _shortened(record)
            room -= sum(len(cell) for cell in found[record.row].cells if isinstance(cell, str)) + len(record.cells)
    return columns or Columns.of(Record(1, 1, ()), schema, dialect), found


def _records(reread: Reread, dialect: Dialect) -> Iterator[Record]:
    return (record for record in RecordReader(reread(), dialect) if isinstance(record, Record))


def _shortened(record: Record) -> Record:
    cells = [cell[:_CELL_CHARACTERS] if isinstance(cell, str) else cell for cell in record.cells]
    return evolve(record, cells=cells)


def _shared(keys: _KeysOfFile, wanted: set[_Key], records: Iterator[Record]) -> dict[_Key, list[int]]:
    """Return the rows with each of these keys, of which there may be many: the number of all of them comes last."""
    positions = {key[0] for key in wanted}
    rows: dict[_Key, list[int]] = {}
    for record in records:
        for each in positions:
            key = keys.key(record, each)
            if key in wanted and key is not None:
                of_key = rows.setdefault(key, [0])
                of_key[-1] += 1
                if len(of_key) <= _MOST_ROWS:
                    of_key.insert(-1, record.row)
    return rows


def _shared_key(columns: Columns, record: Record, positions: Sequence[int], rows: Sequence[int]) -> SharedKey:
    excerpt = excerpt_of(record, shown_names(columns.names), [at + 1 for at in positions])
    cells = dict(zip(excerpt.fields, excerpt.cells, strict=True))
    return SharedKey(
        columns=tuple(columns.names[at] for at in positions),
        values=tuple(cells.get(at + 1) or "" for at in positions),
        rows=tuple(rows[:-1]),
        row_count=rows[-1],
    )


def _worded(error: ValidationError, key: SharedKey) -> ValidationError:
    others = [f"{row:,}" for row in key.rows if row != error.row]
    if not others:
        return error
    more = key.row_count - 1 - len(others)
    if more > 0:
        others.append(f"{more:,} more")
    listed = others[0] if len(others) == 1 else f"{', '.join(others[:-1])} and {others[-1]}"
    is_one = len(others) == 1
    singular, plural = ("refers to it", "refer to it") if error.code == ErrorCode.FOREIGN_KEY else ("has it", "have it")
    place = f"row {listed} {singular}" if is_one else f"rows {listed} {plural}"
    return evolve(error, message=f"{error.message}; {place}, too")
