"""The datasets' schemas: those that come with Assay, and those that people keep in S3."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import schemas
from chalicelib.aws.errors import reason
from chalicelib.aws.object_store import S3ObjectStore
from chalicelib.errors import ObjectVanished, SettingsIncomplete, StorageUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_SUFFIX = ".json"
_LISTED = 100
"""How many names an error lists at the most."""


@frozen(kw_only=True)
class PackagedSchemas:
    """The schemas that come with Assay."""

    def names(self) -> tuple[str, ...]:
        """List the schemas that there are."""
        return schemas.names()

    def load(self, name: str) -> Mapping[str, Any]:
        """Give a schema's descriptor; raises SchemaUnknown or SchemaInvalid."""
        return schemas.load(name)


@frozen(kw_only=True)
class S3Schemas:
    """Schemas under a prefix in S3, before those that come with Assay: a new dataset needs no deployment."""

    client: "S3Client"
    bucket: str
    prefix: str

    @classmethod
    def at(cls, uri: str, client: "S3Client") -> "S3Schemas":
        """Look for schemas at `s3://bucket/prefix/`; raises SettingsIncomplete if the URI has another form."""
        parts = urlsplit(uri)
        if parts.scheme != "s3" or not parts.netloc:
            raise SettingsIncomplete(f"SCHEMAS_URI has the form s3://bucket/prefix/, not {uri}")
        prefix = parts.path.strip("/")
        return cls(client=client, bucket=parts.netloc, prefix=f"{prefix}/" if prefix else "")

    def load(self, name: str) -> Mapping[str, Any]:
        """Give a schema's descriptor; raises SchemaUnknown with the names there are, or SchemaInvalid."""
        if not schemas.is_name(name):
            raise schemas.unknown(name, self.names()[:_LISTED])
        try:
            stored = S3ObjectStore(client=self.client).open(self.bucket, f"{self.prefix}{name}{_SUFFIX}", None)
        except ObjectVanished:
            if name in schemas.names():
                return schemas.load(name)
            raise schemas.unknown(name, self.names()[:_LISTED]) from None
        schemas.check_size(stored.size, name)
        return schemas.read(b"".join(stored.content), name)

    def names(self) -> tuple[str, ...]:
        """List the names of those in S3 and of those that come with Assay; raises StorageUnavailable."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        try:
            keys = [entry["Key"].removeprefix(self.prefix) for page in pages for entry in page.get("Contents", ())]
        except (BotoCoreError, ClientError) as error:
            raise StorageUnavailable(f"the schemas in {self.bucket} cannot be listed: {reason(error)}") from None
        found = {key.removesuffix(_SUFFIX) for key in keys if key.endswith(_SUFFIX)}
        return tuple(sorted(set(filter(schemas.is_name, found)) | set(schemas.names())))
