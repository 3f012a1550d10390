"""Writes one object to S3 as its content comes, in parts that fit into memory."""

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from attrs import define, field
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import AssayError, ObjectForbidden, ObjectVanished, StorageUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 5 * 1024 * 1024
"""S3's minimum for all parts but the last."""

FORBIDDEN: Final = frozenset({"AccessDenied", "403", "KMS.DisabledException"})


@define(kw_only=True)
class ObjectWriter:
    """Writes an object. Nothing of it can be read before it is completed. Methods raise boto's errors."""

    client: "S3Client"
    bucket: str
    key: str
    content_type: str
    disposition: str = "inline"
    part_bytes: int = PART_BYTES
    """How much is sent at once, and held in memory: PART_BYTES or more."""
    _held: bytearray = field(factory=bytearray, init=False)
    _multipart: str | None = field(default=None, init=False)
    """The id of S3's multipart upload; None as long as one part is enough."""
    _parts: "list[CompletedPartTypeDef]" = field(factory=list, init=False)

    def write(self, data: bytes) -> None:
        """Append data."""
        self._held += data
        if len(self._held) >= self.part_bytes:
            self._send_part()

    def complete(self) -> None:
        """Make the object readable, in place of what had its key."""
        if self._multipart is None:
            self.client.put_object(
                Bucket=self.bucket,
                Key=self.key,
                Body=bytes(self._held),
                ContentType=self.content_type,
                ContentDisposition=self.disposition,
                CacheControl="private, no-store",
            )
            return
        if self._held:
            self._send_part()
        self.finish(self._multipart, self._parts)

    def begin(self) -> str:
        """Begin S3's multipart upload, and return its id, so that parts can be sent by others."""
        if self._multipart is None:
            self._multipart = self.client.create_multipart_upload(
                Bucket=self.bucket,
                Key=self.key,
                ContentType=self.content_type,
                ContentDisposition=self.disposition,
                CacheControl="private, no-store",
            )["UploadId"]
        return self._multipart

    def finish(self, multipart: str, parts: "Sequence[CompletedPartTypeDef]") -> None:
        """Make the object readable that has these parts."""
        self.client.complete_multipart_upload(
            Bucket=self.bucket, Key=self.key, UploadId=multipart, MultipartUpload={"Parts": parts}
        )
        self._multipart = None

    def discard(self) -> None:
        """Delete the parts. If that fails, the bucket's lifecycle rules do it later."""
        if self._multipart is not None:
            with suppress(BotoCoreError, ClientError):
                self.client.abort_multipart_upload(Bucket=self.bucket, Key=self.key, UploadId=self._multipart)
            self._multipart = None

    def _send_part(self) -> None:
        number = len(self._parts) + 1
        sent = self.client.upload_part(
            Bucket=self.bucket, Key=self.key, UploadId=self.begin(), PartNumber=number, Body=bytes(self._held)
        )
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self._held.clear()


def refused(code: str, what: str, done: str) -> AssayError:
    """Return the error for S3's code; `done` is the participle for the message: what cannot be done."""
    if code == "NoSuchBucket":
        return ObjectVanished(f"{what} has no bucket")
    if code in FORBIDDEN:
        return ObjectForbidden(f"{what} may not be {done}: {code}")
    return StorageUnavailable(f"{what} cannot be {done} at the moment: {code}")
