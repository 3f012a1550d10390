"""Where the full report of an execution is: beside the uploads, under a prefix that starts no execution."""

from enum import StrEnum

from attrs import frozen

from chalicelib.errors import ReportUnavailable
from chalicelib.uploads.read_models import Upload

PREFIX = "reports/"


class ReportFile(StrEnum):
    """What a report consists of, by name."""

    PAGE = "report.html"
    """For people; is written last, so that all is there once this is."""
    ERRORS = "errors.jsonl"
    """For programs: an error a line."""


@frozen(kw_only=True)
class ReportLocation:
    """Where one execution writes its report, and no other."""

    bucket: str
    upload_id: str
    execution_name: str

    @property
    def prefix(self) -> str:
        """What the keys of all that belongs to the report begin with."""
        return f"{PREFIX}{self.upload_id}/{self.execution_name}/"

    def key(self, file: ReportFile) -> str:
        """Give the key of a part of the report."""
        return f"{self.prefix}{file}"


class ReportFormat(StrEnum):
    """In which form a full report is asked for."""

    HTML = "html"
    JSONL = "jsonl"

    @property
    def file(self) -> ReportFile:
        """The part of the report that has this form."""
        return ReportFile.PAGE if self is ReportFormat.HTML else ReportFile.ERRORS


@frozen(kw_only=True)
class ReportQuery:
    """Asks for the full report on an upload."""

    format: ReportFormat = ReportFormat.HTML


def current_report_location(upload: Upload) -> ReportLocation:
    """Give the place of the report on the present attempt; raises ReportUnavailable if there can be none.

    An execution can have written one and failed afterwards: that tells of errors of which there is no verdict.
    """
    if upload.execution_name is None:
        raise ReportUnavailable(f"nobody has begun to validate upload {upload.upload_id}")
    if upload.system_failure:
        raise ReportUnavailable(f"upload {upload.upload_id} could not be checked: replay it, or upload the file again")
    return ReportLocation(bucket=upload.bucket, upload_id=upload.upload_id, execution_name=upload.execution_name)
