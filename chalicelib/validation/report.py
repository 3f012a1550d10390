"""What validation finds out about a file."""

from collections.abc import Iterable
from typing import Self

from attrs import frozen

FILE = "file"
"""The column of an error that concerns the file as a whole."""


@frozen
class Fault:
    """What is wrong, wherever it may be: a code, and what was expected in words."""

    code: str
    message: str


@frozen(kw_only=True)
class ValidationError:
    """One offence, and where it is.

    Row is the 1-based number of the record, the header being row 1, as a spreadsheet shows it. Line is the 1-based
    physical line on which that record starts. Field is the 1-based position of the column, column its name; the
    column is `file`, and the rest None, where the whole file is meant. The message says what was expected and never
    repeats what the cell contains.
    """

    row: int | None = None
    line: int | None = None
    column: str | None = None
    field: int | None = None
    code: str
    message: str


@frozen(kw_only=True)
class ValidationReport:
    """The verdict on a file.

    `error_count` is exact. `errors` holds the first of them, in the order of the file. `row_count` is the number of
    records below the header, faulty ones included.
    """

    error_count: int
    errors: tuple[ValidationError, ...]
    row_count: int

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong with the file."""
        return self.error_count == 0

    @classmethod
    def of_file(cls, fault: Fault) -> Self:
        """Report on a file that one thing is wrong with, as a whole, so that its rows were not looked at."""
        error = ValidationError(column=FILE, code=fault.code, message=fault.message)
        return cls(error_count=1, errors=(error,), row_count=0)


class ErrorTally:
    """Counts all errors and keeps the first ones."""

    def __init__(self, keep: int) -> None:
        """Keep at most `keep` errors."""
        self._keep = keep
        self._kept: list[ValidationError] = []
        self._count = 0

    def add(self, errors: Iterable[ValidationError]) -> None:
        """Count the errors, and keep those for which there is room."""
        for error in errors:
            self._count += 1
            if len(self._kept) < self._keep:
                self._kept.append(error)

    def report(self, row_count: int) -> ValidationReport:
        """Sum up what was found in so many rows."""
        return ValidationReport(error_count=self._count, errors=tuple(self._kept), row_count=row_count)
