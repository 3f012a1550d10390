"""Writes one object to S3 that consists of slices of other objects, most of which S3 copies by itself."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from chalicelib.aws.object_writer import PART_BYTES, ObjectWriter
from chalicelib.uploads.storage_ports import Slice

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, CopySourceTypeDef

_SENT_AT_ONCE: Final = 64
"""How many parts are sent at once. S3 copies most of them; the others take 10 MiB of memory each."""
_READ_AT_ONCE: Final = 12
"""How many small slices are read at once."""
_COPY_BYTES: Final = 1024**3
"""How much S3 copies in one request. Of very large objects it is more, up to 5 GiB, for S3 allows 10,000 parts."""
_MOST_COPIES: Final = 4_000

Part = Sequence[Slice]


def divided(slices: Iterable[Slice], copy_bytes: int = _COPY_BYTES) -> Sequence[Part]:
    """Return the parts of an object that has these slices one after the other.

    S3 copies each part that is one slice of at least PART_BYTES. The others consist of several slices, and have
    PART_BYTES, except for the last one.
    """
    parts: list[Part] = []
    held: list[Slice] = []
    size = 0
    for each in _adjoined(slices):
        start = each.start
        if held:
            start = min(each.end, start + PART_BYTES - size)
            held.append(evolve(each, end=start))
            size += held[-1].size
            if size == PART_BYTES:
                parts.append(held)
                held, size = [], 0
        while each.end - start >= PART_BYTES:
            end = min(each.end, start + copy_bytes)
            parts.append([evolve(each, start=start, end=end)])
            start = end
        if start < each.end:
            held.append(evolve(each, start=start))
            size += held[-1].size
    return [*parts, held] if held else parts


def _adjoined(slices: Iterable[Slice]) -> Iterator[Slice]:
    """Yield the slices that are not empty; those that follow each other in one object are one."""
    last: Slice | None = None
    for each in slices:
        if last and last.object == each.object and last.end == each.start:
            last = evolve(last, end=each.end)
        elif each.size:
            if last:
                yield last
            last = each
    if last:
        yield last


@frozen(kw_only=True)
class ObjectAssembly:
    """Writes the object of a writer to which nothing was written. Raises boto's errors, and those of `read`."""

    writer: ObjectWriter
    read: Callable[[Slice], bytes]

    def write(self, slices: Sequence[Slice]) -> None:
        """Write the object; nothing of it can be read before all of it is there."""
        parts = divided(slices, max(_COPY_BYTES, sum(each.size for each in slices) // _MOST_COPIES))
        readers = ThreadPoolExecutor(_READ_AT_ONCE, "slices")
        senders = ThreadPoolExecutor(_SENT_AT_ONCE, "parts")

        def joined(part: Part) -> bytes:
            return b"".join(readers.map(self.read, part))

        def sent(number: int, part: Part) -> "CompletedPartTypeDef":
            etag = self._copy(number, part[0]) if _is_copied(part) else self._send(number, joined(part))
            return {"PartNumber": number, "ETag": etag}

        try:
            if len(parts) <= 1 and not any(map(_is_copied, parts)):
                self.writer.write(b"".join(map(joined, parts)))
                self.writer.complete()
            else:
                multipart = self.writer.begin()
                self.writer.finish(multipart, list(senders.map(sent, range(1, len(parts) + 1), parts)))
        except BaseException:
            senders.shutdown(cancel_futures=True)
            self.writer.discard()
            raise
        finally:
            senders.shutdown()
            readers.shutdown()

    def _copy(self, number: int, part: Slice) -> str:
        writer, copied = self.writer, part.object
        source: CopySourceTypeDef = {"Bucket": copied.bucket, "Key": copied.key}
        if copied.version_id:
            source["VersionId"] = copied.version_id
        return writer.client.upload_part_copy(
            Bucket=writer.bucket,
            Key=writer.key,
            UploadId=writer.begin(),
            PartNumber=number,
            CopySource=source,
            CopySourceIfMatch=copied.etag,
            CopySourceRange=f"bytes={part.start}-{part.end - 1}",
        )["CopyPartResult"]["ETag"]

    def _send(self, number: int, content: bytes) -> str:
        writer = self.writer
        return writer.client.upload_part(
            Bucket=writer.bucket, Key=writer.key, UploadId=writer.begin(), PartNumber=number, Body=content
        )["ETag"]


def _is_copied(part: Part) -> bool:
    return len(part) == 1 and part[0].size >= PART_BYTES
