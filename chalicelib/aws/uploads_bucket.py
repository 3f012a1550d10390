"""The bucket of uploads, in Amazon S3."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws.errors import error_code
from chalicelib.errors import StorageUnavailable
from chalicelib.uploads.attempts import ObjectCreated
from chalicelib.uploads.object_key import KeyFilter
from chalicelib.uploads.storage_ports import BucketPage

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PAGE_KEYS = 1000
"""S3's maximum of versions in one page."""

_MISSING = frozenset({"404", "NoSuchKey", "405", "MethodNotAllowed"})
"""HEAD's errors for a missing object; the last two if the latest version is a delete marker."""


@frozen(kw_only=True)
class S3UploadsBucket:
    """Reads the bucket by versions: replacing a file with the same content makes another version.

    Objects that the notification is not sent for are left out of pages.
    """

    client: "S3Client"
    bucket: str
    key_filter: KeyFilter = field(factory=KeyFilter)

    def current_version(self, key: str) -> ObjectCreated | None:
        """Return the latest version of an object, or None if there is none; raises StorageUnavailable."""
        try:
            head = self.client.head_object(Bucket=self.bucket, Key=key)
        except (BotoCoreError, ClientError) as error:
            if isinstance(error, ClientError) and error.response["Error"]["Code"] in _MISSING:
                return None
            raise _unavailable(f"s3://{self.bucket}/{key}", error) from None
        return self._version(key, head)

    def page(self, *, after: str, min_age: timedelta) -> BucketPage:
        """Return a page of objects after a key, without those younger than `min_age`; raises StorageUnavailable."""
        begin: Any = {"KeyMarker": after} if after else {}
        prefix = self.key_filter.prefix
        try:
            listing = self.client.list_object_versions(Bucket=self.bucket, Prefix=prefix, MaxKeys=PAGE_KEYS, **begin)
        except (BotoCoreError, ClientError) as error:
            raise _unavailable(f"the list of s3://{self.bucket}/{prefix}", error) from None
        youngest = datetime.now(UTC) - min_age
        versions = listing.get("Versions", ())
        objects = (
            self._version(version["Key"], version)
            for version in versions
            if version["IsLatest"] and version["LastModified"] <= youngest and self.key_filter.accepts(version["Key"])
        )
        # S3 lists a key's latest version first, so a page can end between versions of a key. S3's NextKeyMarker works
        # only together with its NextVersionIdMarker; the last key of the page works alone.
        listed = [entry["Key"] for entry in (*versions, *listing.get("DeleteMarkers", ()))]
        return BucketPage(objects=tuple(objects), last_key=max(listed) if listing["IsTruncated"] else "")

    def _version(self, key: str, response: Mapping[str, Any]) -> ObjectCreated:
        return ObjectCreated(
            bucket=self.bucket, key=key, version_id=response.get("VersionId"), etag=response["ETag"].strip('"')
        )


def _unavailable(what: str, error: BotoCoreError | ClientError) -> StorageUnavailable:
    return StorageUnavailable(f"{what} cannot be read at the moment: {error_code(error)}")
