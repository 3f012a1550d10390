"""The bucket into which files are dropped, in Amazon S3."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws.errors import reason
from chalicelib.errors import StorageUnavailable
from chalicelib.uploads.attempts import ObjectCreated
from chalicelib.uploads.object_key import PREFIX
from chalicelib.uploads.ports import BucketPage

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PAGE_KEYS = 1000
"""How many versions S3 lists at once, at the most."""

_MISSING = frozenset({"404", "NoSuchKey", "405", "MethodNotAllowed"})
"""What HEAD says; the last two when a delete marker is the latest version."""


@frozen(kw_only=True)
class S3UploadsBucket:
    """Looks into the bucket, by versions: a file that was replaced by one of the same content is another version."""

    client: "S3Client"
    bucket: str

    def present(self, key: str) -> ObjectCreated | None:
        """Give the version of an object that is there now; None if there is none; raises StorageUnavailable."""
        try:
            head = self.client.head_object(Bucket=self.bucket, Key=key)
        except (BotoCoreError, ClientError) as error:
            if isinstance(error, ClientError) and error.response["Error"]["Code"] in _MISSING:
                return None
            raise _unavailable(f"s3://{self.bucket}/{key}", error) from None
        return self._version(key, head)

    def page(self, *, after: str, settled_since: timedelta) -> BucketPage:
        """List the objects behind a key, leaving out those that have only just arrived; raises StorageUnavailable."""
        begin: Any = {"KeyMarker": after} if after else {}
        try:
            listing = self.client.list_object_versions(Bucket=self.bucket, Prefix=PREFIX, MaxKeys=PAGE_KEYS, **begin)
        except (BotoCoreError, ClientError) as error:
            raise _unavailable(f"the list of s3://{self.bucket}/{PREFIX}", error) from None
        latest_moment = datetime.now(UTC) - settled_since
        versions = listing.get("Versions", ())
        objects = (
            self._version(version["Key"], version)
            for version in versions
            if version["IsLatest"] and version["LastModified"] <= latest_moment
        )
        # A key's latest version is listed first: what is left of its versions needs no looking at. The marker that S3
        # gives is of use only together with that of the version.
        listed = [entry["Key"] for entry in (*versions, *listing.get("DeleteMarkers", ()))]
        return BucketPage(objects=tuple(objects), last_key=max(listed) if listing["IsTruncated"] else "")

    def _version(self, key: str, answer: Mapping[str, Any]) -> ObjectCreated:
        return ObjectCreated(
            bucket=self.bucket, key=key, version_id=answer.get("VersionId"), etag=answer["ETag"].strip('"')
        )


def _unavailable(what: str, error: BotoCoreError | ClientError) -> StorageUnavailable:
    return StorageUnavailable(f"{what} cannot be read at the moment: {reason(error)}")
