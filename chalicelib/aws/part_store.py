"""Plans and reports of parts in Amazon S3, in the bucket of the uploads that they are about."""

import json
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from chalicelib import codec
from chalicelib.aws.errors import error_code
from chalicelib.aws.object_writer import refused
from chalicelib.errors import ObjectVanished
from chalicelib.uploads.parts.failed_child import FailedChild
from chalicelib.uploads.parts.location import FileRange, PartsLocation
from chalicelib.uploads.parts.stored_plan import StoredPlan
from chalicelib.uploads.storage_ports import PinnedObject
from chalicelib.validation import temporary_files

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PLAN: Final = "plan.json"
_MISSING: Final = frozenset({"NoSuchKey", "404"})
_STREAMS: Final = 8
_AHEAD_BYTES: Final = 64 * 1024 * 1024
"""How much is read ahead: many small reports at once, or one large one."""
_AHEAD_REQUESTS: Final = 64
_HELD_BYTES: Final = 16 * 1024 * 1024
"""A larger file is written by way of a temporary file, so that its pieces are not held twice."""


@frozen(kw_only=True)
class S3Parts:
    """Writes, lists and reads them. Objects are private, and encrypted as the bucket is configured."""

    client: "S3Client"

    def write_plan(self, location: PartsLocation, plan: StoredPlan) -> None:
        """Write a plan."""
        self._put(location, _PLAN, json.dumps(codec.unstructure(plan)).encode())

    def plan(self, location: PartsLocation) -> StoredPlan:
        """Return a plan."""
        return codec.structure(json.loads(self.read(location, _PLAN)), StoredPlan)

    def write(self, location: PartsLocation, name: str, content: Sequence[bytes]) -> None:
        """Write a file beside the plan; a large one by way of a temporary file. Raises TemporarySpaceFull."""
        if sum(map(len, content)) <= _HELD_BYTES:
            self._put(location, name, b"".join(content))
            return
        with temporary_files.temporary_file(temporary_files.RESULTS) as file:
            for piece in content:
                temporary_files.append(file, piece, temporary_files.RESULTS)
            file.seek(0)
            self._put(location, name, file)

    def write_failure(self, location: PartsLocation, failed: FailedChild) -> None:
        """Write why a child of a Map failed."""
        self._put(location, failed.name, json.dumps(codec.unstructure(failed)).encode())

    def failures(self, location: PartsLocation, names: Iterable[str]) -> Iterator[FailedChild]:
        """Yield the children that failed."""
        for name in names:
            yield codec.structure(json.loads(self.read(location, name)), FailedChild)

    def files(self, location: PartsLocation) -> Mapping[str, int]:
        """List the names and sizes of all files."""
        return {each.key.removeprefix(location.prefix): each.size for each in self.listed(location)}

    def listed(self, location: PartsLocation) -> Iterator[PinnedObject]:
        """Yield what is at a location."""
        with translating(location, "listed"):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=location.bucket, Prefix=location.prefix
            )
            for each in (each for page in pages for each in page.get("Contents", ())):
                yield PinnedObject(
                    bucket=location.bucket, key=each["Key"], version_id=None, etag=each["ETag"], size=each["Size"]
                )

    def contents(self, location: PartsLocation, ranges: Iterable[FileRange]) -> Iterator[bytes]:
        """Yield the contents of these ranges; some are read ahead."""
        yield from _read_ahead(self, location, iter(ranges))

    def read(self, location: PartsLocation, name: str) -> bytes:
        """Return a file."""
        with translating(location, "read"):
            return self.client.get_object(Bucket=location.bucket, Key=location.key(name))["Body"].read()

    def _range(self, location: PartsLocation, part: FileRange) -> bytes:
        if part.start == part.end:
            return b""
        with translating(location, "read"):
            ranged = f"bytes={part.start}-{part.end - 1}"
            found = self.client.get_object(Bucket=location.bucket, Key=location.key(part.name), Range=ranged)
            return found["Body"].read()

    def _put(self, location: PartsLocation, name: str, content: bytes | IO[bytes]) -> None:
        with translating(location, "written"):
            self.client.put_object(Bucket=location.bucket, Key=location.key(name), Body=content)


def _read_ahead(store: S3Parts, location: PartsLocation, ranges: Iterator[FileRange]) -> Generator[bytes, None, None]:
    with ThreadPoolExecutor(_STREAMS, "parts") as pool:
        ahead: deque[tuple[int, Future[bytes]]] = deque()
        ahead_bytes = 0
        following = next(ranges, None)
        while ahead or following:
            while following and len(ahead) < _AHEAD_REQUESTS:
                size = following.end - following.start
                if ahead and ahead_bytes + size > _AHEAD_BYTES:
                    break
                ahead_bytes += size
                ahead.append((size, pool.submit(store._range, location, following)))  # noqa: SLF001 - of this module
                following = next(ranges, None)
            size, found = ahead.popleft()
            ahead_bytes -= size
            yield found.result()


@contextmanager
def translating(location: PartsLocation, done: str) -> Iterator[None]:
    """Translate S3's errors; `done` is the participle for the message: what cannot be done to the parts."""
    try:
        yield
    except (BotoCoreError, ClientError, HTTPError) as error:
        code, parts = error_code(error), f"the parts s3://{location.bucket}/{location.prefix}"
        if code in _MISSING:
            raise ObjectVanished(f"{parts} no longer exist") from None
        raise refused(code, parts, done) from None
