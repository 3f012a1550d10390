"""Results of validations in Amazon S3: the accepted and the rejected rows, beside the upload that they are of."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import define, field, frozen
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from chalicelib.aws.errors import error_code
from chalicelib.aws.object_writer import ObjectWriter, refused
from chalicelib.aws.output_listing import output_names
from chalicelib.errors import ResultUnavailable
from chalicelib.uploads.results import ResultFile, ResultLocation

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MISSING = frozenset({"NoSuchKey", "404"})


@frozen(kw_only=True)
class S3Results:
    """Writes and shares results. Objects are private, and encrypted as the bucket is configured."""

    client: "S3Client"

    def draft(self, location: ResultLocation) -> "S3ResultDraft":
        """Begin the results of an execution."""
        return S3ResultDraft(client=self.client, location=location)

    def names(self, location: ResultLocation) -> frozenset[str]:
        """List the names of the files; raises ObjectForbidden or StorageUnavailable."""
        with translating(location, "read"):
            return output_names(self.client, location)

    def share(self, location: ResultLocation, file: ResultFile, seconds: int) -> str:
        """Presign a URL of a file; raises ResultUnavailable, ObjectForbidden or StorageUnavailable."""
        target = {"Bucket": location.bucket, "Key": location.key(file)}
        with translating(location, "read"):
            self.client.head_object(Bucket=location.bucket, Key=location.key(file))
            return self.client.generate_presigned_url("get_object", Params=target, ExpiresIn=seconds)


@define(kw_only=True)
class S3ResultDraft:
    """Results that are being written."""

    client: "S3Client"
    location: ResultLocation
    _writers: dict[ResultFile, ObjectWriter] = field(factory=dict, init=False)

    def write(self, file: ResultFile, data: bytes) -> None:
        """Append data to a file; raises ObjectForbidden, ObjectVanished or StorageUnavailable."""
        with translating(self.location, "written"):
            self._writer(file).write(data)

    def publish(self) -> None:
        """Make the files readable to which something was written; raises the same."""
        with translating(self.location, "written"):
            for writer in self._writers.values():
                writer.complete()

    def discard(self) -> None:
        """Delete what was written, if it was not published."""
        for writer in self._writers.values():
            writer.discard()

    def _writer(self, file: ResultFile) -> ObjectWriter:
        if file not in self._writers:
            self._writers[file] = result_writer(self.client, self.location, file)
        return self._writers[file]


def result_writer(client: "S3Client", location: ResultLocation, file: ResultFile) -> ObjectWriter:
    """Return the writer of a file; browsers save it."""
    return ObjectWriter(
        client=client,
        bucket=location.bucket,
        key=location.key(file),
        content_type="text/plain" if file is ResultFile.REJECTED_ROWS else "text/csv",
        disposition=f'attachment; filename="{file}"',
    )


@contextmanager
def translating(location: ResultLocation, done: str) -> Iterator[None]:
    """Translate S3's errors; `done` is the participle for the message: what cannot be done to the result."""
    try:
        yield
    except (BotoCoreError, ClientError, HTTPError) as error:
        code, result = error_code(error), f"the result s3://{location.bucket}/{location.prefix}"
        if code in _MISSING:
            raise ResultUnavailable(f"{result} is not there") from error
        raise refused(code, result, done) from error
