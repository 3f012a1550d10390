"""The interface of an error sink: receives each error with its record, while it has room."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import ValidationError

Names = Sequence[str | None]
"""The names of a file's columns in order; None where a column has no name."""


class ErrorSink(Protocol):
    """Receives errors with their records. While it has no room, errors are only counted."""

    @property
    def room(self) -> int:
        """How many more errors the sink takes. Once this is 0, it stays 0."""
        ...

    def name_columns(self, names: Names) -> None:
        """Set the names of the columns. Called after the errors of the header and before all others."""
        ...

    def take(self, error: ValidationError, record: Record | UnreadableRecord | None) -> None:
        """Receive an error. Errors of one record come together, in the order of the file.

        Errors of keys come last, ordered by row, without their records, which are no longer in memory.
        """
        ...
