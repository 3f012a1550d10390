"""What a validation finds: values alone, which import nothing else of the validator."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Self

import attrs
from attrs import frozen

FILE = "file"
"""The column of an error that concerns the file as a whole."""

MAX_ERRORS = 100
"""How many errors a report lists by default."""


class ErrorCode(StrEnum):
    """The kinds of errors. Metrics, advice and the table in `docs/architecture.md` follow from this list."""

    SOURCE_ERROR = "source-error"
    """The file is empty, or ends before its header."""
    FORMAT_ERROR = "format-error"
    """The file is not CSV, or not of the declared dialect."""
    COMPRESSION_ERROR = "compression-error"
    """The file cannot be decompressed, or expands too much."""
    OVERSIZED_FILE = "oversized-file"
    """The file is larger than allowed."""
    CONTROL_ERROR = "control-error"
    """The file differs from the number of rows or the digest that its sender announced."""
    UNKNOWN_SCHEMA = "unknown-schema"
    """The upload names a schema that does not exist."""
    BLANK_LABEL = "blank-label"
    """A label is empty."""
    DUPLICATE_LABEL = "duplicate-label"
    """An earlier column has the same label."""
    INCORRECT_LABEL = "incorrect-label"
    """A label is not that of the field at its position."""
    MISSING_LABEL = "missing-label"
    """The header lacks a column."""
    EXTRA_LABEL = "extra-label"
    """The schema lacks a column."""
    BLANK_ROW = "blank-row"
    """All cells of a row are empty."""
    MISSING_CELL = "missing-cell"
    """A row ends before a column."""
    EXTRA_CELL = "extra-cell"
    """A row has more cells than there are columns."""
    TYPE_ERROR = "type-error"
    """A cell is not of its field's type."""
    CONSTRAINT_ERROR = "constraint-error"
    """A cell violates a constraint."""
    COMPLEX_CELL = "complex-cell"
    """A cell takes its JSON Schema more steps than are allowed."""
    UNIQUE_ERROR = "unique-error"
    """An earlier row has the same value of a unique key."""
    PRIMARY_KEY = "primary-key"
    """An earlier row has the same primary key. An empty one is a CONSTRAINT_ERROR: its fields are required."""
    FOREIGN_KEY = "foreign-key"
    """A foreign key refers to no row."""
    QUOTE_ERROR = "quote-error"
    """A quote stands where the dialect allows none, or is never closed."""
    ENCODING_ERROR = "encoding-error"
    """Bytes are not valid in the declared encoding, or are no text."""
    OVERSIZED_RECORD = "oversized-record"
    """A record is larger than can be read."""
    SYSTEM_ERROR = "system-error"
    """The file could not be checked. The validator itself never reports this one."""


@frozen
class Fault:
    """What is wrong, without a place: a code, and a message that says what was expected."""

    code: ErrorCode
    message: str

    def at(
        self, *, row: int | None = None, line: int | None = None, field: int | None = None, column: str | None = None
    ) -> "ValidationError":
        """Return the error that this fault is at a place."""
        return ValidationError(row=row, line=line, field=field, column=column, code=self.code, message=self.message)


@frozen
class CellFault(Fault):
    """The fault of a cell, whose message names the cause where the cell shows it."""

    cause: Callable[[str], str | None] = attrs.field(default=lambda _: None, eq=False, repr=False)
    """Return what is wrong with a cell, given its text, without repeating it; None if it is not known."""

    def of(self, cell: str) -> Fault:
        """Return the fault of this cell."""
        cause = self.cause(cell)
        return Fault(self.code, f"{self.message}; {cause}" if cause else self.message)


@frozen
class UndecodableCell(Fault):
    """The fault of a cell that has no text, with its bytes."""

    raw: bytes = attrs.field(default=b"", eq=False, repr=False)

    def with_bytes(self, raw: bytes) -> "UndecodableCell":
        """Return the same fault of a cell of these bytes."""
        return UndecodableCell(self.code, self.message, raw)


