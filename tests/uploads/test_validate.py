"""The verdict on an object, with its full report."""

import csv
import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import boto3
import pytest
from attrs import evolve
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib import schemas
from chalicelib.aws.object_writer import PART_BYTES
from chalicelib.aws.report_store import S3Reports
from chalicelib.aws.result_store import S3Results
from chalicelib.errors import SchemaInvalid, StorageUnavailable
from chalicelib.uploads.messages import ValidationRequest, ValidationResponse
from chalicelib.uploads.storage_ports import StoredObject
from chalicelib.uploads.validate import validate_upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REQUEST = ValidationRequest(upload_id="42", bucket="inbox", key="uploads/acme/42/a.csv", version_id="v1")


NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
NAMED = evolve(REQUEST, execution_name="42-0a1b")
PREFIX = "reports/42/42-0a1b/"
NO_REPORTS = S3Reports(client=boto3.client("s3", region_name="us-east-1"))
NO_RESULTS = S3Results(client=NO_REPORTS.client)
"""Nothing is written there: requests without an execution name have no report and no results."""


class Bucket:
    """A bucket with one object and the schemas that its metadata may name."""

    def __init__(self, content: bytes, metadata: Mapping[str, str], datasets: Mapping[str, Mapping[str, Any]]) -> None:
        """Put the object into the bucket."""
        self._object = StoredObject(size=len(content), metadata=metadata, content=[content])
        self._datasets = datasets

    def open(self, bucket: str, key: str, version_id: str | None) -> StoredObject:
        """Return the object; the place must be that of the request."""
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
        "unusual": {"fields": [{"name": "a", "constraints": {f"other{at}": 1 for at in range(30)}}]},
        "broken": {"fields": [{"name": "id", "type": "number of sorts"}]},
    }
    bucket = Bucket(content, metadata or {}, datasets)
    return validate_upload(
        request,
        objects=bucket,
        schemas=bucket,
        reports=reports,
        results=S3Results(client=reports.client),
        max_bytes=max_bytes,
        now=lambda: NOON,
    )


def test_object_without_a_dataset_is_checked_against_the_default_schema() -> None:
    """The object's metadata names no schema."""
    expected = ValidationResponse(
        valid=True,
        error_count=0,
        errors=(),
        row_count=2,
        schema="default",
        content_sha256=hashlib.sha256(b"id\n1\n2\n").hexdigest(),
        schema_sha256=hashlib.sha256(b'{"fields":[{"name":"id","type":"integer"}]}').hexdigest(),
    )
    assert expected == _validate(b"id\n1\n2\n")
    assert [error.row for error in _validate(b"id\n1\nx\n").errors] == [3]


def test_object_is_checked_against_the_schema_in_its_metadata() -> None:
    """The response names the schema."""
    response = _validate(b"name\nAda\n", {"schema": "names"})
    assert (True, "names") == (response.valid, response.schema)
    assert not _validate(b"name\nAda\n").valid


def test_what_was_not_checked_is_in_the_response() -> None:
    """As much as there is room for, and how many more there are."""
    unchecked = _validate(b"a\n1\n", {"schema": "unusual"}).unchecked
    assert "$.fields[0].constraints.other0: Table Schema has no such constraint" == unchecked[0]
    assert (20, "… and 11 more") == (len(unchecked), unchecked[-1])


def test_unknown_schema_is_an_error_of_the_file() -> None:
    """The sender can correct it: the message lists the schemas that exist."""
    response = _validate(b"id\n1\n", {"schema": "order"})
    (error,) = response.errors
    assert (False, 1, "file", "unknown-schema") == (response.valid, response.error_count, error.column, error.code)
    assert error.message == "there is no schema 'order'; there are default, names, unusual, broken"
    assert response.schema is None


def test_invalid_schema_raises() -> None:
    """An invalid schema says nothing about the file, so there is no verdict. The message names the schema."""
    with pytest.raises(SchemaInvalid, match=r"^the schema 'broken': \$\.fields\[0\]\.type: "):
        _validate(b"id\n1\n", {"schema": "broken"})


