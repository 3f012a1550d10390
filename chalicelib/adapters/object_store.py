"""Objects in Amazon S3."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.ports import StoredObject
from chalicelib.errors import AssayError, ObjectForbidden, ObjectVanished, StorageUnavailable

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectRequestTypeDef

CHUNK_BYTES = 1024 * 1024

_VANISHED = frozenset({"NoSuchKey", "NoSuchVersion", "NoSuchBucket", "404", "MethodNotAllowed"})
"""What S3 calls it; the last one when the version is a delete marker."""
_FORBIDDEN = frozenset({"AccessDenied", "403", "KMS.DisabledException", "InvalidObjectState"})


@frozen(kw_only=True)
class S3ObjectStore:
    """Opens objects in S3 for reading, one chunk at a time."""

    client: "S3Client"

    def open(self, bucket: str, key: str, version_id: str | None) -> StoredObject:
        """Open an object; raises ObjectVanished, ObjectForbidden or StorageUnavailable."""
        target: GetObjectRequestTypeDef = {"Bucket": bucket, "Key": key}
        if version_id:
            target["VersionId"] = version_id
        try:
            answer = self.client.get_object(**target)
        except (BotoCoreError, ClientError) as error:
            raise _translated(error, f"s3://{bucket}/{key}") from error
        metadata = {name.lower(): value for name, value in answer["Metadata"].items()}
        return StoredObject(metadata=metadata, content=_chunks(answer["Body"], f"s3://{bucket}/{key}"))


def _chunks(body: "StreamingBody", place: str) -> Iterator[bytes]:
    """Give the object's bytes; raises StorageUnavailable if they end too early."""
    with body:
        try:
            yield from body.iter_chunks(CHUNK_BYTES)
        except BotoCoreError as error:
            raise StorageUnavailable(f"{place} broke off: {error}") from error


def _translated(error: BotoCoreError | ClientError, place: str) -> AssayError:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
    if code in _VANISHED:
        return ObjectVanished(f"{place} is gone")
    if code in _FORBIDDEN:
        return ObjectForbidden(f"{place} may not be read: {code}")
    return StorageUnavailable(f"{place} cannot be read at the moment: {code or error}")
