"""Join the segments of an object into its results. Only `split_joiner` imports this module."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve

from chalicelib.errors import PartsInconsistent
from chalicelib.telemetry import logs
from chalicelib.uploads.parts.failures import recorded_failure
from chalicelib.uploads.parts.ports import PartStore
from chalicelib.uploads.results import ResultFile, ResultLocation
from chalicelib.uploads.splitting.messages import SplitRequest
from chalicelib.uploads.splitting.planned import PlannedSplit
from chalicelib.uploads.splitting.ports import Assembly, SegmentStore
from chalicelib.uploads.storage_ports import PinnedObject, Slice
from chalicelib.validation.splitting.segments import Segment, Side

Sides = Mapping[tuple[int, Side], PinnedObject]


def join_split(request: SplitRequest, *, parts: PartStore, store: SegmentStore, results: Assembly) -> PlannedSplit:
    """Write the accepted and the rejected rows of an object; can be repeated without harm.

    If a segment failed for good, return its failure instead, or that of the Map. Raises PartsInconsistent unless each
    segment that had to be split was split, and has all of its bytes.
    """
    logs.add_fields(uploadId=request.upload_id, execution=request.execution_name)
    location, split = request.location, request.split
    place = location.of_segments
    if failure := recorded_failure(parts, place, parts.files(place)) or request.failure:
        logs.add_fields(outcome="failed", error=failure.Error)
        return evolve(split, failure=failure)
    upload = parts.plan(location).object
    segments, sides = store.segments(location), store.sides(location)
    _check(segments, sides)
    outputs = ResultLocation(bucket=request.bucket, upload_id=request.upload_id, execution_name=request.execution_name)
    for side, file in ((Side.ACCEPTED, ResultFile.ACCEPTED), (Side.REJECTED, ResultFile.REJECTED)):
        results.assemble(outputs, file, tuple(_slices(upload, segments, sides, side)))
    logs.add_fields(bytes=upload.size, parts=len(segments))
    return split


def _check(segments: Sequence[Segment], sides: Sides) -> None:
    for number, segment in enumerate(segments):
        if segment.side is not Side.BOTH:
            continue
        found = [sides.get((number, side)) for side in (Side.ACCEPTED, Side.REJECTED)]
        sizes = [each.size for each in found if each]
        # The first one has the header twice.
        if len(sizes) < len(found) or (number and sum(sizes) != segment.end - segment.start):
            raise PartsInconsistent(f"segment {number} was not split, or is not complete")


def _slices(upload: PinnedObject, segments: Sequence[Segment], sides: Sides, side: Side) -> Iterator[Slice]:
    """Yield what one side has of each segment."""
    for number, segment in enumerate(segments):
        if segment.side is Side.BOTH:
            piece = sides[number, side]
            yield Slice(object=piece, start=0, end=piece.size)
        elif segment.side is side:
            yield Slice(object=upload, start=segment.start, end=segment.end)
