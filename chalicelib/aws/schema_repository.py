"""Repositories of schemas: those packaged with Assay, and those in S3."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import schemas
from chalicelib.aws.errors import error_code
from chalicelib.aws.object_store import S3ObjectStore
from chalicelib.errors import ObjectVanished, SettingsIncomplete, StorageUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_SUFFIX = ".json"
_MAX_LISTED = 100
"""How many names an error lists at most."""


@frozen(kw_only=True)
class PackagedSchemas:
    """The schemas that are packaged with Assay."""

    def names(self) -> tuple[str, ...]:
        """Return the names of the schemas, sorted."""
        return schemas.names()

    def load(self, name: str) -> Mapping[str, Any]:
        """Return a schema's descriptor; raises SchemaUnknown or SchemaInvalid."""
        return schemas.load(name)


@frozen(kw_only=True)
class S3Schemas:
    """Schemas under a prefix in S3, which take precedence over the packaged ones. A new dataset needs no deployment."""

    client: "S3Client"
    bucket: str
    prefix: str

    @classmethod
    def at(cls, uri: str, client: "S3Client") -> "S3Schemas":
        """Parse a URI `s3://bucket/prefix/`; raises SettingsIncomplete if it has another form."""
        parts = urlsplit(uri)
        if parts.scheme != "s3" or not parts.netloc:
            raise SettingsIncomplete(f"SCHEMAS_URI has the form s3://bucket/prefix/, not {uri}")
        prefix = parts.path.strip("/")
        return cls(client=client, bucket=parts.netloc, prefix=f"{prefix}/" if prefix else "")

    def load(self, name: str) -> Mapping[str, Any]:
        """Return a schema's descriptor; raises SchemaUnknown with the existing names, or SchemaInvalid."""
        if not schemas.is_name(name):
            raise schemas.unknown(name, self.names()[:_MAX_LISTED])
        try:
            stored = S3ObjectStore(client=self.client).open(self.bucket, f"{self.prefix}{name}{_SUFFIX}", None)
        except ObjectVanished:
            if name in schemas.names():
                return schemas.load(name)
            raise schemas.unknown(name, self.names()[:_MAX_LISTED]) from None
        schemas.check_size(stored.size, name)
        return schemas.read(b"".join(stored.content), name)

    def names(self) -> tuple[str, ...]:
        """Return the names of the schemas in S3 and of the packaged ones, sorted; raises StorageUnavailable."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        try:
            keys = [entry["Key"].removeprefix(self.prefix) for page in pages for entry in page.get("Contents", ())]
        except (BotoCoreError, ClientError) as error:
            raise StorageUnavailable(f"the schemas in {self.bucket} cannot be listed: {error_code(error)}") from None
        found = {key.removesuffix(_SUFFIX) for key in keys if key.endswith(_SUFFIX)}
        return tuple(sorted(set(filter(schemas.is_name, found)) | set(schemas.names())))
