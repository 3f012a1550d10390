"""The full report, written while a file is checked."""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from attrs import evolve, frozen

from chalicelib.errors import AssayError
from chalicelib.validation.excerpt import excerpt_of, shown_names
from chalicelib.validation.json_names import json_value
from chalicelib.validation.reading.file_format import is_workbook
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.repair.changes import WORKBOOK, FileRepairs, Header, LayoutRepair
from chalicelib.validation.repair.columns import NONE
from chalicelib.validation.repair.layout import layout_repairs
from chalicelib.validation.repair.listed import ListedErrors, Repairs
from chalicelib.validation.report import ErrorCode, ValidationError, ValidationReport
from chalicelib.validation.reporting.causes import ErrorCause, Examples, causes_json
from chalicelib.validation.reporting.compared_header import compared_header
from chalicelib.validation.reporting.held_lines import HeldLines
from chalicelib.validation.reporting.lines import LINE_END_BYTES, begun_line, ended_line
from chalicelib.validation.reporting.neighbours import Neighbours
from chalicelib.validation.reporting.page import Page
from chalicelib.validation.reporting.shared_keys import OF_KEYS, ExplainedError, Reread, explained
from chalicelib.validation.reporting.subject import ReportSubject
from chalicelib.validation.sink import Beginning, FileColumns

MAX_LINES = 100_000
"""The most errors that are written as lines; all are counted."""
MAX_LINE_BYTES = 64 * 1024 * 1024
"""No line is written once the lines have this number of bytes."""

_OF_LABELS = frozenset(code for code in ErrorCode if code.endswith("-label"))


@frozen(kw_only=True)
class FinishedReport:
    """The files of a report besides its lines."""

    page_pieces: Callable[[], Iterable[bytes]]
    """Return the page in pieces, HTML in UTF-8, which are rendered one by one while the page is written."""
    causes: bytes
    """The causes of the errors as JSON."""
    repairs: bytes
    """What would mend the errors as JSON; empty if nothing would."""
    labels: tuple[str, ...] = ()
    """Those of the file's columns, truncated as cells are."""
    header_row: int = 0
    """The last row of the header that is in error; 0 if none is."""

    @property
    def page(self) -> bytes:
        """The page as a whole."""
        return b"".join(self.page_pieces())


