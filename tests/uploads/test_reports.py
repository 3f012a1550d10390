"""The full report of an upload: who may read what of it, and from where."""

import json
from collections.abc import Callable
from functools import partial

import pytest

from chalicelib import codec
from chalicelib.aws.report_store import S3Reports
from chalicelib.errors import ReportUnavailable, UploadNotFound
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.lifecycle import SETTLER, Cause
from chalicelib.uploads.queries import SHARED_SECONDS, share_report
from chalicelib.uploads.read_models import ReportedError, SharedReport
from chalicelib.uploads.reports import ReportFile
from chalicelib.validation import validate
from chalicelib.validation.report import ErrorCode, Fault
from chalicelib.validation.reporting.report import FullReport
from tests.uploads.upload import NEXT, place

ROWS = 10
Share = Callable[..., SharedReport]


@pytest.fixture
def share(uploads: PostgresUploads, reports: S3Reports) -> Share:
    """The use case."""
    return partial(share_report, uploads=uploads, reports=reports)


def publish(uploads: PostgresUploads, reports: S3Reports) -> None:
    """Write the report of the present attempt, with an error in each of the rows."""
    draft = reports.draft(place(uploads))
    data = b"id\n" + b"x\n" * ROWS
    validate([data], {"fields": [{"name": "id", "type": "integer"}]}, sink=FullReport(draft.write))
    draft.publish(b"<html>")


@pytest.mark.parametrize("file", ReportFile)
def test_report_on_the_present_attempt_is_shared_for_a_short_time(
    share: Share, uploads: PostgresUploads, reports: S3Reports, file: ReportFile
) -> None:
    """Page and errors alike."""
    publish(uploads, reports)
    shared = share("42", file)
    assert SHARED_SECONDS == shared.expires_in
    assert f"/reports/42/{uploads.find('42').execution_name}/{file}?" in shared.url


def test_report_on_an_earlier_attempt_is_not_shared(share: Share, uploads: PostgresUploads, reports: S3Reports) -> None:
    """It is about a file that has been replaced."""
    publish(uploads, reports)
    uploads.begin_announced(NEXT)
    with pytest.raises(ReportUnavailable):
        share("42")


def test_report_of_an_execution_that_failed_later_is_not_shared(
    share: Share, uploads: PostgresUploads, reports: S3Reports
) -> None:
    """It would list errors in a file whose verdict is that it could not be checked."""
    publish(uploads, reports)
    fault = Fault(ErrorCode.SYSTEM_ERROR, "the file could not be checked: States.Timeout")
    uploads.settle(str(uploads.find("42").execution_name), fault, Cause(actor=SETTLER))
    with pytest.raises(ReportUnavailable, match="upload 42 could not be checked: replay it"):
        share("42")


def test_lines_of_a_report_have_the_wire_format(uploads: PostgresUploads, reports: S3Reports) -> None:
    """The validator writes them without the codec, and programs read them as they read the API's answers."""
    publish(uploads, reports)
    key = place(uploads).key(ReportFile.ERRORS)
    lines = reports.client.get_object(Bucket="inbox", Key=key)["Body"].read().splitlines()
    assert ROWS == len(lines)
    for line in map(json.loads, lines):
        assert line == codec.unstructure(codec.structure(line, ReportedError))


@pytest.mark.parametrize("upload_id", ["43", "../42"])
def test_upload_that_is_unknown_has_no_report(share: Share, upload_id: str) -> None:
    """Whether or not there could be one of that id."""
    with pytest.raises(UploadNotFound):
        share(upload_id)
