"""Full reports in Amazon S3, in the bucket of the uploads that they are about."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from attrs import define, field, frozen
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from chalicelib import codec
from chalicelib.aws.errors import reason
from chalicelib.errors import (
    AssayError,
    FieldInvalid,
    ObjectForbidden,
    ObjectVanished,
    ReportUnavailable,
    RequestMalformed,
    StorageUnavailable,
)
from chalicelib.uploads.read_models import ReportedError
from chalicelib.uploads.reports import ReportFile, ReportLocation

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART_BYTES = 5 * 1024 * 1024
"""The smallest part that S3 takes, but for the last one; no more is held."""
RANGE_BYTES = 256 * 1024
"""What is fetched at once of the errors."""

_TYPES = {ReportFile.PAGE: "text/html; charset=utf-8", ReportFile.ERRORS: "application/x-ndjson; charset=utf-8"}
_MISSING = frozenset({"NoSuchKey", "404"})
_FORBIDDEN = frozenset({"AccessDenied", "403", "KMS.DisabledException"})
_PAST_THE_END = frozenset({"InvalidRange", "416"})


@frozen(kw_only=True)
class S3Reports:
    """Writes reports without anything of them being public, encrypted as the bucket says, and reads them."""

    client: "S3Client"

    def draft(self, place: ReportLocation) -> "S3Draft":
        """Begin a report."""
        return S3Draft(client=self.client, place=place)

    def share(self, place: ReportLocation, file: ReportFile, seconds: int) -> str:
        """Sign an address for a part of a report; raises ReportUnavailable, ObjectForbidden or StorageUnavailable."""
        target = {"Bucket": place.bucket, "Key": place.key(file)}
        with _translating(place, "read"):
            self.client.head_object(Bucket=place.bucket, Key=place.key(file))
            return self.client.generate_presigned_url("get_object", Params=target, ExpiresIn=seconds)

    def errors(self, place: ReportLocation, start: int) -> Iterator[tuple[ReportedError, int]]:
        """Give the errors that begin at that byte, each with where the next one does."""
        for line in self._lines(place, start):
            start += len(line)
            yield _read(line), start

    def _lines(self, place: ReportLocation, start: int) -> Iterator[bytes]:
        """Give lines with their breaks, fetching no more than is asked for."""
        rest = b""
        while block := self._range(place, start):
            start += len(block)
            *lines, rest = (rest + block).split(b"\n")
            yield from (line + b"\n" for line in lines)

    def _range(self, place: ReportLocation, start: int) -> bytes:
        """Read some bytes; none past the end."""
        span = f"bytes={start}-{start + RANGE_BYTES - 1}"
        with _translating(place, "read"):
            try:
                answer = self.client.get_object(Bucket=place.bucket, Key=place.key(ReportFile.ERRORS), Range=span)
            except ClientError as error:
                if reason(error) in _PAST_THE_END:
                    return b""
                raise
            return answer["Body"].read()


@define(kw_only=True)
class S3Draft:
    """The errors of a report, sent in parts as they come, and its page."""

    client: "S3Client"
    place: ReportLocation
    _held: bytearray = field(factory=bytearray, init=False)
    _multipart: str | None = field(default=None, init=False)
    """S3's id of the upload in parts; None unless there is more than one part."""
    _parts: "list[CompletedPartTypeDef]" = field(factory=list, init=False)

    def write(self, lines: bytes) -> None:
        """Add lines to the errors; raises ObjectForbidden, ObjectVanished or StorageUnavailable."""
        self._held += lines
        if len(self._held) >= PART_BYTES:
            with _translating(self.place, "written"):
                self._send_part()

    def publish(self, page: bytes) -> None:
        """Have the errors there, and then the page; raises ObjectForbidden, ObjectVanished or StorageUnavailable."""
        with _translating(self.place, "written"):
            if self._multipart is None:
                self._put(ReportFile.ERRORS, bytes(self._held))
            else:
                self._complete(self._multipart)
            self._put(ReportFile.PAGE, page)

    def discard(self) -> None:
        """Let go of the parts; if S3 does not, the bucket's rules will."""
        if self._multipart is not None:
            with suppress(BotoCoreError, ClientError):
                self.client.abort_multipart_upload(
                    Bucket=self.place.bucket, Key=self.place.key(ReportFile.ERRORS), UploadId=self._multipart
                )
            self._multipart = None

    def _put(self, file: ReportFile, content: bytes) -> None:
        self.client.put_object(
            Bucket=self.place.bucket,
            Key=self.place.key(file),
            Body=content,
            ContentType=_TYPES[file],
            ContentDisposition="inline",
            CacheControl="private, no-store",
        )

    def _send_part(self) -> None:
        key = self.place.key(ReportFile.ERRORS)
        if self._multipart is None:
            self._multipart = self.client.create_multipart_upload(
                Bucket=self.place.bucket,
                Key=key,
                ContentType=_TYPES[ReportFile.ERRORS],
                ContentDisposition="inline",
                CacheControl="private, no-store",
            )["UploadId"]
        number = len(self._parts) + 1
        sent = self.client.upload_part(
            Bucket=self.place.bucket, Key=key, UploadId=self._multipart, PartNumber=number, Body=bytes(self._held)
        )
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self._held.clear()

    def _complete(self, multipart: str) -> None:
        if self._held:
            self._send_part()
        self.client.complete_multipart_upload(
            Bucket=self.place.bucket,
            Key=self.place.key(ReportFile.ERRORS),
            UploadId=multipart,
            MultipartUpload={"Parts": self._parts},
        )
        self._multipart = None


def _read(line: bytes) -> ReportedError:
    """Read one line; raises FieldInvalid if it is but the end of one."""
    try:
        return codec.structure(json.loads(line), ReportedError)
    except (ValueError, RequestMalformed) as error:
        raise FieldInvalid("cursor", "no error begins there") from error


@contextmanager
def _translating(place: ReportLocation, done: str) -> Iterator[None]:
    """Say in our own words what S3 refuses; `done` is what cannot be done to the report."""
    try:
        yield
    except (BotoCoreError, ClientError, HTTPError) as error:
        raise _translated(error, place, done) from error


def _translated(error: BotoCoreError | ClientError | HTTPError, place: ReportLocation, done: str) -> AssayError:
    code = reason(error)
    report = f"the report s3://{place.bucket}/{place.prefix}"
    if code in _MISSING:
        return ReportUnavailable(f"{report} is not there")
    if code == "NoSuchBucket":
        return ObjectVanished(f"{report} has no bucket")
    if code in _FORBIDDEN:
        return ObjectForbidden(f"{report} may not be {done}: {code}")
    return StorageUnavailable(f"{report} cannot be {done} at the moment: {code}")
