"""The names of the files that parts have written to Amazon S3; the API lists them for the progress of an upload."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from chalicelib.aws.errors import error_code
from chalicelib.aws.object_writer import refused

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@frozen(kw_only=True)
class S3PartFiles:
    """Lists keys, a thousand with each request."""

    client: "S3Client"

    def keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """List the keys of all files under a prefix; raises StorageUnavailable or ObjectForbidden."""
        try:
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
                yield from (each["Key"] for each in page.get("Contents", ()))
        except (BotoCoreError, ClientError, HTTPError) as error:
            raise refused(error_code(error), f"the parts s3://{bucket}/{prefix}", "listed") from None
