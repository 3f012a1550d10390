"""Full reports in Amazon S3, in the bucket of the uploads that they are about."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import define, field, frozen
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from chalicelib import codec
from chalicelib.aws.errors import error_code
from chalicelib.aws.object_writer import ObjectWriter, refused
from chalicelib.aws.output_listing import output_names
from chalicelib.errors import (
    AssayError,
    FieldInvalid,
    ReportUnavailable,
    RequestMalformed,
)
from chalicelib.uploads.read_models import ErrorCauses
from chalicelib.uploads.reports import ReportFile, ReportLocation
from chalicelib.validation.repair.changes import FileRepairs
from chalicelib.validation.report import ReportedError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RANGE_BYTES = 256 * 1024
"""How many bytes of the errors are fetched at once."""

_TYPES = {
    ReportFile.PAGE: "text/html; charset=utf-8",
    ReportFile.ERROR_TABLE: "text/csv; charset=utf-8",
    ReportFile.ROWS: "text/csv; charset=utf-8",
    ReportFile.WORKBOOK: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ReportFile.ERRORS: "application/x-ndjson; charset=utf-8",
    ReportFile.REPAIRS: "application/json; charset=utf-8",
    ReportFile.CAUSES: "application/json",
}
_DOWNLOADED = frozenset({ReportFile.ERROR_TABLE, ReportFile.ROWS, ReportFile.WORKBOOK})
"""The files that a browser saves; it shows the others."""
_MISSING = frozenset({"NoSuchKey", "404"})
_PAST_THE_END = frozenset({"InvalidRange", "416"})


@frozen(kw_only=True)
class S3Reports:
    """Writes and reads reports. Objects are private, and encrypted as the bucket is configured."""

    client: "S3Client"

    def draft(self, location: ReportLocation) -> "S3Draft":
        """Begin a report."""
        return S3Draft(client=self.client, location=location)

    def names(self, location: ReportLocation) -> frozenset[str]:
        """List the names of the files; raises ObjectForbidden or StorageUnavailable."""
        with _translating(location, "read"):
            return output_names(self.client, location)

    def share(self, location: ReportLocation, file: ReportFile, seconds: int, *, is_shown: bool) -> str:
        """Presign a URL of a file of the report; raises ReportUnavailable, ObjectForbidden or StorageUnavailable."""
        target = {"Bucket": location.bucket, "Key": location.key(file)}
        if not is_shown:
            target["ResponseContentDisposition"] = _attachment(file)
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
            return codec.structure(self._json(location, ReportFile.REPAIRS), FileRepairs)
        except (ReportUnavailable, RequestMalformed):  # there is none, or one of another version of Assay
            return FileRepairs()

    def causes(self, location: ReportLocation) -> ErrorCauses:
        """Return the causes of the errors; raises ReportUnavailable, ObjectForbidden or StorageUnavailable."""
        return codec.structure(self._json(location, ReportFile.CAUSES), ErrorCauses)

    def _json(self, location: ReportLocation, file: ReportFile) -> object:
        """Return the content of a file; raises RequestMalformed if it is not JSON."""
        with _translating(location, "read"):
            content = self.client.get_object(Bucket=location.bucket, Key=location.key(file))["Body"].read()
        try:
            return json.loads(content)
        except ValueError as error:
            raise RequestMalformed(f"{file}: expected JSON") from error

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
    _errors: ObjectWriter = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin with the errors."""
        self._errors = self._writer(ReportFile.ERRORS)

    def write(self, lines: bytes) -> None:
        """Append lines to the errors; raises ObjectForbidden, ObjectVanished or StorageUnavailable."""
        with _translating(self.location, "written"):
            self._errors.write(lines)

    def publish(self, files: Mapping[ReportFile, Iterable[bytes]]) -> None:
        """Complete the errors, then write the files; raises ObjectForbidden, ObjectVanished or StorageUnavailable."""
        with _translating(self.location, "written"):
            self._errors.complete()
            for file, content in files.items():
                self._put(file, content)

    def discard(self) -> None:
        """Delete the parts. If that fails, the bucket's lifecycle rules do it later."""
        self._errors.discard()

    def _put(self, file: ReportFile, content: Iterable[bytes]) -> None:
        writer = self._writer(file)
        try:
            for chunk in content:
                writer.write(chunk)
            writer.complete()
        except BaseException:
            writer.discard()
            raise

    def _writer(self, file: ReportFile) -> ObjectWriter:
        location = self.location
        return ObjectWriter(
            client=self.client,
            bucket=location.bucket,
            key=location.key(file),
            content_type=_TYPES[file],
            disposition=_attachment(file) if file in _DOWNLOADED else "inline",
        )


def _attachment(file: ReportFile) -> str:
    return f'attachment; filename="{file}"'


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
    return refused(code, report, done)
