"""The progress of an upload that is validated in parts."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3
import pytest
from attrs import evolve
from botocore.stub import Stubber

from chalicelib.aws.part_files import S3PartFiles
from chalicelib.aws.part_store import S3Parts
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.parts.location import PartsLocation, plan_name
from chalicelib.uploads.parts.progress import with_progress
from chalicelib.uploads.parts.readings import PartRead, PartToRead
from chalicelib.uploads.read_models import PartsProgress, Upload
from chalicelib.uploads.task_failure import TaskFailure

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
UPLOAD = Upload(
    upload_id="42",
    owner="acme",
    bucket="inbox",
    key="uploads/acme/42/a.csv",
    filename="a.csv",
    schema=None,
    status=Status.VALIDATING,
    attempt=1,
    execution_name="42-0a1b",
    row_count=None,
    error_count=None,
    errors=(),
    unchecked=(),
    created_at=NOON,
    updated_at=NOON,
    expires_at=None,
    attempts=(),
    timeline=(),
)


@pytest.fixture
def store(s3: "S3Client") -> S3Parts:
    """The parts in an emulated S3."""
    return S3Parts(client=s3)


def plan(parts: int = 3, execution: str = "42-0a1b") -> PartsLocation:
    """Return where a plan of this number of parts is."""
    return PartsLocation(bucket="inbox", upload_id="42", execution_name=execution, plan=plan_name(parts))


def test_parts_are_done_when_they_have_written_their_reports(store: S3Parts) -> None:
    """One that was read twice counts once; of two plans of an execution, the one whose parts are read counts."""
    files = S3PartFiles(client=store.client)
    assert with_progress(UPLOAD, files).parts is None
    place = plan(parts=3)
    for location in (plan(parts=7), place):
        store.write(location, "plan.json", [b""])
    assert 0 == getattr(with_progress(UPLOAD, files).parts, "done", None)
    for number, entry in [(0, 5), (2, 31), (2, 33)]:
        store.write(place, PartRead(number=number, entry=entry, exit=40).name, [b""])
    store.write_failure(place, PartToRead(number=1).failed(0, TaskFailure(Error="Lambda.Unknown")))
    store.write(plan(execution="42-0a1c"), PartRead(number=1, entry=11, exit=40).name, [b""])
    assert PartsProgress(done=2, of=3) == with_progress(UPLOAD, files).parts


def test_only_an_upload_that_is_validated_has_progress(store: S3Parts) -> None:
    """And only where objects are validated in parts; otherwise nothing is listed."""
    place = plan()
    store.write(place, PartRead(number=1, entry=5, exit=40).name, [b""])
    validated = evolve(UPLOAD, status=Status.VALIDATED)
    assert validated == with_progress(validated, S3PartFiles(client=store.client))
    assert UPLOAD == with_progress(UPLOAD, None)


@pytest.mark.parametrize("code", ["AccessDenied", "SlowDown"])
def test_upload_is_shown_without_progress_if_s3_does_not_answer(code: str) -> None:
    """The progress is no reason to refuse the status."""
    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s")
    with Stubber(client) as stub:
        stub.add_client_error("list_objects_v2", code)
        assert UPLOAD == with_progress(UPLOAD, S3PartFiles(client=client))
        stub.assert_no_pending_responses()