def test_object_that_cannot_be_read_to_its_end_raises() -> None:
    """There is no verdict on a part of a file."""

    def half() -> Any:
        yield b"id\n1\n"
        raise StorageUnavailable("broke off")

    class BrokenBucket(Bucket):
        def open(self, *_place: object) -> StoredObject:
            return StoredObject(size=6, metadata={}, content=half())

    bucket = BrokenBucket(b"", {}, {"default": {"fields": [{"name": "id"}]}})
    with pytest.raises(StorageUnavailable):
        validate_upload(REQUEST, objects=bucket, schemas=bucket, reports=NO_REPORTS, results=NO_RESULTS, max_bytes=100)


@pytest.mark.parametrize(("rows", "valid"), [(47, True), (48, True), (49, False)])
def test_object_may_be_as_large_as_the_stage_allows(rows: int, *, valid: bool) -> None:
    """A larger object is invalid without being read; the message has both sizes and what to do."""
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
    """The ending's case is ignored; rows are those of the decompressed file."""
    response = _validate(gzip.compress(b"id\n1\nx\n"), request=GZIPPED)
    assert [(3, "type-error")] == [(error.row, error.code) for error in response.errors]
    assert 2 == response.row_count


def test_limit_applies_to_decompressed_bytes() -> None:
    """A small gzip file may be too large when it is decompressed."""
    response = _validate(gzip.compress(b"id\n" + b"1\n" * 49), request=GZIPPED)
    assert ["oversized-file"] == [error.code for error in response.errors]
    assert _validate(gzip.compress(b"id\n" + b"1\n" * 48), request=GZIPPED).valid


def test_compression_that_differs_from_the_name_is_an_error() -> None:
    """Both a .gz file that is not compressed, and a compressed file without .gz, are invalid."""
    assert ["compression-error"] == [error.code for error in _validate(b"id\n1\n", request=GZIPPED).errors]
    (error,) = _validate(gzip.compress(b"id\n1\n")).errors
    assert ("format-error", True) == (error.code, "ends in .csv.gz" in error.message)


@pytest.fixture
def client() -> Iterator["S3Client"]:
    """An S3 client; the bucket of the request exists."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="inbox")
        yield client


def _keys(client: "S3Client") -> list[str]:
    return [entry["Key"] for entry in client.list_objects_v2(Bucket="inbox").get("Contents", ())]


def _read(client: "S3Client", name: str) -> str:
    return client.get_object(Bucket="inbox", Key=PREFIX + name)["Body"].read().decode()


def test_report_is_written_under_the_name_of_the_execution(client: "S3Client") -> None:
    """It has every error, also those beyond the response, and a page that names file, schema and time."""
    response = _validate(b"id\n" + b"x\n" * 150, reports=S3Reports(client=client), request=NAMED, max_bytes=1000)
    assert (PREFIX, 150, 100) == (response.report, response.error_count, len(response.errors))
    rows = [json.loads(line)["row"] for line in _read(client, "errors.jsonl").splitlines()]
    assert list(range(2, 152)) == rows
    page = _read(client, "report.html")
    assert all(text in page for text in ("a.csv", "default", "25 November 2026, 12:00 UTC", "150 errors"))


def test_files_for_the_person_who_corrects_a_file_are_in_its_report(client: "S3Client") -> None:
    """The errors as a table, and the rows with them; browsers save these files."""
    _validate(b"id\n1\nx\n=y\n", reports=S3Reports(client=client), request=NAMED)
    headings, *errors = csv.reader(StringIO(_read(client, "errors.csv").removeprefix("\ufeff")))
    assert ("row", [("3", "x"), ("4", "'=y")]) == (headings[0], [(row[0], row[5]) for row in errors])
    _, *rows = csv.reader(StringIO(_read(client, "rows.csv").removeprefix("\ufeff")))
    assert [("x", "3"), ("'=y", "4")] == [(row[0], row[2]) for row in rows]
    book = client.get_object(Bucket="inbox", Key=f"{PREFIX}rows.xlsx")
    assert ZipFile(BytesIO(book["Body"].read())).testzip() is None
    assert ('attachment; filename="rows.xlsx"', "private, no-store") == (
        book["ContentDisposition"],
        book["CacheControl"],
    )


@pytest.mark.parametrize("failing", ["rows.csv", "report.html"])
def test_table_that_cannot_be_written_costs_the_report_alone(client: "S3Client", failing: str) -> None:
    """The page is the last file, so that a report without one of its tables is none."""

    def refuse(params: dict[str, Any], **_: object) -> None:
        if params["Key"].endswith(failing):
            raise ClientError({"Error": {"Code": "SlowDown"}}, "PutObject")

    client.meta.events.register("before-parameter-build.s3.PutObject", refuse)
    response = _validate(b"id\nx\n", reports=S3Reports(client=client), request=NAMED)
    assert (None, 1) == (response.report, response.error_count)
    assert f"{PREFIX}report.html" not in _keys(client)


def test_valid_file_has_a_report_too(client: "S3Client") -> None:
    """The report's page says that the file is valid."""
    assert PREFIX == _validate(b"id\n1\n", reports=S3Reports(client=client), request=NAMED).report
    assert "Valid" in _read(client, "report.html")
    assert _read(client, "errors.jsonl") == ""
    assert not [key for key in _keys(client) if key.endswith((".csv", ".xlsx"))]