@frozen
class StrayQuote(Fault):
    """A quote inside an unquoted cell. In a column of JSON it is allowed."""

    text: str | None = attrs.field(default=None, eq=False)
    """The cell including its quotes; None if it cannot be decoded."""


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""Characters that JSON can contain, but PostgreSQL cannot store."""


def storable(text: str, max_length: int) -> str:
    """Return a text that PostgreSQL can store, cut to a length in characters."""
    if len(text) <= max_length and text.isprintable():  # the usual case, of up to 100,000 errors of a file
        return text
    text = text if len(text) <= max_length else text[: max_length - 1] + "…"
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _column(text: str | None) -> str | None:
    return None if text is None else storable(text, 200)


def _code(text: str) -> str:
    return storable(str(text), 100)


def _message(text: str) -> str:
    return storable(text, 500)


@frozen(kw_only=True)
class ValidationError:
    """A fault and its place.

    `row` is the 1-based number of the record, with the header as row 1, as a spreadsheet shows it. `line` is the
    1-based physical line on which the record starts. `field` is the 1-based position of the column, and `column` its
    name. An error of the whole file has the column `file` and no other place. The message says what was expected and
    never contains the cell.
    """

    row: int | None = None
    line: int | None = None
    column: str | None = attrs.field(default=None, converter=_column)
    field: int | None = None
    code: str = attrs.field(converter=_code)
    """One of `ErrorCode`; text, because errors that are read back may be of another version."""
    message: str = attrs.field(converter=_message)


def position_in_file(error: ValidationError) -> tuple[int, int]:
    """Return a sort key: by row, errors of a whole row before those of its cells, then by column."""
    return error.row or 0, error.field or 0


@frozen(kw_only=True)
class Excerpt:
    """Some cells of a record, or the first bytes of a record that has no cells."""

    fields: tuple[int, ...] = ()
    """The 1-based positions of the cells."""
    columns: tuple[str | None, ...] = ()
    """The names of their columns; None where a column has no name."""
    cells: tuple[str | None, ...] = ()
    """Their texts, shortened; None where the record has no such cell."""
    beginning: str | None = None
    """None unless there are no cells."""


@frozen(kw_only=True)
class NeighbouringRow:
    """The row before or after one in error."""

    row: int
    cells: tuple[str | None, ...]
    """Those at the positions of the excerpt, shortened; None where the row has no such cell."""


@frozen(kw_only=True)
class SharedKey:
    """The value of a key, and the rows that have it."""

    columns: tuple[str | None, ...]
    """The names of the key's columns."""
    values: tuple[str, ...]
    """What these columns hold in the row in error, shortened."""
    rows: tuple[int, ...]
    """The first rows with this value, in the order of the file."""
    row_count: int
    """How many rows have it."""


@frozen(kw_only=True)
class ReportedError(ValidationError):
    """An error with the excerpt of its record that the full report shows."""

    record: Excerpt | None
    """None if there is no full report, and for errors that are found after their record was read, as those of keys."""
    suggestion: str | None = None
    """What to write instead; None if that is not certain."""
    rule: str | None = None
    """The rule of the suggestion, one of those in `repairs`."""
    choices: tuple[str, ...] = ()
    """What the cell may mean, if that is not certain."""
    key: SharedKey | None = None
    """Which rows share the value, if this is an error of a key; None if they are not known."""
    neighbours: tuple[NeighbouringRow, ...] = ()
    """The rows before and after, of the first rows in error at the beginning of the file."""


@frozen(kw_only=True)
class ValidationReport:
    """The result of a validation.

    `error_count` is exact. `errors` contains the first errors in the order of the file. `row_count` is the number of
    records below the header, including faulty ones.
    """

    error_count: int
    errors: tuple[ValidationError, ...]
    row_count: int
    counts: Mapping[tuple[str | None, str], int] = attrs.field(factory=dict)
    """The exact number of errors by column name and code.

    The column is None where it has no name, or where an error concerns a whole row.
    """
    unchecked: tuple[str, ...] = ()
    """What the schema requires and was not checked, each with its path in the schema and the reason."""
    rejected_rows: int | None = None
    """The number of faulty rows. None if it was not asked for, or an error concerns the header or the whole file."""
    tolerated: bool = False
    """Whether the schema tolerates this number of faulty rows."""

    @classmethod
    def from_file_fault(cls, fault: Fault) -> Self:
        """Return the report on a file that has one fault as a whole, so that its rows were not checked."""
        error = fault.at(column=FILE)
        return cls(error_count=1, errors=(error,), row_count=0, counts={(error.column, error.code): 1})

    @property
    def counts_by_code(self) -> Mapping[str, int]:
        """The number of errors of each code."""
        codes: Counter[str] = Counter()
        for (_, code), count in self.counts.items():
            codes[code] += count
        return codes

    @property
    def counts_by_column(self) -> Mapping[str, int]:
        """The number of errors in each column that has a name; `file` counts those of the whole file."""
        columns: Counter[str] = Counter()
        for (column, _), count in self.counts.items():
            if column is not None:
                columns[column] += count
        return columns

    @property
    def valid(self) -> bool:
        """Whether the file has no errors, or only such as its schema tolerates."""
        return self.error_count == 0 or self.tolerated
