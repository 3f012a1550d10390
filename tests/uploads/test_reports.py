"""Links to the full report of an upload."""

import json
from collections.abc import Callable
from contextlib import closing
from functools import partial

import pytest

from chalicelib import codec
from chalicelib.aws.report_store import S3Reports
from chalicelib.errors import ReportUnavailable, UploadNotFound
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.lifecycle import SETTLER, Cause
from chalicelib.uploads.queries import SHARED_SECONDS, share_report
from chalicelib.uploads.read_models import SharedReport
from chalicelib.uploads.report_writer import by_name
from chalicelib.uploads.reports import ReportFile, ReportFormat
from chalicelib.validation import validate
from chalicelib.validation.report import ErrorCode, Fault, ReportedError
from chalicelib.validation.reporting.files.report_tables import ReportTables
from chalicelib.validation.reporting.report import FullReport
from tests.uploads.upload import NEXT, SUBJECT, report_location

ROWS = 10
Share = Callable[..., SharedReport]


@pytest.fixture
def share(uploads: PostgresUploads, reports: S3Reports) -> Share:
    """The use case."""
    return partial(share_report, uploads=uploads, reports=reports)


def publish(uploads: PostgresUploads, reports: S3Reports) -> None:
    """Write the report of the current attempt, with an error in each row."""
    draft = reports.draft(report_location(uploads))
    data = b"id\n" + b" 7_000\n" * ROWS
    with closing(ReportTables()) as tables:
        full = FullReport(lambda line: [keep(line) for keep in (draft.write, tables.add)])
        report = validate([data], {"fields": [{"name": "id", "type": "integer"}]}, sink=full)
        draft.publish(by_name(full.finish(report, SUBJECT), tables, report.error_count))


@pytest.mark.parametrize("format_", ReportFormat)
def test_report_on_the_current_attempt_is_shared_for_a_short_time(
    share: Share, uploads: PostgresUploads, reports: S3Reports, format_: ReportFormat
) -> None:
    """The links to the files of a report all expire."""
    publish(uploads, reports)
    shared = share("42", format_)
    assert SHARED_SECONDS == shared.expires_in
    assert f"/reports/42/{uploads.find('42').execution_name}/{format_.file}?" in shared.url


def test_report_on_an_earlier_attempt_is_not_shared(share: Share, uploads: PostgresUploads, reports: S3Reports) -> None:
    """The earlier attempt's file has been replaced."""
    publish(uploads, reports)
    uploads.begin_announced(NEXT)
    with pytest.raises(ReportUnavailable):
        share("42")


def test_report_of_an_execution_that_failed_later_is_not_shared(
    share: Share, uploads: PostgresUploads, reports: S3Reports
) -> None:
    """The report would list errors in a file whose verdict is a system failure."""
    publish(uploads, reports)
    fault = Fault(ErrorCode.SYSTEM_ERROR, "the file could not be checked: States.Timeout")
    uploads.settle(str(uploads.find("42").execution_name), fault, Cause(actor=SETTLER))
    with pytest.raises(ReportUnavailable, match="upload 42 could not be checked: replay it"):
        share("42")


def test_lines_of_a_report_have_the_wire_format(uploads: PostgresUploads, reports: S3Reports) -> None:
    """The validator writes them without the codec; programs read them like the API's responses."""
    publish(uploads, reports)
    key = report_location(uploads).key(ReportFile.ERRORS)
    lines = reports.client.get_object(Bucket="inbox", Key=key)["Body"].read().splitlines()
    assert ROWS == len(lines)
    for line in map(json.loads, lines):
        assert line == codec.unstructure(codec.structure(line, ReportedError))


@pytest.mark.parametrize("upload_id", ["43", "../42"])
def test_unknown_upload_has_no_report(share: Share, upload_id: str) -> None:
    """Neither by a valid id nor by one that no upload can have."""
    with pytest.raises(UploadNotFound):
        share(upload_id)
