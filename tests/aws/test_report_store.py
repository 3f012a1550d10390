"""Full reports in S3: written in parts, private, and read in ranges."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.aws import report_store
from chalicelib.aws.object_writer import PART_BYTES
from chalicelib.aws.report_store import S3Reports
from chalicelib.errors import FieldInvalid, ObjectForbidden, ObjectVanished, ReportUnavailable, StorageUnavailable
from chalicelib.uploads.reports import ReportFile, ReportLocation
from chalicelib.validation import validate
from chalicelib.validation.json_names import json_value
from chalicelib.validation.repair.changes import FileRepairs, LayoutRepair
from chalicelib.validation.reporting.report import FullReport
from chalicelib.validation.reporting.subject import ReportSubject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PLACE = ReportLocation(bucket="inbox", upload_id="42", execution_name="42-0a1b")
ERRORS = PLACE.key(ReportFile.ERRORS)
PAGE = PLACE.key(ReportFile.PAGE)
REPAIRS = PLACE.key(ReportFile.REPAIRS)
SUBJECT = ReportSubject(name="a.csv", schema="s", checked_at=datetime(2026, 11, 25, tzinfo=UTC), listing="a.jsonl")
PART = {"Bucket": "inbox", "Key": ERRORS, "UploadId": "u"}


@pytest.fixture
def client() -> Iterator["S3Client"]:
    """A client of an S3 with one bucket, `inbox`."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1", config=Config(signature_version="s3v4"))
        client.create_bucket(Bucket="inbox")
        yield client


@pytest.fixture
def reports(client: "S3Client") -> S3Reports:
    """The reports in that bucket."""
    return S3Reports(client=client)


def keys(client: "S3Client") -> list[str]:
    """List the keys in the bucket."""
    return [entry["Key"] for entry in client.list_objects_v2(Bucket="inbox").get("Contents", ())]


def read(client: "S3Client", key: str) -> bytes:
    """Read an object."""
    return client.get_object(Bucket="inbox", Key=key)["Body"].read()


def lines_of(data: bytes) -> list[bytes]:
    """Return the lines of the full report for a file with one column of integers."""
    lines: list[bytes] = []
    full = FullReport(lines.append)
    full.finish(validate([data], {"fields": [{"name": "id", "type": "integer"}]}, sink=full), SUBJECT)
    return lines


def publish(reports: S3Reports, lines: list[bytes], page: bytes = b"<html>") -> None:
    """Write a report."""
    draft = reports.draft(PLACE)
    for line in lines:
        draft.write(line)
    draft.publish({ReportFile.PAGE: [page]})


def test_report_has_its_keys_outside_of_the_uploads(client: "S3Client", reports: S3Reports) -> None:
    """The keys contain the upload id and the execution name."""
    publish(reports, [b"{}\n"])
    assert ["reports/42/42-0a1b/errors.jsonl", "reports/42/42-0a1b/report.html"] == keys(client)
    assert (b"{}\n", b"<html>") == (read(client, ERRORS), read(client, PAGE))


