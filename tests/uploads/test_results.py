"""The results of a validation, and what was validated, on a real S3 client."""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib import schemas
from chalicelib.aws.object_store import S3ObjectStore
from chalicelib.aws.report_store import S3Reports
from chalicelib.aws.result_store import S3Results
from chalicelib.aws.schema_repository import S3Schemas
from chalicelib.errors import ObjectForbidden, ObjectVanished, StorageUnavailable
from chalicelib.uploads.messages import ValidationRequest, ValidationResponse
from chalicelib.uploads.results import ResultFile, ResultLocation
from chalicelib.uploads.storage_ports import StoredObject
from chalicelib.uploads.validate import validate_upload
from chalicelib.validation.schema.dataset_options import Load, LoadMode
from chalicelib.validation.splitting.row_numbers import read_row_numbers

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROWS = "results/42/42-0a1b/rejected.rows"
FIELDS = [{"name": "id", "type": "integer"}]
CONTENT = b"id\n1\nx\n3\ny\n"
TOLERANT = {"tolerance": {"rows": 2}, "load": {"table": "orders"}}
STRICT = {"load": {"table": "orders"}}
NO_SHA256 = "x-amz-meta-sha256 is not a SHA-256 in 64 hexadecimal digits"

Check = Callable[..., ValidationResponse]


