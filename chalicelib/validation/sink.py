"""Where the errors of a file go as they are found, all of them or as many as there is room for."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import ValidationError

Names = Sequence[str | None]
"""The names of a file's columns, from the first on; None for one that has none."""


class ErrorSink(Protocol):
    """Takes errors with the records that they are in. Without room it costs nothing, and errors are only counted."""

    @property
    def room(self) -> int:
        """How many more errors it takes; once that is 0, it stays so."""
        ...

    def name_columns(self, names: Names) -> None:
        """Learn the names of the columns, after the errors of the header and before all others."""
        ...

    def take(self, error: ValidationError, record: Record | UnreadableRecord | None) -> None:
        """Take an error. Those of one record come together, in the order of the file.

        Errors of keys come last, ordered by row, and without their records: these are long gone.
        """
        ...