def test_error_of_the_whole_file_is_in_the_report(client: "S3Client") -> None:
    """Also if no record was checked."""
    _validate(b"id\n1\n", {"schema": "order"}, reports=S3Reports(client=client), request=NAMED)
    assert ["unknown-schema"] == [json.loads(line)["code"] for line in _read(client, "errors.jsonl").splitlines()]


def test_request_that_names_no_execution_writes_no_report(client: "S3Client") -> None:
    """A report's key contains the execution name."""
    assert _validate(b"id\nx\n", reports=S3Reports(client=client)).report is None
    assert [] == _keys(client)


@pytest.mark.parametrize(
    ("rows", "code"), [(1, "AccessDenied"), (1, "SlowDown"), (1, "NoSuchBucket"), (PART_BYTES // 100, "SlowDown")]
)
def test_report_that_cannot_be_written_does_not_change_the_verdict(
    client: "S3Client", log_lines: Callable[[], list[dict[str, Any]]], rows: int, code: str
) -> None:
    """Whether the first or the last part fails, the verdict is the same, and the log has the reason."""
    content = b"id\n" + b"x\n" * rows
    with Stubber(client) as stub:
        stub.add_client_error("put_object" if rows == 1 else "create_multipart_upload", code)
        response = _validate(content, reports=S3Reports(client=client), request=NAMED, max_bytes=10**9)
        stub.assert_no_pending_responses()
    assert _validate(content, max_bytes=10**9) == response
    (line,) = log_lines()
    assert ("report not written", "42", "42-0a1b") == (line["message"], line["uploadId"], line["execution"])
    assert code in line["reason"] or line["error"] == "ObjectVanished"


def test_unfinished_report_is_aborted(client: "S3Client") -> None:
    """Without a verdict there is no report; S3 charges for the parts of an unfinished upload."""

    def half() -> Any:
        yield b"id\n" + b"x\n" * (PART_BYTES // 100)
        raise StorageUnavailable("broke off")

    bucket = Bucket(b"", {}, {"default": {"fields": [{"name": "id", "type": "integer"}]}})
    opened = StoredObject(size=9, metadata={}, content=half())
    bucket.open = lambda *_place: opened  # type: ignore[method-assign]  # another object
    with pytest.raises(StorageUnavailable):
        validate_upload(
            NAMED,
            objects=bucket,
            schemas=bucket,
            reports=S3Reports(client=client),
            results=S3Results(client=client),
            max_bytes=10**9,
        )
    assert ([], False) == (_keys(client), "Uploads" in client.list_multipart_uploads(Bucket="inbox"))


@pytest.mark.parametrize("stored", [bytes, gzip.compress])
def test_report_on_an_oversized_file_has_that_error_once(client: "S3Client", stored: Callable[[bytes], bytes]) -> None:
    """The errors that were found before the limit was reached are in it, too."""
    content = stored(b"id\nx\n" + b"1\n" * 200)
    request = evolve(NAMED, key=f"{NAMED.key}.gz" if content.startswith(b"\x1f") else NAMED.key)
    response = _validate(content, reports=S3Reports(client=client), request=request)
    codes = [json.loads(line)["code"] for line in _read(client, "errors.jsonl").splitlines()]
    assert sorted(error.code for error in response.errors) == sorted(codes)
    assert codes.count("oversized-file") == 1
