"""Where the full report of an execution is: under a prefix whose objects start no execution."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from attrs import frozen

from chalicelib.errors import ReportUnavailable
from chalicelib.uploads.outputs import OutputLocation
from chalicelib.uploads.read_models import Upload

PREFIX = "reports/"


class ReportFile(StrEnum):
    """The files of a report, by name."""

    PAGE = "report.html"
    """For people. It is written last, so that the report is complete once it exists."""
    REPAIRS = "repairs.json"
    """What would mend the errors. Only written if there is something."""
    ERRORS = "errors.jsonl"
    """For programs: one error per line."""
    ERROR_TABLE = "errors.csv"
    """For people, as the next two: one error per line. These three are only written if there is an error."""
    ROWS = "rows.csv"
    """The rows in error, with what is wrong in each."""
    WORKBOOK = "rows.xlsx"
    """The first of these rows, with the wrong cells marked."""
    CAUSES = "causes.json"
    """For programs: how many errors of which kind are in which column."""


@frozen(kw_only=True)
class ReportLocation(OutputLocation[ReportFile]):
    """Where one execution writes its report."""

    ROOT = PREFIX


class ReportFormat(StrEnum):
    """The format in which a full report is asked for."""

    HTML = "html"
    HTML_FILE = "report.html"
    JSONL = "jsonl"
    ERRORS_CSV = "errors.csv"
    ROWS_CSV = "rows.csv"
    ROWS_XLSX = "rows.xlsx"

    @property
    def file(self) -> ReportFile:
        """The file that has this format."""
        return _FILES[self]

    @property
    def is_shown(self) -> bool:
        """Whether browsers show the file; they save the others."""
        return self is ReportFormat.HTML


_FILES: Mapping[ReportFormat, ReportFile] = MappingProxyType(
    {
        ReportFormat.HTML: ReportFile.PAGE,
        ReportFormat.HTML_FILE: ReportFile.PAGE,
        ReportFormat.JSONL: ReportFile.ERRORS,
        ReportFormat.ERRORS_CSV: ReportFile.ERROR_TABLE,
        ReportFormat.ROWS_CSV: ReportFile.ROWS,
        ReportFormat.ROWS_XLSX: ReportFile.WORKBOOK,
    }
)


@frozen(kw_only=True)
class ReportQuery:
    """Asks for the full report on an upload."""

    format: ReportFormat = ReportFormat.HTML


def current_report_location(upload: Upload) -> ReportLocation:
    """Return the location of the report on the current attempt; raises ReportUnavailable if there can be none.

    An execution may write a report and fail afterwards: such a report lists errors that are not part of the verdict.
    """
    if upload.execution_name is None:
        raise ReportUnavailable(f"no attempt at upload {upload.upload_id} has begun")
    if upload.system_failure:
        raise ReportUnavailable(f"upload {upload.upload_id} could not be checked: replay it, or upload the file again")
    return ReportLocation(bucket=upload.bucket, upload_id=upload.upload_id, execution_name=upload.execution_name)
