"""The full report of an upload: who may read what of it, and from where."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.database import Database
from chalicelib.adapters.report_store import S3Reports
from chalicelib.adapters.upload_status import PostgresUploadStatusRepository
from chalicelib.domain.attempt import Attempt, ObjectCreated
from chalicelib.domain.report_place import Artefact, ReportPlace
from chalicelib.errors import ReportUnavailable, UploadNotFound
from chalicelib.usecases.share_report import SHARED_SECONDS, ShareReport
from chalicelib.validation import validate
from chalicelib.validation.full_report import FullReport

KEY = "uploads/acme/42/a.csv"
ROWS = 10


@pytest.fixture
def uploads(database: Database) -> PostgresUploadStatusRepository:
    """A repository with one upload."""
    uploads = PostgresUploadStatusRepository(database)
    begin(uploads, "0A")
    return uploads


@pytest.fixture
def reports() -> Iterator[S3Reports]:
    """The reports in a bucket without any."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="inbox")
        yield S3Reports(client=client)


@pytest.fixture
def share(uploads: PostgresUploadStatusRepository, reports: S3Reports) -> ShareReport:
    """The use case that gives addresses."""
    return ShareReport(uploads=uploads, reports=reports)


def begin(uploads: PostgresUploadStatusRepository, sequencer: str) -> None:
    """Begin an attempt at the upload."""
    uploads.mark_validating(Attempt.of(ObjectCreated(bucket="inbox", key=KEY, etag=sequencer, sequencer=sequencer)))


def publish(uploads: PostgresUploadStatusRepository, reports: S3Reports) -> None:
    """Write the report of the present attempt, with an error in each of the rows."""
    name = uploads.find("42").execution_name
    draft = reports.draft(ReportPlace(bucket="inbox", upload_id="42", execution_name=str(name)))
    data = b"id\n" + b"x\n" * ROWS
    validate([data], {"fields": [{"name": "id", "type": "integer"}]}, sink=FullReport(draft.write))
    draft.publish(b"<html>")


@pytest.mark.parametrize("artefact", Artefact)
def test_report_on_the_present_attempt_is_shared_for_a_short_time(
    share: ShareReport, uploads: PostgresUploadStatusRepository, reports: S3Reports, artefact: Artefact
) -> None:
    """Page and errors alike."""
    publish(uploads, reports)
    shared = share("42", artefact)
    assert SHARED_SECONDS == shared.expires_in
    assert f"/reports/42/{uploads.find('42').execution_name}/{artefact}?" in shared.url


def test_report_on_an_earlier_attempt_is_not_shared(
    share: ShareReport, uploads: PostgresUploadStatusRepository, reports: S3Reports
) -> None:
    """It tells of a file that is no longer the upload's."""
    publish(uploads, reports)
    begin(uploads, "0B")
    with pytest.raises(ReportUnavailable):
        share("42")


@pytest.mark.parametrize("upload_id", ["43", "../42"])
def test_upload_that_is_unknown_has_no_report(share: ShareReport, upload_id: str) -> None:
    """Whether or not there could be one of that id."""
    with pytest.raises(UploadNotFound):
        share(upload_id)
