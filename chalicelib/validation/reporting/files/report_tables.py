"""The files for the person who corrects a file, made from the lines of its full report."""

import os
from array import array
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import islice
from typing import IO

from chalicelib.validation import temporary_files
from chalicelib.validation.report import ReportedError
from chalicelib.validation.reporting.files.error_table import error_table
from chalicelib.validation.reporting.files.marked_rows import MarkedTable, marked_csv, rows_of_report
from chalicelib.validation.reporting.files.workbook import marked_workbook
from chalicelib.validation.reporting.lines import read_line, row_of
from chalicelib.validation.reporting.report import FinishedReport

MAX_WORKBOOK_ROWS = 10_000
"""The most rows of a workbook. A row of twelve cells takes 150 microseconds, and the verdict waits for it."""


class ReportTables:
    """Keeps the lines of a report in a temporary file, to read them again, also in the order of rows."""

    def __init__(self) -> None:
        """Start without a line."""
        self._file: IO[bytes] | None = None
        self._rows = array("q")
        """The row of each line; 0 for an error of the whole file."""
        self._ends = array("q", [0])

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self._rows)

    def add(self, line: bytes) -> None:
        """Keep a line; raises TemporarySpaceFull."""
        if self._file is None:
            self._file = temporary_files.temporary_file(temporary_files.LINES)
        temporary_files.append(self._file, line, temporary_files.LINES)
        self._rows.append(row_of(line) or 0)
        self._ends.append(self._ends[-1] + len(line))

    def close(self) -> None:
        """Delete the temporary file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def error_table(self) -> Iterator[bytes]:
        """Iterate over the lines of `errors.csv`, in the order in which the errors were found."""
        return error_table(map(self._error, range(len(self))))

    def rows(self, report: FinishedReport, error_count: int) -> Iterator[bytes]:
        """Iterate over the lines of `rows.csv`."""
        return marked_csv(self._table(report, self._bound(error_count)))

    def workbook(self, report: FinishedReport, error_count: int) -> Iterator[bytes]:
        """Yield `rows.xlsx`, with the first rows alone if there are more than MAX_WORKBOOK_ROWS.

        Raises TemporarySpaceFull.
        """
        from xlsxwriter.exceptions import XlsxFileError  # noqa: PLC0415 - only who asks for a workbook pays for it

        count = len({row for row in self._rows if row > report.header_row})
        is_cut = count > MAX_WORKBOOK_ROWS
        cut = [f"These are the first {MAX_WORKBOOK_ROWS:,} of {count:,} rows in error. rows.csv has all."]
        table = self._table(report, [*self._bound(error_count), *(cut if is_cut else ())], MAX_WORKBOOK_ROWS)
        target = BytesIO()
        try:
            marked_workbook(table, target)
        except (OSError, XlsxFileError) as error:  # the rows of a workbook are collected in a temporary file, too
            raise temporary_files.no_space(temporary_files.LINES, str(error)) from error
        yield target.getvalue()

    def _bound(self, error_count: int) -> Sequence[str]:
        is_cut = len(self) < error_count
        return [f"These are the first {len(self):,} of {error_count:,} errors."] if is_cut else []

    def _table(self, report: FinishedReport, notes: Sequence[str], most: int | None = None) -> MarkedTable:
        order = sorted(range(len(self)), key=self._rows.__getitem__)
        found = rows_of_report(map(self._error, order), report.labels, header_row=report.header_row)
        return MarkedTable(labels=found.labels, rows=islice(found.rows, most), of_file=found.of_file, notes=notes)

    def _error(self, at: int) -> ReportedError:
        assert self._file is not None  # noqa: S101 - there is a line
        start, end = self._ends[at], self._ends[at + 1]
        return read_line(os.pread(self._file.fileno(), end - start, start))
