"""The interface of an error sink: receives each error with its record, while it has room."""

from collections.abc import Sequence
from typing import Protocol

from attrs import field, frozen

from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import ValidationError
from chalicelib.validation.schema.table_schema import Field, Schema

Names = Sequence[str | None]
"""The names of a file's columns in order; None where a column has no name."""


@frozen(kw_only=True)
class Beginning:
    """The first bytes of a file, and how it should be written."""

    sample: bytes = b""
    schema: Schema | None = None
    dialect: Dialect = field(factory=Dialect)


@frozen(kw_only=True)
class FileColumns:
    """The columns of a file, as its header has them and as its schema expects them."""

    names: Names
    fields: Sequence[Field | None] = ()
    """The field of each column; None where cells are not checked."""
    found: Names = ()
    """The labels of the header; None where one cannot be read."""
    expected: Sequence[str] = ()
    """The names of the schema's fields."""


class ErrorSink(Protocol):
    """Receives errors with their records. While it has no room, errors are only counted."""

    @property
    def room(self) -> int:
        """How many more errors the sink takes. Once this is 0, it stays 0."""
        ...

    def begin(self, beginning: Beginning) -> None:
        """Set the beginning of the file. Called first."""
        ...

    def set_columns(self, columns: FileColumns) -> None:
        """Set the columns. Called after the errors of the header and before all others."""
        ...

    def take(self, error: ValidationError, record: Record | UnreadableRecord | None) -> None:
        """Receive an error. Errors of one record come together, in the order of the file.

        Errors of keys come last, ordered by row, without their records, which are no longer in memory.
        """
        ...
