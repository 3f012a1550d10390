"""Objects in S3, opened for reading."""

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.adapters.object_store import CHUNK_BYTES, S3ObjectStore
from chalicelib.errors import AssayError, ObjectForbidden, ObjectVanished, StorageUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEY = "uploads/acme/42/my file + 100% ü.csv"


@pytest.fixture
def client() -> Iterator["S3Client"]:
    """A client of an S3 with one versioned bucket, `inbox`."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="inbox")
        client.put_bucket_versioning(Bucket="inbox", VersioningConfiguration={"Status": "Enabled"})
        yield client


def test_object_is_read_in_chunks_with_its_metadata(client: "S3Client") -> None:
    """No chunk is larger than the limit, and together they are the object."""
    content = bytes(range(256)) * 10_000
    client.put_object(Bucket="inbox", Key=KEY, Body=content, Metadata={"schema": "orders"})
    stored = S3ObjectStore(client=client).open("inbox", KEY, None)
    chunks = list(stored.content)
    assert stored.metadata == {"schema": "orders"}
    assert content == b"".join(chunks)
    assert max(map(len, chunks)) <= CHUNK_BYTES


def test_version_is_read_even_if_a_newer_one_is_there(client: "S3Client") -> None:
    """The verdict is about the version that was announced."""
    version = client.put_object(Bucket="inbox", Key=KEY, Body=b"old")["VersionId"]
    client.put_object(Bucket="inbox", Key=KEY, Body=b"new")
    stored = S3ObjectStore(client=client).open("inbox", KEY, version)
    assert list(stored.content) == [b"old"]


def test_object_that_is_gone_has_vanished(client: "S3Client") -> None:
    """Whether the key never was, or the object has been deleted, or its version."""
    store = S3ObjectStore(client=client)
    with pytest.raises(ObjectVanished):
        store.open("inbox", KEY, None)
    version = client.put_object(Bucket="inbox", Key=KEY, Body=b"old")["VersionId"]
    client.delete_object(Bucket="inbox", Key=KEY, VersionId=version)
    with pytest.raises(ObjectVanished):
        store.open("inbox", KEY, version)
    with pytest.raises(ObjectVanished):
        store.open("nowhere", KEY, None)


def test_stream_that_breaks_off_is_unavailable() -> None:
    """Half an object is not the object."""
    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s")
    with Stubber(client) as stubber:
        body = StreamingBody(BytesIO(b"half"), content_length=8)
        stubber.add_response("get_object", {"Body": body, "Metadata": {}})
        stored = S3ObjectStore(client=client).open("inbox", KEY, None)
        with pytest.raises(StorageUnavailable, match="broke off"):
            list(stored.content)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("MethodNotAllowed", ObjectVanished),
        ("AccessDenied", ObjectForbidden),
        ("SlowDown", StorageUnavailable),
        ("InternalError", StorageUnavailable),
    ],
)
def test_answers_of_s3_are_told_apart(code: str, error: type[AssayError]) -> None:
    """What trying again may mend is unavailable; what a policy forbids is not."""
    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s")
    with Stubber(client) as stubber:
        stubber.add_client_error("get_object", code)
        with pytest.raises(error):
            S3ObjectStore(client=client).open("inbox", KEY, None)