@pytest.mark.parametrize("lines", [1, PART_BYTES // 500_000 + 2])
def test_both_files_are_private_and_have_their_content_type(client: "S3Client", reports: S3Reports, lines: int) -> None:
    """In one part or several: not cached, shown inline by browsers, and without grants."""
    parameters: set[str] = set()
    client.meta.events.register("provide-client-params.s3", lambda params, **_: parameters.update(params))
    publish(reports, [b"x" * 499_999 + b"\n"] * lines)
    for key, kind in ((ERRORS, "application/x-ndjson"), (PAGE, "text/html")):
        head = client.head_object(Bucket="inbox", Key=key)
        assert f"{kind}; charset=utf-8" == head["ContentType"]
        assert ("inline", "private, no-store") == (head["ContentDisposition"], head["CacheControl"])
    assert [] == [name for name in parameters if name.startswith(("ACL", "Grant"))]


def test_errors_are_uploaded_in_parts(client: "S3Client", reports: S3Reports) -> None:
    """At most one part is in memory; no part can be read before the report is complete."""
    lines = [bytes([65 + number]) * 999_999 + b"\n" for number in range(13)]
    draft = reports.draft(PLACE)
    for line in lines:
        draft.write(line)
    assert len(client.list_multipart_uploads(Bucket="inbox")["Uploads"]) == 1
    assert [] == keys(client)
    draft.publish({ReportFile.PAGE: []})
    assert b"".join(lines) == read(client, ERRORS)
    assert client.head_object(Bucket="inbox", Key=ERRORS)["ETag"].endswith('-3"')
    assert "Uploads" not in client.list_multipart_uploads(Bucket="inbox")


def test_retried_execution_replaces_its_own_report(client: "S3Client", reports: S3Reports) -> None:
    """Step Functions may retry the task."""
    publish(reports, [b"{}\n"], b"first")
    publish(reports, [b"{}\n"], b"second")
    assert ([ERRORS, PAGE], b"second") == (keys(client), read(client, PAGE))


def test_discarded_draft_leaves_nothing(client: "S3Client", reports: S3Reports) -> None:
    """Not even parts, which S3 keeps without listing them. Discarding twice is harmless."""
    draft = reports.draft(PLACE)
    draft.write(b"x" * PART_BYTES)
    draft.discard()
    draft.discard()
    assert ([], True) == (keys(client), "Uploads" not in client.list_multipart_uploads(Bucket="inbox"))


@pytest.mark.parametrize(
    ("code", "error"),
    [("AccessDenied", ObjectForbidden), ("SlowDown", StorageUnavailable), ("NoSuchBucket", ObjectVanished)],
)
@pytest.mark.parametrize("failing", ["create_multipart_upload", "upload_part", "complete_multipart_upload"])
def test_failed_part_has_a_reason_and_is_discarded(
    client: "S3Client", reports: S3Reports, failing: str, code: str, error: type[Exception]
) -> None:
    """Each call may fail; discarding deletes the parts that were sent."""
    answers: dict[str, Any] = {
        "create_multipart_upload": {"UploadId": "u"},
        "upload_part": {"ETag": "e"},
        "complete_multipart_upload": {},
    }
    with Stubber(client) as stub:
        for name, answer in answers.items():
            if name == failing:
                stub.add_client_error(name, code)
                break
            stub.add_response(name, answer)
        if failing != "create_multipart_upload":
            stub.add_response("abort_multipart_upload", {}, PART)
        draft = reports.draft(PLACE)
        with pytest.raises(error, match=r"may not be written|cannot be written|has no bucket"):
            _write_report(draft)
        draft.discard()
        stub.assert_no_pending_responses()


def _write_report(draft: report_store.S3Draft) -> None:
    draft.write(b"x" * PART_BYTES)
    draft.publish({ReportFile.PAGE: []})


def test_discarding_never_raises(client: "S3Client", reports: S3Reports) -> None:
    """The bucket's lifecycle rules delete what S3 did not."""
    draft = reports.draft(PLACE)
    draft.write(b"x" * PART_BYTES)
    with Stubber(client) as stub:
        stub.add_client_error("abort_multipart_upload", "AccessDenied")
        draft.discard()


@pytest.mark.parametrize(("file", "key"), [(ReportFile.PAGE, PAGE), (ReportFile.ERRORS, ERRORS)])
def test_presigned_url_expires_after_the_given_seconds(reports: S3Reports, file: ReportFile, key: str) -> None:
    """With Signature Version 4, which buckets with KMS keys require."""
    publish(reports, [])
    address = urlsplit(reports.share(PLACE, file, 300, is_shown=True))
    query = parse_qs(address.query)
    assert address.path.endswith(key)
    assert (["AWS4-HMAC-SHA256"], ["300"]) == (query["X-Amz-Algorithm"], query["X-Amz-Expires"])


def test_missing_report_has_neither_url_nor_errors(reports: S3Reports) -> None:
    """A presigned URL for a missing object would fail only when it is opened."""
    with pytest.raises(ReportUnavailable, match="reports/42/42-0a1b/ is not there"):
        reports.share(PLACE, ReportFile.PAGE, 300, is_shown=True)
    with pytest.raises(ReportUnavailable):
        next(reports.errors(PLACE, 0))


@pytest.mark.parametrize("range_bytes", [3, 500, 10**6])
def test_errors_are_read_from_any_position(
    reports: S3Reports, monkeypatch: pytest.MonkeyPatch, range_bytes: int
) -> None:
    """Ranges may have any size; each error comes with the position of the next one."""
    monkeypatch.setattr(report_store, "RANGE_BYTES", range_bytes)
    lines = lines_of("id\n1\nx\n\u00fc\u2028\n\n".encode())
    publish(reports, lines)
    found = list(reports.errors(PLACE, 0))
    assert [json.loads(line)["row"] for line in lines] == [error.row for error, _ in found] == [3, 4, 5]
    assert found[1:] == list(reports.errors(PLACE, found[0][1]))
    assert [] == list(reports.errors(PLACE, found[-1][1]))
    record = found[1][0].record
    assert record is not None
    assert (("id",), ("\u00fc\u2028",)) == (record.columns, record.cells)


def test_valid_file_has_no_errors_to_read(reports: S3Reports) -> None:
    """S3 refuses a range of an empty object."""
    publish(reports, [])
    assert [] == list(reports.errors(PLACE, 0))


def test_cursor_within_an_error_is_refused(reports: S3Reports) -> None:
    """A cursor is always the start of a line."""
    publish(reports, lines_of(b"id\nx\ny\n"))
    with pytest.raises(FieldInvalid, match="cursor: no error begins there"):
        next(reports.errors(PLACE, 3))


def test_denied_access_is_not_a_missing_report(client: "S3Client", reports: S3Reports) -> None:
    """The message names the code of S3."""
    with Stubber(client) as stub:
        stub.add_client_error("get_object", "AccessDenied")
        with pytest.raises(ObjectForbidden, match="may not be read: AccessDenied"):
            next(reports.errors(PLACE, 0))


def test_repairs_are_read_as_they_were_written(client: "S3Client", reports: S3Reports) -> None:
    """They are a file of the report, written before the page; a report without one has no repairs."""
    publish(reports, [])
    assert FileRepairs() == reports.repairs(PLACE)
    written = FileRepairs(layout=(LayoutRepair(rule="delimiter", found=";", expected=","),))
    draft = reports.draft(PLACE)
    draft.publish({ReportFile.REPAIRS: [json.dumps(json_value(written)).encode()]})
    assert written == reports.repairs(PLACE)
    assert "application/json; charset=utf-8" == client.head_object(Bucket="inbox", Key=REPAIRS)["ContentType"]


def test_repairs_of_another_version_are_ignored(client: "S3Client", reports: S3Reports) -> None:
    """The errors are still shown."""
    client.put_object(Bucket="inbox", Key=REPAIRS, Body=b'{"remedies": []}')
    assert FileRepairs() == reports.repairs(PLACE)