class FullReport:
    """A sink for `validate` that writes errors as lines, and renders the page at the end.

    A line is written when its error is found, unless it may get a suggestion: that depends on the whole column, so it
    is written at the end, and so are all lines behind it.
    """

    def __init__(self, write: Callable[[bytes], object]) -> None:
        """Pass each line to `write` as soon as it is complete."""
        self._write = write
        self._beginning = Beginning()
        self._neighbours = Neighbours()
        self._columns = FileColumns(names=())
        self._page = Page(self._neighbours)
        self._examples = Examples()
        self._lines = 0
        self._bytes = 0
        self._stopped = False
        self._is_header_wrong = False
        self._are_columns_known = False
        self._header_row = 0
        self._of_file: set[ValidationError] = set()
        self._listed = ListedErrors()
        self._held = HeldLines()
        self.repairs = FileRepairs()
        """What would mend the file, once the report is finished."""
        self.reread: Reread | None = None
        """Reads the file again, to explain errors of keys; None if that is not possible."""
        self._of_keys: list[ValidationError] = []

    @property
    def room(self) -> int:
        """How many more errors are written."""
        return 0 if self._stopped or self._bytes >= MAX_LINE_BYTES else MAX_LINES - self._lines

    def stop(self) -> None:
        """Write no more errors: the report will be discarded."""
        self._stopped = True
        self._held = HeldLines()

    def begin(self, beginning: Beginning) -> None:
        """Keep the beginning of the file, which shows how it is laid out."""
        self._beginning = beginning
        self._neighbours.begin(beginning)

    def set_columns(self, columns: FileColumns) -> None:
        """Use these columns for the following records."""
        self._page.end_record()
        self._are_columns_known = True
        self._columns = evolve(columns, names=shown_names(columns.names))

    def take(self, error: ValidationError, record: Record | UnreadableRecord | None) -> None:
        """Write an error as a line, and add it to the page."""
        if error.code in _OF_LABELS:
            self._is_header_wrong = True
        if error.row is None:
            self._of_file.add(error)
        elif not self._are_columns_known:
            self._header_row = error.row
        if self.reread and record is None and error.code in OF_KEYS:
            self._of_keys.append(error)  # they come last, and are written at the end
            self._lines += 1
            return
        self._add(error, record)
        self._lines += 1

    def _add(
        self,
        error: ValidationError,
        record: Record | UnreadableRecord | None,
        explained_error: ExplainedError | None = None,
    ) -> None:
        """Write an error as a line, or hold it back, and add it to the page."""
        key = explained_error.key if explained_error else None
        wrong = () if error.field is None else (error.field,)
        excerpt = excerpt_of(record, self._columns.names, wrong) if record else None
        near = self._neighbours.of(error.row, excerpt.fields) if excerpt and error.row else ()
        line = begun_line(explained_error.named if explained_error else error, excerpt, key, near)
        self._bytes += len(line) + LINE_END_BYTES
        cell = self._listed.add(error, record)
        if cell or self._held:
            self._held.add(line, cell)
        else:
            self._write(ended_line(line, NONE))
        self._examples.take(error, excerpt, key)
        self._page.take(error, record, self._columns.names, key)

    def finish(self, report: ValidationReport, subject: ReportSubject) -> FinishedReport:
        """Return the other files of the report on a file that has been checked."""
        for error in report.errors:
            if error.row is None and error not in self._of_file:  # it was found before any record was read
                self.take(error, None)
        self._add_explained()
        causes = self._causes(report)
        return FinishedReport(
            page_pieces=partial(self._page.html, report, subject, causes, self._lines, self.repairs.header),
            causes=causes_json(report, causes),
            repairs=self._repairs_file(),
            labels=tuple(name or "" for name in self._columns.names),
            header_row=self._header_row,
        )

    def _causes(self, report: ValidationReport) -> Sequence[ErrorCause]:
        """Write the lines that waited for the end of the file, and return the causes of the errors."""
        repairs = Repairs(columns={})
        if report.error_count and not self._stopped:
            repairs = self._listed.repairs(self._beginning, self._columns, report.counts)
            self._listed = ListedErrors()
            self._write_held(report, repairs)
        found = self._examples.causes(report.counts, report.errors, repairs, self._layout())
        self._examples = Examples()
        return found

    def _add_explained(self) -> None:
        """Add the errors of keys, with their records and the rows that share their values."""
        if self._stopped or not (self._of_keys and self.reread):
            return
        try:
            found = explained(self._of_keys, self._beginning, self.reread)
        except AssayError:  # the file cannot be read again: the report is complete without
            found = [ExplainedError(error=error, record=None) for error in self._of_keys]
        for each in found:
            self._add(each.error, each.record, each)

    def _header(self, layout: Sequence[LayoutRepair]) -> Header | None:
        columns = self._columns
        if not self._is_header_wrong or not columns.expected:
            return None
        return Header(
            found=tuple(shown_names(columns.found)),
            expected=tuple(columns.expected),
            columns=compared_header(self._beginning, columns, layout),
        )

    def _layout(self) -> tuple[LayoutRepair, ...]:
        """Return what would mend the file as a whole, on the page or by the command."""
        return (LayoutRepair(rule=WORKBOOK),) if is_workbook(self._beginning.sample) else self.repairs.layout

    def _write_held(self, report: ValidationReport, repairs: Repairs) -> None:
        """Write the lines that waited for what is decided over a whole column."""
        layout = layout_repairs(self._beginning, report.counts_by_code)
        self.repairs = FileRepairs(repairs=repairs.all, layout=layout, header=self._header(layout))
        held, self._held = self._held, HeldLines()
        for line, cell in held.taken():
            if self._stopped:
                return
            self._write(ended_line(line, repairs.suggestion(cell)))

    def _repairs_file(self) -> bytes:
        """Return `repairs.json`, once the report is finished; nothing if nothing would mend the file."""
        if self.repairs == FileRepairs():
            return b""
        return json.dumps(json_value(self.repairs), ensure_ascii=False).encode(errors="replace") + b"\n"
