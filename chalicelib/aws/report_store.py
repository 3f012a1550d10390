"""Full reports in Amazon S3, in the bucket of the uploads that they are about."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from attrs import define, field, frozen
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from chalicelib import codec
from chalicelib.aws.errors import error_code
from chalicelib.errors import (
    AssayError,
    FieldInvalid,
    ObjectForbidden,
    ObjectVanished,
    ReportUnavailable,
    RequestMalformed,
    StorageUnavailable,
)
from chalicelib.uploads.reports import ReportFile, ReportLocation
from chalicelib.validation.repair.changes import FileRepairs
from chalicelib.validation.report import ReportedError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 5 * 1024 * 1024
"""S3's minimum for all parts but the last; a draft holds no more in memory."""
RANGE_BYTES = 256 * 1024
"""How many bytes of the errors are fetched at once."""

_TYPES = {
    ReportFile.PAGE: "text/html; charset=utf-8",
    ReportFile.ERRORS: "application/x-ndjson; charset=utf-8",
    ReportFile.REPAIRS: "application/json; charset=utf-8",
}
_MISSING = frozenset({"NoSuchKey", "404"})
_FORBIDDEN = frozenset({"AccessDenied", "403", "KMS.DisabledException"})
_PAST_THE_END = frozenset({"InvalidRange", "416"})


@frozen(kw_only=True)
class S3Reports:
    """Writes and reads reports. Objects are private, and encrypted as the bucket is configured."""

    client: "S3Client"

    def draft(self, location: ReportLocation) -> "S3Draft":
        """Begin a report."""
        return S3Draft(client=self.client, location=location)

    def share(self, location: ReportLocation, file: ReportFile, seconds: int) -> str:
        """Presign a URL of a file of the report; raises ReportUnavailable, ObjectForbidden or StorageUnavailable."""
        target = {"Bucket": location.bucket, "Key": location.key(file)}
        with _translating(location, "read"):
            self.client.head_object(Bucket=location.bucket, Key=location.key(file))
            return self.client.generate_presigned_url("get_object", Params=target, ExpiresIn=seconds)

    def errors(self, location: ReportLocation, start: int) -> Iterator[tuple[ReportedError, int]]:
        """Yield the errors from byte `start` on, each with the position of the next one."""
        for line in self._lines(location, start):
            start += len(line)
            yield _read(line), start

    def repairs(self, location: ReportLocation) -> FileRepairs:
        """Return what would mend a file; nothing if the report has no repairs, or they cannot be read."""
        try:
            with _translating(location, "read"):
                response = self.client.get_object(Bucket=location.bucket, Key=location.key(ReportFile.REPAIRS))
                content = response["Body"].read()
        except ReportUnavailable:
            return FileRepairs()
        try:
            return codec.structure(json.loads(content), FileRepairs)
        except (ValueError, RequestMalformed):  # of another version of Assay
            return FileRepairs()

    def _lines(self, location: ReportLocation, start: int) -> Iterator[bytes]:
        """Yield lines with their line breaks; fetches a range only when it is needed."""
        rest = b""
        while block := self._range(location, start):
            start += len(block)
            *lines, rest = (rest + block).split(b"\n")
            yield from (line + b"\n" for line in lines)

    def _range(self, location: ReportLocation, start: int) -> bytes:
        """Return RANGE_BYTES from `start` on, or what there is; empty past the end."""
        span = f"bytes={start}-{start + RANGE_BYTES - 1}"
        with _translating(location, "read"):
            try:
                response = self.client.get_object(
                    Bucket=location.bucket, Key=location.key(ReportFile.ERRORS), Range=span
                )
            except ClientError as error:
                if error_code(error) in _PAST_THE_END:
                    return b""
                raise
            return response["Body"].read()


