"""Results in Amazon S3 that consist of slices of other objects."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrs import frozen
from botocore.exceptions import ClientError

from chalicelib.aws.errors import error_code
from chalicelib.aws.object_download import GONE
from chalicelib.aws.object_store import S3ObjectStore
from chalicelib.aws.result_store import result_writer, translating
from chalicelib.aws.splitting.object_assembly import ObjectAssembly
from chalicelib.errors import ObjectVanished
from chalicelib.uploads.results import ResultFile, ResultLocation
from chalicelib.uploads.storage_ports import Slice

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@frozen(kw_only=True)
class S3ResultAssembly:
    """Writes results. Objects are private, and encrypted as the bucket is configured."""

    client: "S3Client"

    def assemble(self, location: ResultLocation, file: ResultFile, slices: Sequence[Slice]) -> None:
        """Write a file that has these slices one after the other, in place of one that the same execution wrote.

        Raises StorageUnavailable, ObjectForbidden, or ObjectVanished if an object of a slice is gone or was replaced.
        """
        objects = S3ObjectStore(client=self.client)
        assembly = ObjectAssembly(
            writer=result_writer(self.client, location, file),
            read=lambda each: objects.ranges(each.object).read(each.start, each.end),
        )
        with translating(location, "written"):
            try:
                assembly.write(slices)
            except ClientError as error:
                if error_code(error) in GONE:
                    raise ObjectVanished(f"what {location.key(file)} is made of is gone, or was replaced") from None
                raise
