"""The full report, as it is written while a file is checked."""

from collections.abc import Callable

from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import ValidationError, ValidationReport
from chalicelib.validation.reporting.excerpt import excerpt_of, shown_names
from chalicelib.validation.reporting.lines import json_line
from chalicelib.validation.reporting.page import Page
from chalicelib.validation.reporting.subject import Subject
from chalicelib.validation.sink import Names

MOST_LINES = 100_000
"""So many errors are written out; the others are counted."""
MOST_LINE_BYTES = 64 * 1024 * 1024
"""No more are written once there are so many bytes of them."""


class FullReport:
    """Writes errors out as they are found, and makes a page of the first ones at the end: a sink for `validate`."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        """Have `write` take each line as soon as there is one."""
        self._write = write
        self._names: Names = ()
        self._page = Page()
        self._lines = 0
        self._bytes = 0
        self._stopped = False
        self._of_file: set[ValidationError] = set()

    @property
    def room(self) -> int:
        """How many more errors it takes."""
        return 0 if self._stopped or self._bytes >= MOST_LINE_BYTES else MOST_LINES - self._lines

    def stop(self) -> None:
        """Take no more errors: nobody will read this."""
        self._stopped = True

    def name_columns(self, names: Names) -> None:
        """Show these names from now on."""
        self._page.end_record()
        self._names = shown_names(names)

    def take(self, error: ValidationError, record: Record | UnreadableRecord | None) -> None:
        """Write an error out."""
        if error.row is None:
            self._of_file.add(error)
        wrong = () if error.field is None else (error.field,)
        line = json_line(error, excerpt_of(record, self._names, wrong) if record else None)
        self._lines += 1
        self._bytes += len(line)
        self._write(line)
        self._page.take(error, record, self._names)

    def finish(self, report: ValidationReport, subject: Subject) -> bytes:
        """Give the page, in HTML and UTF-8, once the file has been checked with that result."""
        for error in report.errors:
            if error.row is None and error not in self._of_file:  # nobody has looked at any record
                self.take(error, None)
        return self._page.html(report, subject, self._lines).encode()