@define(kw_only=True)
class S3Draft:
    """A report that is being written. Its errors are sent in parts as they come; the page is sent last."""

    client: "S3Client"
    location: ReportLocation
    _held: bytearray = field(factory=bytearray, init=False)
    _multipart: str | None = field(default=None, init=False)
    """The id of S3's multipart upload; None as long as one part is enough."""
    _parts: "list[CompletedPartTypeDef]" = field(factory=list, init=False)

    def write(self, lines: bytes) -> None:
        """Append lines to the errors; raises ObjectForbidden, ObjectVanished or StorageUnavailable."""
        self._held += lines
        if len(self._held) >= PART_BYTES:
            with _translating(self.location, "written"):
                self._send_part()

    def publish(self, page: bytes, repairs: bytes = b"") -> None:
        """Complete the errors, then write the repairs, if there are any, and the page.

        Raises ObjectForbidden, ObjectVanished or StorageUnavailable.
        """
        with _translating(self.location, "written"):
            if self._multipart is None:
                self._put(ReportFile.ERRORS, bytes(self._held))
            else:
                self._complete(self._multipart)
            if repairs:
                self._put(ReportFile.REPAIRS, repairs)
            self._put(ReportFile.PAGE, page)

    def discard(self) -> None:
        """Delete the parts. If that fails, the bucket's lifecycle rules do it later."""
        if self._multipart is not None:
            with suppress(BotoCoreError, ClientError):
                self.client.abort_multipart_upload(
                    Bucket=self.location.bucket, Key=self.location.key(ReportFile.ERRORS), UploadId=self._multipart
                )
            self._multipart = None

    def _put(self, file: ReportFile, content: bytes) -> None:
        self.client.put_object(
            Bucket=self.location.bucket,
            Key=self.location.key(file),
            Body=content,
            ContentType=_TYPES[file],
            ContentDisposition="inline",
            CacheControl="private, no-store",
        )

    def _send_part(self) -> None:
        key = self.location.key(ReportFile.ERRORS)
        if self._multipart is None:
            self._multipart = self.client.create_multipart_upload(
                Bucket=self.location.bucket,
                Key=key,
                ContentType=_TYPES[ReportFile.ERRORS],
                ContentDisposition="inline",
                CacheControl="private, no-store",
            )["UploadId"]
        number = len(self._parts) + 1
        sent = self.client.upload_part(
            Bucket=self.location.bucket, Key=key, UploadId=self._multipart, PartNumber=number, Body=bytes(self._held)
        )
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self._held.clear()

    def _complete(self, multipart: str) -> None:
        if self._held:
            self._send_part()
        self.client.complete_multipart_upload(
            Bucket=self.location.bucket,
            Key=self.location.key(ReportFile.ERRORS),
            UploadId=multipart,
            MultipartUpload={"Parts": self._parts},
        )
        self._multipart = None


def _read(line: bytes) -> ReportedError:
    """Parse a line; raises FieldInvalid if it is incomplete, because the cursor is not at the start of one."""
    try:
        return codec.structure(json.loads(line), ReportedError)
    except (ValueError, RequestMalformed) as error:
        raise FieldInvalid("cursor", "no error begins there") from error


@contextmanager
def _translating(location: ReportLocation, done: str) -> Iterator[None]:
    """Translate S3's errors; `done` is the participle for the message: what cannot be done to the report."""
    try:
        yield
    except (BotoCoreError, ClientError, HTTPError) as error:
        raise _translated(error, location, done) from error


def _translated(error: BotoCoreError | ClientError | HTTPError, location: ReportLocation, done: str) -> AssayError:
    code = error_code(error)
    report = f"the report s3://{location.bucket}/{location.prefix}"
    if code in _MISSING:
        return ReportUnavailable(f"{report} is not there")
    if code == "NoSuchBucket":
        return ObjectVanished(f"{report} has no bucket")
    if code in _FORBIDDEN:
        return ObjectForbidden(f"{report} may not be {done}: {code}")
    return StorageUnavailable(f"{report} cannot be {done} at the moment: {code}")
