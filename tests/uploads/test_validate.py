"""The verdict on an object, whatever holds the bytes."""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from attrs import evolve
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib import schemas
from chalicelib.aws.report_store import PART_BYTES, S3Reports
from chalicelib.errors import SchemaInvalid, StorageUnavailable
from chalicelib.uploads.messages import ValidationRequest, ValidationResponse
from chalicelib.uploads.ports import StoredObject
from chalicelib.uploads.validate import validate_upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REQUEST = ValidationRequest(upload_id="42", bucket="inbox", key="uploads/acme/42/a.csv", version_id="v1")


NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
NAMED = evolve(REQUEST, execution_name="42-0a1b")
PREFIX = "reports/42/42-0a1b/"
NO_REPORTS = S3Reports(client=boto3.client("s3", region_name="us-east-1"))
"""Where nothing is written, for no execution is named."""


class Bucket:
    """One object, whatever one asks for, and the schemas that it may name."""

    def __init__(self, content: bytes, metadata: Mapping[str, str], datasets: Mapping[str, Mapping[str, Any]]) -> None:
        """Put the object on the bucket."""
        self._object = StoredObject(size=len(content), metadata=metadata, content=[content])
        self._datasets = datasets

    def open(self, bucket: str, key: str, version_id: str | None) -> StoredObject:
        """Return the object, if it is the one of the request."""
        assert (REQUEST.bucket, REQUEST.version_id) == (bucket, version_id)
        assert key.startswith(REQUEST.key)
        return self._object

    def names(self) -> tuple[str, ...]:
        """List the schemas."""
        return tuple(self._datasets)

    def load(self, name: str) -> Mapping[str, Any]:
        """Return a schema."""
        if name not in self._datasets:
            raise schemas.unknown(name, tuple(self._datasets))
        return self._datasets[name]


def _validate(
    content: bytes,
    metadata: Mapping[str, str] | None = None,
    *,
    reports: S3Reports = NO_REPORTS,
    request: ValidationRequest = REQUEST,
    max_bytes: int = 100,
) -> ValidationResponse:
    datasets: Mapping[str, Mapping[str, Any]] = {
        "default": {"fields": [{"name": "id", "type": "integer"}]},
        "names": {"fields": [{"name": "name"}]},
        "broken": {"fields": [{"name": "id", "type": "number of sorts"}]},
    }
    bucket = Bucket(content, metadata or {}, datasets)
    return validate_upload(
        request, objects=bucket, schemas=bucket, reports=reports, max_bytes=max_bytes, now=lambda: NOON
    )


def test_object_is_held_against_the_default_schema() -> None:
    """An object that names no dataset."""
    expected = ValidationResponse(valid=True, error_count=0, errors=(), row_count=2, schema="default")
    assert expected == _validate(b"id\n1\n2\n")
    assert [error.row for error in _validate(b"id\n1\nx\n").errors] == [3]


def test_object_is_held_against_the_schema_that_it_names() -> None:
    """In its metadata."""
    response = _validate(b"name\nAda\n", {"schema": "names"})
    assert (True, "names") == (response.valid, response.schema)
    assert not _validate(b"name\nAda\n").valid


def test_unknown_schema_is_a_verdict_that_lists_those_that_exist() -> None:
    """The sender of the file can correct that."""
    response = _validate(b"id\n1\n", {"schema": "order"})
    (error,) = response.errors
    assert (False, 1, "file", "unknown-schema") == (response.valid, response.error_count, error.column, error.code)
    assert error.message == "there is no schema 'order'; there are default, names, broken"
    assert response.schema is None


def test_broken_schema_is_no_verdict() -> None:
    """It is not the file that is wrong."""
    with pytest.raises(SchemaInvalid, match=r"\$\.fields\[0\]\.type"):
        _validate(b"id\n1\n", {"schema": "broken"})


def test_object_that_breaks_off_is_no_verdict() -> None:
    """Half a file is not the file."""

    def half() -> Any:
        yield b"id\n1\n"
        raise StorageUnavailable("broke off")

    class BrokenBucket(Bucket):
        def open(self, *_place: object) -> StoredObject:
            return StoredObject(size=6, metadata={}, content=half())

    bucket = BrokenBucket(b"", {}, {"default": {"fields": [{"name": "id"}]}})
    with pytest.raises(StorageUnavailable):
        validate_upload(REQUEST, objects=bucket, schemas=bucket, reports=NO_REPORTS, max_bytes=100)


@pytest.mark.parametrize(("rows", "valid"), [(47, True), (48, True), (49, False)])
def test_object_may_be_as_large_as_the_stage_allows(rows: int, *, valid: bool) -> None:
    """One that is larger gets its verdict without being read; the message has both sizes and what to do."""
    response = _validate(b"id\n" + b"1\n" * rows + b"7")
    assert valid == response.valid
    if not valid:
        (error,) = response.errors
        assert ("file", "oversized-file", 0) == (error.column, error.code, response.row_count)
        assert error.message == (
            "the file has 102 bytes, and 100 are allowed: split it, or have MAX_OBJECT_BYTES raised"
        )


GZIPPED = evolve(REQUEST, key=f"{REQUEST.key}.GZ")


def test_object_whose_name_ends_in_gz_is_decompressed() -> None:
    """In whatever case; its rows are counted as those of any other."""
    response = _validate(gzip.compress(b"id\n1\nx\n"), request=GZIPPED)
    assert [(3, "type-error")] == [(error.row, error.code) for error in response.errors]
    assert 2 == response.row_count


