"""Objects in Amazon S3."""

from typing import TYPE_CHECKING

from attrs import frozen

from chalicelib.aws.object_download import Checksum, Download, get_object, read_ahead, read_ranges
from chalicelib.aws.object_ranges import S3Ranges
from chalicelib.uploads.storage_ports import PinnedObject, StoredObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef, GetObjectRequestTypeDef


@frozen(kw_only=True)
class S3ObjectStore:
    """Opens objects in S3 for reading, one chunk at a time."""

    client: "S3Client"
    pause: float = 0.5
    """The longest wait before the first resumption of a broken stream, in seconds; doubles with each futile one."""
    streams: int = 4
    """How many ranges of a large object are read at once."""
    range_bytes: int = 4 * 1024 * 1024
    """The size of a range. The ranges in memory take at most `streams` times that: 16 MiB."""
    part_range_bytes: int = 16 * 1024 * 1024
    """The size of a range when one part of a very large object is read: many functions share S3's requests a second."""
    ranged_from: int = 16 * 1024 * 1024
    """An object of this size or more is read by ranges."""

    def open(self, bucket: str, key: str, version_id: str | None) -> StoredObject:
        """Open an object; raises ObjectVanished, ObjectForbidden or StorageUnavailable.

        The content is read ahead in threads. They start with the first chunk, and end when the content is exhausted,
        closed or garbage-collected.
        """
        target: GetObjectRequestTypeDef = {"Bucket": bucket, "Key": key}
        if version_id:
            target["VersionId"] = version_id
        response = get_object(self.client, target)
        metadata = {name.lower(): value for name, value in response["Metadata"].items()}
        size = response["ContentLength"]
        download = Download(
            client=self.client,
            target=target,
            pause=self.pause,
            etag=response["ETag"],
            size=size,
            body=response["Body"],
        )
        if size < self.ranged_from:
            content = read_ahead(download)
        else:
            content = read_ranges(download, Checksum.of(response), streams=self.streams, range_bytes=self.range_bytes)
        pinned = PinnedObject(
            bucket=bucket, key=key, version_id=version_id or _version(response), etag=response["ETag"], size=size
        )
        return StoredObject(size=size, metadata=metadata, content=content, pinned=pinned)

    def ranges(self, pinned: PinnedObject, *, until: int = 0) -> S3Ranges:
        """Return the bytes of an object from any place on; nothing is requested before they are read."""
        target: GetObjectRequestTypeDef = {"Bucket": pinned.bucket, "Key": pinned.key}
        if pinned.version_id:
            target["VersionId"] = pinned.version_id
        download = Download(
            client=self.client, target=target, pause=self.pause, etag=pinned.etag, size=pinned.size, body=None
        )
        return S3Ranges(download=download, until=until, streams=self.streams, range_bytes=self.part_range_bytes)


def _version(response: "GetObjectOutputTypeDef") -> str | None:
    """Return the version of an object; None in a bucket without versions."""
    version = response.get("VersionId")
    return None if version in {None, "null"} else version
