"""Objects that are kept are the same in the next local S3."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local.aws.account import REGION, LocalAws
from infra.local.aws.kept_objects import KeptObjects
from infra.local.lambdas.runtime import LambdaRuntime

BUCKET = "kept"


@contextmanager
def s3(directory: Path) -> Iterator[Any]:
    """Return a client of an S3 with what the directory has."""
    runtime, kept = LambdaRuntime([], region=REGION, report=lambda _failure: None), KeptObjects(directory)
    with runtime, LocalAws(runtime, kept=kept) as aws:
        client = aws.client("s3")
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        kept.restore(BUCKET)
        yield client


def versions(client: Any) -> list[tuple[Any, ...]]:
    """Return all versions and delete markers, as S3 lists them."""
    listed = client.list_object_versions(Bucket=BUCKET)
    return [
        (it["Key"], it["VersionId"], it["IsLatest"], it["LastModified"], it.get("ETag"), it.get("Size"))
        for it in (*listed.get("Versions", ()), *listed.get("DeleteMarkers", ()))
    ]


def test_versions_are_restored_in_their_order(tmp_path: Path) -> None:
    """With ids, times, metadata and content: uploads refer to versions. A second restart does not change them."""
    with s3(tmp_path) as client:
        for content in (b"one", b"two"):
            client.put_object(Bucket=BUCKET, Key="a b/\u00e9.csv", Body=content, Metadata={"schema": "people"})
        before = versions(client)
    for _ in range(2):
        with s3(tmp_path) as client:
            assert before == versions(client)
            found = client.get_object(Bucket=BUCKET, Key="a b/\u00e9.csv")
            assert (b"two", {"schema": "people"}) == (found["Body"].read(), found["Metadata"])


def test_deleted_versions_stay_deleted(tmp_path: Path) -> None:
    """A delete marker is a version, too, also if it is the only one that is left."""
    with s3(tmp_path) as client:
        removed = client.put_object(Bucket=BUCKET, Key="marked", Body=b"one")["VersionId"]
        client.delete_object(Bucket=BUCKET, Key="marked")
        client.delete_object(Bucket=BUCKET, Key="marked", VersionId=removed)
        before = versions(client)
        assert [("marked", True)] == [(key, is_latest) for key, _, is_latest, *_ in before]
    with s3(tmp_path) as client:
        assert before == versions(client)


def test_upload_in_parts_is_kept(tmp_path: Path) -> None:
    """Its ETag is not the digest of its content."""
    with s3(tmp_path) as client:
        upload = {"Bucket": BUCKET, "Key": "large"}
        upload["UploadId"] = client.create_multipart_upload(**upload, Metadata={"schema": "people"})["UploadId"]
        part = client.upload_part(**upload, PartNumber=1, Body=b"content")
        parts = [{"ETag": part["ETag"], "PartNumber": 1}]
        client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
        before = versions(client)
    with s3(tmp_path) as client:
        assert before == versions(client)
        assert client.head_object(Bucket=BUCKET, Key="large")["Metadata"] == {"schema": "people"}
