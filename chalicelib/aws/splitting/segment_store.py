"""Segments of objects that are split in parts, beside the reports of the parts in Amazon S3."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen

from chalicelib import codec
from chalicelib.aws.object_writer import ObjectWriter
from chalicelib.aws.part_store import S3Parts, translating
from chalicelib.uploads.parts.location import PartsLocation
from chalicelib.uploads.splitting.ports import side_name
from chalicelib.uploads.storage_ports import PinnedObject
from chalicelib.validation.splitting.segments import Segment, Side

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_SEGMENTS: Final = "segments.json"
_SIDE: Final = re.compile("([0-9]{5})-(accepted|rejected)", re.ASCII)
_STREAMS: Final = 16
_PART_BYTES: Final = 32 * 1024 * 1024
"""How much of a side is sent in one request: S3 charges for requests."""


@frozen(kw_only=True)
class S3Segments:
    """Writes, lists and reads segments. Objects are private, and encrypted as the bucket is configured."""

    client: "S3Client"

    def write_segments(self, location: PartsLocation, segments: Sequence[Segment]) -> None:
        """Write where the segments are."""
        content = json.dumps(list(map(codec.unstructure, segments))).encode()
        self._parts.write(location.of_segments, _SEGMENTS, [content])

    def segments(self, location: PartsLocation) -> Sequence[Segment]:
        """Return where the segments are."""
        content = json.loads(self._parts.read(location.of_segments, _SEGMENTS))
        return [codec.structure(each, Segment) for each in content]

    def write_rejected(self, location: PartsLocation, rejected: Iterable[tuple[int, bytes]]) -> None:
        """Write the rejected rows of segments as bits."""
        left = iter(rejected)
        with ThreadPoolExecutor(_STREAMS, "rejected") as pool:
            while some := list(islice(left, _STREAMS)):  # a segment of 1 GB may have 60 MB of bits
                list(pool.map(lambda each: self._parts.write(location.of_segments, _bits(each[0]), [each[1]]), some))

    def rejected(self, location: PartsLocation, segment: int) -> bytes:
        """Return the rejected rows of a segment as bits."""
        return self._parts.read(location.of_segments, _bits(segment))

    def draft(self, location: PartsLocation, segment: int) -> "S3SegmentDraft":
        """Begin the two sides of a segment."""
        return S3SegmentDraft(client=self.client, location=location.of_segments, segment=segment)

    def sides(self, location: PartsLocation) -> Mapping[tuple[int, Side], PinnedObject]:
        """List the sides of segments that were published."""
        place = location.of_segments
        listed = ((_SIDE.fullmatch(each.key.removeprefix(place.prefix)), each) for each in self._parts.listed(place))
        return {(int(name[1]), Side(name[2])): each for name, each in listed if name}

    @property
    def _parts(self) -> S3Parts:
        return S3Parts(client=self.client)


@define(kw_only=True)
class S3SegmentDraft:
    """The two sides of a segment, which are being written."""

    client: "S3Client"
    location: PartsLocation
    segment: int
    _writers: Mapping[Side, ObjectWriter] = field(init=False)

    @_writers.default
    def _both(self) -> Mapping[Side, ObjectWriter]:
        return {side: self._writer(side) for side in (Side.ACCEPTED, Side.REJECTED)}

    def write(self, side: Side, data: bytes) -> None:
        """Append data to a side."""
        with translating(self.location, "written"):
            self._writers[side].write(data)

    def publish(self) -> None:
        """Make both sides readable, the rejected one last."""
        with translating(self.location, "written"):
            for writer in self._writers.values():
                writer.complete()

    def discard(self) -> None:
        """Delete what was written, if it was not published."""
        for writer in self._writers.values():
            writer.discard()

    def _writer(self, side: Side) -> ObjectWriter:
        key = self.location.key(side_name(self.segment, side))
        return ObjectWriter(
            client=self.client,
            bucket=self.location.bucket,
            key=key,
            content_type="text/csv",
            part_bytes=_PART_BYTES,
        )


def _bits(segment: int) -> str:
    return f"{segment:05}-rows"
