"""Which files an execution has written."""

from typing import TYPE_CHECKING, Any

from chalicelib.uploads.outputs import OutputLocation

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def output_names(client: "S3Client", location: OutputLocation[Any]) -> frozenset[str]:
    """List the names of the files at a location, of which there are a few; raises boto's errors."""
    found = client.list_objects_v2(Bucket=location.bucket, Prefix=location.prefix)
    return frozenset(it["Key"].removeprefix(location.prefix) for it in found.get("Contents", ()))
