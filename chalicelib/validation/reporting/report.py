"""The full report, written while a file is checked."""

from collections.abc import Callable

from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import ValidationError, ValidationReport
from chalicelib.validation.reporting.excerpt import excerpt_of, shown_names
from chalicelib.validation.reporting.lines import json_line
from chalicelib.validation.reporting.page import Page
from chalicelib.validation.reporting.subject import ReportSubject
from chalicelib.validation.sink import Names

MAX_LINES = 100_000
"""The most errors that are written as lines; all are counted."""
MAX_LINE_BYTES = 64 * 1024 * 1024
"""No line is written once the lines have this number of bytes."""


class FullReport:
    """A sink for `validate` that writes errors as lines when they are found, and renders the page at the end."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        """Pass each line to `write` as soon as it is complete."""
        self._write = write
        self._names: Names = ()
        self._page = Page()
        self._lines = 0
        self._bytes = 0
        self._stopped = False
        self._of_file: set[ValidationError] = set()

    @property
    def room(self) -> int:
        """How many more errors are written."""
        return 0 if self._stopped or self._bytes >= MAX_LINE_BYTES else MAX_LINES - self._lines

    def stop(self) -> None:
        """Write no more errors: the report will be discarded."""
        self._stopped = True

    def name_columns(self, names: Names) -> None:
        """Use these names for the following records."""
        self._page.end_record()
        self._names = shown_names(names)

    def take(self, error: ValidationError, record: Record | UnreadableRecord | None) -> None:
        """Write an error as a line, and add it to the page."""
        if error.row is None:
            self._of_file.add(error)
        wrong = () if error.field is None else (error.field,)
        line = json_line(error, excerpt_of(record, self._names, wrong) if record else None)
        self._lines += 1
        self._bytes += len(line)
        self._write(line)
        self._page.take(error, record, self._names)

    def finish(self, report: ValidationReport, subject: ReportSubject) -> bytes:
        """Return the page, as HTML in UTF-8, of a file that has been checked."""
        for error in report.errors:
            if error.row is None and error not in self._of_file:  # it was found before any record was read
                self.take(error, None)
        return self._page.html(report, subject, self._lines).encode()
