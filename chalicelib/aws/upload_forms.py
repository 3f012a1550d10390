"""Presigned S3 POST forms, which upload an object without an AWS account."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws.errors import error_code
from chalicelib.errors import StorageUnavailable
from chalicelib.uploads.attempts import PlannedUpload
from chalicelib.uploads.read_models import UploadForm

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

VALID_FOR = timedelta(minutes=15)
"""Shorter than any role's session, because the signature expires with the session."""
MAX_BYTES = 5 * 1024**3
"""S3's limit for one POST."""
_SCHEMA = "x-amz-meta-schema"
"""The metadata from which the validator reads the dataset."""


@frozen(kw_only=True)
class S3UploadForms:
    """Signs forms with the function's own credentials. A form is allowed what the function is allowed."""

    client: "S3Client"
    max_bytes: int
    now: Callable[[], datetime]

    def form(self, upload: PlannedUpload) -> UploadForm:
        """Return a form that uploads this object only, of 1 to `max_bytes` bytes.

        Raises StorageUnavailable if there are no credentials at the moment.
        """
        fields = {"Content-Type": "text/csv", _SCHEMA: upload.schema}
        conditions: list[Any] = [{name: value} for name, value in fields.items()]
        expires_at = (self.now() + VALID_FOR).replace(microsecond=0)
        size = ["content-length-range", 1, self.max_bytes]
        signed = self._signed(upload.bucket, str(upload.object_key), fields, [*conditions, size])
        return UploadForm(url=signed["url"], fields=signed["fields"], expires_at=expires_at, max_bytes=self.max_bytes)

    def schema_of(self, bucket: str, key: str) -> str | None:
        """Return the schema that an object's metadata names; None if it names none, or cannot be read."""
        try:
            metadata = self.client.head_object(Bucket=bucket, Key=key)["Metadata"]
        except (BotoCoreError, ClientError):
            return None
        return {name.lower(): value for name, value in metadata.items()}.get("schema")

    def origin(self, bucket: str) -> str:
        """Return the origin to which browsers send forms for a bucket; raises StorageUnavailable."""
        parts = urlsplit(self._signed(bucket, "any", {}, [])["url"])
        return f"{parts.scheme}://{parts.netloc}"

    def _signed(self, bucket: str, key: str, fields: dict[str, str], conditions: list[Any]) -> dict[str, Any]:
        try:
            return self.client.generate_presigned_post(
                bucket, key, Fields=fields, Conditions=conditions, ExpiresIn=int(VALID_FOR.total_seconds())
            )
        except BotoCoreError as error:
            raise StorageUnavailable(f"a form cannot be signed at the moment: {error_code(error)}") from None
        except AttributeError:
            # botocore reads an attribute of the missing credentials, None.
            raise StorageUnavailable("a form cannot be signed at the moment: there are no credentials") from None