def test_decompressed_bytes_count_too() -> None:
    """However few they were compressed to."""
    response = _validate(gzip.compress(b"id\n" + b"1\n" * 49), request=GZIPPED)
    assert ["oversized-file"] == [error.code for error in response.errors]
    assert _validate(gzip.compress(b"id\n" + b"1\n" * 48), request=GZIPPED).valid


def test_object_that_is_no_gzip_file_whatever_its_name_says_is_a_verdict() -> None:
    """And a gzip file that does not say so is one too."""
    assert ["compression-error"] == [error.code for error in _validate(b"id\n1\n", request=GZIPPED).errors]
    (error,) = _validate(gzip.compress(b"id\n1\n")).errors
    assert ("format-error", True) == (error.code, "ends in .csv.gz" in error.message)


@pytest.fixture
def client() -> Iterator["S3Client"]:
    """A client of an S3 with the bucket of the request."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="inbox")
        yield client


def _keys(client: "S3Client") -> list[str]:
    return [entry["Key"] for entry in client.list_objects_v2(Bucket="inbox").get("Contents", ())]


def _read(client: "S3Client", name: str) -> str:
    return client.get_object(Bucket="inbox", Key=PREFIX + name)["Body"].read().decode()


def test_report_is_written_under_the_name_of_the_execution(client: "S3Client") -> None:
    """Every error, more than the response has, and a page that names file, schema and time."""
    response = _validate(b"id\n" + b"x\n" * 150, reports=S3Reports(client=client), request=NAMED, max_bytes=1000)
    assert (PREFIX, 150, 100) == (response.report, response.error_count, len(response.errors))
    rows = [json.loads(line)["row"] for line in _read(client, "errors.jsonl").splitlines()]
    assert list(range(2, 152)) == rows
    page = _read(client, "report.html")
    assert all(text in page for text in ("a.csv", "default", "25 November 2026, 12:00 UTC", "150 errors"))


def test_valid_file_has_a_report_too(client: "S3Client") -> None:
    """It shows the sender that all is well."""
    assert PREFIX == _validate(b"id\n1\n", reports=S3Reports(client=client), request=NAMED).report
    assert "Valid" in _read(client, "report.html")
    assert _read(client, "errors.jsonl") == ""


def test_what_is_wrong_with_the_file_as_a_whole_is_in_the_report(client: "S3Client") -> None:
    """Though none of its records has been looked at."""
    _validate(b"id\n1\n", {"schema": "order"}, reports=S3Reports(client=client), request=NAMED)
    assert ["unknown-schema"] == [json.loads(line)["code"] for line in _read(client, "errors.jsonl").splitlines()]


def test_request_that_names_no_execution_writes_no_report(client: "S3Client") -> None:
    """There would be no saying whose it is."""
    assert _validate(b"id\nx\n", reports=S3Reports(client=client)).report is None
    assert [] == _keys(client)


@pytest.mark.parametrize("code", ["AccessDenied", "SlowDown", "NoSuchBucket"])
@pytest.mark.parametrize("rows", [1, PART_BYTES // 100])
def test_report_that_cannot_be_written_costs_no_verdict(
    client: "S3Client", log_lines: Callable[[], list[dict[str, Any]]], code: str, rows: int
) -> None:
    """At its end, or in the middle: the verdict is the same, and the log says why there is no report."""
    content = b"id\n" + b"x\n" * rows
    with Stubber(client) as stub:
        stub.add_client_error("put_object" if rows == 1 else "create_multipart_upload", code)
        response = _validate(content, reports=S3Reports(client=client), request=NAMED, max_bytes=10**9)
        stub.assert_no_pending_responses()
    assert _validate(content, max_bytes=10**9) == response
    (line,) = log_lines()
    assert ("report not written", "42", "42-0a1b") == (line["message"], line["uploadId"], line["execution"])
    assert code in line["reason"] or line["error"] == "ObjectVanished"


def test_report_on_an_object_that_breaks_off_is_let_go_of(client: "S3Client") -> None:
    """There is no verdict to report on; the parts that have been sent cost money."""

    def half() -> Any:
        yield b"id\n" + b"x\n" * (PART_BYTES // 100)
        raise StorageUnavailable("broke off")

    bucket = Bucket(b"", {}, {"default": {"fields": [{"name": "id", "type": "integer"}]}})
    opened = StoredObject(size=9, metadata={}, content=half())
    bucket.open = lambda *_place: opened  # type: ignore[method-assign]  # another object
    with pytest.raises(StorageUnavailable):
        validate_upload(NAMED, objects=bucket, schemas=bucket, reports=S3Reports(client=client), max_bytes=10**9)
    assert ([], False) == (_keys(client), "Uploads" in client.list_multipart_uploads(Bucket="inbox"))


@pytest.mark.parametrize("stored", [bytes, gzip.compress])
def test_file_that_is_too_large_says_so_once_in_its_report(
    client: "S3Client", stored: Callable[[bytes], bytes]
) -> None:
    """Beside what was wrong before that, if anything was looked at."""
    content = stored(b"id\nx\n" + b"1\n" * 200)
    request = evolve(NAMED, key=f"{NAMED.key}.gz" if content.startswith(b"\x1f") else NAMED.key)
    response = _validate(content, reports=S3Reports(client=client), request=request)
    codes = [json.loads(line)["code"] for line in _read(client, "errors.jsonl").splitlines()]
    assert sorted(error.code for error in response.errors) == sorted(codes)
    assert codes.count("oversized-file") == 1
