"""The bucket of uploads: its objects and their versions."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib.aws import uploads_bucket
from chalicelib.aws.uploads_bucket import S3UploadsBucket
from chalicelib.errors import StorageUnavailable
from chalicelib.uploads.attempts import ObjectCreated
from chalicelib.uploads.object_key import KeyFilter
from chalicelib.uploads.storage_ports import UploadsBucket
from tests.fakes import InMemoryBucket

BUCKET = "inbox"
AT_ONCE = timedelta(0)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An S3 with an empty, versioned bucket."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3", aws_access_key_id="k", aws_secret_access_key="s")
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield client


class TestContract:
    """The contract of the port, for the fake and for S3."""

    @pytest.fixture(params=["fake", "s3"])
    def bucket(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> UploadsBucket:
        """An empty bucket whose pages are small."""
        if request.param == "fake":
            return InMemoryBucket(BUCKET)
        monkeypatch.setattr(uploads_bucket, "PAGE_KEYS", InMemoryBucket.page_keys)
        return S3UploadsBucket(client=request.getfixturevalue("s3"), bucket=BUCKET)

    @pytest.fixture
    def put(self, bucket: UploadsBucket, request: pytest.FixtureRequest) -> Callable[[str], str | None]:
        """Put an object and return its version."""
        if isinstance(bucket, InMemoryBucket):
            return lambda key: bucket.put(key).version_id
        s3 = request.getfixturevalue("s3")
        return lambda key: str(s3.put_object(Bucket=BUCKET, Key=key, Body=b"id\n")["VersionId"])

    def test_object_is_present_in_its_latest_version(
        self, bucket: UploadsBucket, put: Callable[[str], str | None]
    ) -> None:
        """Even if its content is the same."""
        assert bucket.current_version("uploads/a/1/x.csv") is None
        put("uploads/a/1/x.csv")
        latest = put("uploads/a/1/x.csv")
        present = bucket.current_version("uploads/a/1/x.csv")
        assert present is not None
        assert (BUCKET, "uploads/a/1/x.csv", latest, "") == (
            present.bucket,
            present.key,
            present.version_id,
            present.sequencer,
        )
        assert present.etag

    def test_pages_have_each_object_once_in_its_latest_version(
        self, bucket: UploadsBucket, put: Callable[[str], str | None]
    ) -> None:
        """They are in the order of keys, and of uploads only."""
        keys = [f"uploads/a/{number}/x.csv" for number in range(5)]
        latest = {key: put(key) and put(key) for key in (*keys, "reports/1")}
        assert [(key, latest[key]) for key in keys] == [(it.key, it.version_id) for it in _all(bucket)]

    def test_empty_bucket_has_one_empty_page(self, bucket: UploadsBucket) -> None:
        """The last page has no last key."""
        page = bucket.page(after="", min_age=AT_ONCE)
        assert ((), "") == (page.objects, page.last_key)


def test_object_of_an_unversioned_bucket_has_no_version(s3: Any) -> None:
    """S3's events have none, either."""
    s3.create_bucket(Bucket="plain")
    s3.put_object(Bucket="plain", Key="uploads/a/1/x.csv", Body=b"id\n")
    bucket = S3UploadsBucket(client=s3, bucket="plain")
    (listed,) = bucket.page(after="", min_age=AT_ONCE).objects
    assert [None, None] == [it.version_id for it in (listed, bucket.current_version(listed.key)) if it]


def test_deleted_object_is_missing(s3: Any) -> None:
    """Its delete marker is not a version."""
    s3.put_object(Bucket=BUCKET, Key="uploads/a/1/x.csv", Body=b"id\n")
    s3.delete_object(Bucket=BUCKET, Key="uploads/a/1/x.csv")
    bucket = S3UploadsBucket(client=s3, bucket=BUCKET)
    assert bucket.current_version("uploads/a/1/x.csv") is None
    assert () == bucket.page(after="", min_age=AT_ONCE).objects


def test_new_object_is_left_to_its_event(s3: Any) -> None:
    """The event may still arrive."""
    s3.put_object(Bucket=BUCKET, Key="uploads/a/1/x.csv", Body=b"id\n")
    bucket = S3UploadsBucket(client=s3, bucket=BUCKET)
    assert () == bucket.page(after="", min_age=timedelta(minutes=15)).objects


def test_page_has_the_keys_that_the_notification_is_sent_for(s3: Any) -> None:
    """The others are no uploads of this stage."""
    for key in ("uploads/a/1/x.csv", "uploads/a/2/x.CSV", "uploads/b/3/x.csv"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"id\n")
    bucket = S3UploadsBucket(client=s3, bucket=BUCKET, key_filter=KeyFilter(prefix="uploads/a/", suffix=".csv"))
    assert ["uploads/a/1/x.csv"] == [it.key for it in bucket.page(after="", min_age=AT_ONCE).objects]


@pytest.mark.parametrize("code", ["AccessDenied", "SlowDown"])
def test_unreadable_bucket_is_an_error(code: str) -> None:
    """It must not look like an empty one."""
    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s")
    bucket = S3UploadsBucket(client=client, bucket=BUCKET)
    with Stubber(client) as stubber:
        for operation, ask in (
            ("list_object_versions", lambda: bucket.page(after="", min_age=AT_ONCE)),
            ("head_object", lambda: bucket.current_version("uploads/a/1/x.csv")),
        ):
            stubber.add_client_error(operation, code)
            with pytest.raises(StorageUnavailable, match=code):
                ask()


def _all(bucket: UploadsBucket) -> list[ObjectCreated]:
    found: list[ObjectCreated] = []
    after = ""
    while True:
        page = bucket.page(after=after, min_age=AT_ONCE)
        found += page.objects
        after = page.last_key
        if not after:
            return found
