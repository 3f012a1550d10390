"""Plans and reports of parts in Amazon S3, in the bucket of the uploads that they are about."""

import json
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from chalicelib import codec
from chalicelib.aws.errors import error_code
from chalicelib.aws.object_writer import refused
from chalicelib.errors import ObjectVanished
from chalicelib.uploads.parts.location import PartsLocation
from chalicelib.uploads.parts.readings import PartRead
from chalicelib.uploads.parts.stored_plan import StoredPlan

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PLAN: Final = "plan.json"
_MISSING: Final = frozenset({"NoSuchKey", "404"})
_STREAMS: Final = 4
_AHEAD_BYTES: Final = 64 * 1024 * 1024
"""How much is read ahead: many small reports at once, or one large one."""


@frozen(kw_only=True)
class S3Parts:
    """Writes, lists and reads them. Objects are private, and encrypted as the bucket is configured."""

    client: "S3Client"

    def write_plan(self, location: PartsLocation, plan: StoredPlan) -> None:
        """Write a plan."""
        self._put(location, _PLAN, json.dumps(codec.unstructure(plan)).encode())

    def plan(self, location: PartsLocation) -> StoredPlan:
        """Return a plan."""
        return codec.structure(json.loads(self._get(location, _PLAN)), StoredPlan)

    def write_report(self, location: PartsLocation, part: PartRead, report: bytes) -> None:
        """Write the report of a part."""
        self._put(location, part.name, report)

    def parts(self, location: PartsLocation) -> Sequence[PartRead]:
        """List the parts that have reports."""
        with _translating(location, "listed"):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=location.bucket, Prefix=location.prefix
            )
            found = {each["Key"]: each["Size"] for page in pages for each in page.get("Contents", ())}
        names = {key.removeprefix(location.prefix): size for key, size in found.items()}
        return [PartRead.of(name, size) for name, size in names.items() if name != _PLAN]

    def reports(self, location: PartsLocation, parts: Iterable[PartRead]) -> Iterator[bytes]:
        """Yield the reports of these parts; some are read ahead."""
        yield from _read_ahead(self, location, deque(parts))

    def _get(self, location: PartsLocation, name: str) -> bytes:
        with _translating(location, "read"):
            return self.client.get_object(Bucket=location.bucket, Key=location.key(name))["Body"].read()

    def _put(self, location: PartsLocation, name: str, content: bytes) -> None:
        with _translating(location, "written"):
            self.client.put_object(Bucket=location.bucket, Key=location.key(name), Body=content)


def _read_ahead(store: S3Parts, location: PartsLocation, parts: deque[PartRead]) -> Generator[bytes, None, None]:
    with ThreadPoolExecutor(_STREAMS, "reports") as pool:
        ahead: deque[tuple[int, Future[bytes]]] = deque()
        while ahead or parts:
            while parts and (not ahead or sum(size for size, _ in ahead) + parts[0].size <= _AHEAD_BYTES):
                part = parts.popleft()
                ahead.append((part.size, pool.submit(store._get, location, part.name)))  # noqa: SLF001 - of this module
            yield ahead.popleft()[1].result()


@contextmanager
def _translating(location: PartsLocation, done: str) -> Iterator[None]:
    """Translate S3's errors; `done` is the participle for the message: what cannot be done to the parts."""
    try:
        yield
    except (BotoCoreError, ClientError, HTTPError) as error:
        code, parts = error_code(error), f"the parts s3://{location.bucket}/{location.prefix}"
        if code in _MISSING:
            raise ObjectVanished(f"{parts} no longer exist") from None
        raise refused(code, parts, done) from None
