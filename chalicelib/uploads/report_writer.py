"""Write the full report of one execution."""

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self

from chalicelib.errors import AssayError
from chalicelib.telemetry import logs
from chalicelib.uploads.messages import ValidationRequest
from chalicelib.uploads.reports import ReportFile, ReportLocation
from chalicelib.uploads.storage_ports import ReportDraft, ReportStore
from chalicelib.validation.report import ValidationReport
from chalicelib.validation.reporting.files.report_tables import ReportTables
from chalicelib.validation.reporting.report import FinishedReport, FullReport
from chalicelib.validation.reporting.subject import ReportSubject


def by_name(files: FinishedReport, tables: ReportTables, error_count: int) -> Mapping[ReportFile, Iterable[bytes]]:
    """Return the content of the files of a report by their names, the page last."""
    found: dict[ReportFile, Iterable[bytes]] = {ReportFile.CAUSES: [files.causes]}
    if files.repairs:
        found[ReportFile.REPAIRS] = [files.repairs]
    if error_count:
        found[ReportFile.ERROR_TABLE] = tables.error_table()
        found[ReportFile.ROWS] = tables.rows(files, error_count)
        found[ReportFile.WORKBOOK] = tables.workbook(files, error_count)
    return {**found, ReportFile.PAGE: files.page_pieces()}


class ReportWriter:
    """Writes the full report for a request that names its execution; a failure costs the report, never the verdict."""

    def __init__(self, reports: ReportStore, request: ValidationRequest) -> None:
        """Prepare the report."""
        self._request = request
        self._draft: ReportDraft | None = None
        self._prefix = ""
        self._full = FullReport(self._write)
        self._tables = ReportTables()
        if request.execution_name is not None:
            place = ReportLocation(
                bucket=request.bucket, upload_id=request.upload_id, execution_name=request.execution_name
            )
            self._draft, self._prefix = reports.draft(place), place.prefix

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        """Discard what was written, if there is no verdict to report on."""
        self._tables.close()
        if error and self._draft:
            self._draft.discard()

    @property
    def sink(self) -> FullReport | None:
        """Receives the errors as they are found; None if the request names no execution."""
        return self._full if self._draft else None

    def publish(self, report: ValidationReport, subject: ReportSubject) -> str | None:
        """Publish the report, and return the prefix of its keys; None if there is no report."""
        if self._draft:
            files = self._full.finish(report, subject)
        if self._draft:  # what finishing wrote may have failed
            try:
                self._draft.publish(by_name(files, self._tables, report.error_count))
            except AssayError as error:
                self._give_up(self._draft, error)
        return self._prefix if self._draft else None

    def _write(self, lines: bytes) -> None:
        if self._draft:
            try:
                self._draft.write(lines)
                self._tables.add(lines)
            except AssayError as error:
                self._give_up(self._draft, error)

    def _give_up(self, draft: ReportDraft, error: AssayError) -> None:
        request = self._request
        self._draft = None
        self._full.stop()
        draft.discard()
        logs.warn("report not written", error, uploadId=request.upload_id, execution=request.execution_name)