@pytest.fixture
def client() -> Iterator["S3Client"]:
    """A client of an S3 with the bucket `inbox`."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="inbox")
        yield client


@pytest.fixture
def check(client: "S3Client") -> Check:
    """A function that uploads a file with metadata, and validates it against a schema with these options."""

    def check(
        assay: Mapping[str, Any],
        content: bytes = CONTENT,
        metadata: Mapping[str, str] | None = None,
        name: str = "a.csv",
    ) -> ValidationResponse:
        key = f"uploads/acme/42/{name}"
        client.put_object(Bucket="inbox", Key=key, Body=content, Metadata={"schema": "orders", **(metadata or {})})
        schema = json.dumps({"fields": FIELDS, "assay": assay})
        client.put_object(Bucket="inbox", Key="schemas/orders.json", Body=schema)
        return validate_upload(
            ValidationRequest(upload_id="42", bucket="inbox", key=key, execution_name="42-0a1b"),
            objects=S3ObjectStore(client=client),
            schemas=S3Schemas.at("s3://inbox/schemas/", client),
            reports=S3Reports(client=client),
            results=S3Results(client=client),
            max_bytes=10**6,
        )

    return check


def results(client: "S3Client") -> list[str]:
    """List the results in the bucket."""
    return [entry["Key"] for entry in client.list_objects_v2(Bucket="inbox", Prefix="results/").get("Contents", ())]


def test_tolerated_file_is_valid_and_its_rejected_rows_are_listed(client: "S3Client", check: Check) -> None:
    """So that the load leaves them out; the errors are in the response."""
    response = check(TOLERANT)
    assert (True, 2, 2, 4) == (response.valid, response.error_count, response.rejected_rows, response.row_count)
    assert Load(table="orders", mode=LoadMode.APPEND) == response.load
    assert [3, 5] == list(read_row_numbers([client.get_object(Bucket="inbox", Key=ROWS)["Body"].read()]))
    assert [ROWS] == results(client)


@pytest.mark.parametrize(
    ("assay", "content", "rejected"),
    [
        (TOLERANT, b"id\n1\n", 0),
        (STRICT, CONTENT, 2),
        (TOLERANT, b"name\n1\nx\n", None),
        ({}, CONTENT, None),
        ({"tolerance": {"rows": 2}}, CONTENT, 2),
    ],
    ids=["no rejected rows", "beyond the tolerance", "wrong header", "no options", "no load"],
)
def test_rows_are_listed_only_for_a_load(
    client: "S3Client", check: Check, assay: Mapping[str, Any], content: bytes, rejected: int | None
) -> None:
    """There is none of an invalid file, and nothing to leave out of one without faulty rows."""
    response = check(assay, content)
    assert rejected == response.rejected_rows
    assert (response.load is not None) == (response.valid and "load" in assay)
    assert [] == results(client)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
@pytest.mark.parametrize("tolerated", [1, 2])
def test_split_file_has_two_parts(client: "S3Client", check: Check, tolerated: int, name: str) -> None:
    """Valid or not, with the header in both; a gzip file is split as its content."""
    content = gzip.compress(CONTENT) if name.endswith(".gz") else CONTENT
    response = check({"tolerance": {"rows": tolerated}, "split": True}, content, name=name)
    assert (tolerated == 2, 2) == (response.valid, response.rejected_rows)
    places = [f"results/42/42-0a1b/{part}" for part in ("accepted.csv", "rejected.csv", "rejected.rows")]
    assert places == results(client)
    read = [client.get_object(Bucket="inbox", Key=place)["Body"].read() for place in places]
    assert [b"id\n1\n3\n", b"id\nx\ny\n", b"3\n5\n"] == read


def test_object_that_is_replaced_meanwhile_is_not_split(client: "S3Client", check: Check) -> None:
    """Without versions the second reading may be of other content; nothing of it is published."""
    opened = S3ObjectStore.open

    def replaced(store: S3ObjectStore, bucket: str, key: str, version_id: str | None) -> StoredObject:
        stored = opened(store, bucket, key, version_id)
        if key.startswith("uploads/"):
            client.put_object(Bucket="inbox", Key=key, Body=b"id\n7\n")
        return stored

    with mock.patch.object(S3ObjectStore, "open", replaced), pytest.raises(ObjectVanished, match="replaced while"):
        check({"tolerance": {"rows": 2}, "split": True})
    assert [] == results(client)


@pytest.mark.parametrize(("code", "error"), [("AccessDenied", ObjectForbidden), ("SlowDown", StorageUnavailable)])
def test_result_that_cannot_be_written_is_no_verdict(client: "S3Client", code: str, error: type[Exception]) -> None:
    """The rows would be loaded with the rejected ones among them."""
    draft = S3Results(client=client).draft(ResultLocation(bucket="inbox", upload_id="42", execution_name="42-0a1b"))
    draft.write(ResultFile.REJECTED_ROWS, b"3\n")
    with Stubber(client) as stub:
        stub.add_client_error("put_object", code)
        with pytest.raises(error, match=r"the result s3://inbox/results/42/42-0a1b/ .* be written"):
            draft.publish()


def test_digests_of_object_and_schema_are_in_the_response(check: Check) -> None:
    """The object's is that of its bytes; the schema's does not depend on spaces or the order of members."""
    response = check(TOLERANT)
    assert hashlib.sha256(CONTENT).hexdigest() == response.content_sha256
    assert schemas.digest({"assay": TOLERANT, "fields": FIELDS}) == response.schema_sha256
    assert schemas.digest({"fields": FIELDS}) != response.schema_sha256


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"rows": "4", "sha256": hashlib.sha256(CONTENT).hexdigest().upper()}, None),
        ({"rows": "5"}, "x-amz-meta-rows announces 5 rows, and the file has 4"),
        ({"rows": "secret"}, "x-amz-meta-rows is not a whole number of rows"),
        ({"sha256": "0" * 64}, "x-amz-meta-sha256 is not the SHA-256 of the object, which is " + "{digest}"),
        ({"sha256": "secret"}, NO_SHA256),
        (
            {"rows": "0", "sha256": "0"},
            f"x-amz-meta-rows announces 0 rows, and the file has 4; {NO_SHA256}",
        ),
    ],
)
def test_control_data_must_agree_with_the_file(check: Check, metadata: Mapping[str, str], message: str | None) -> None:
    """Otherwise there is one error, which is never tolerated, says what differs, and repeats no metadata."""
    response = check(TOLERANT, CONTENT, metadata)
    errors = [error.message for error in response.errors if error.code == "control-error"]
    expected = [] if message is None else [message.format(digest=response.content_sha256)]
    assert expected == errors
    assert (message is None) == response.valid
    assert (2 if message is None else None) == response.rejected_rows
