"""Split one segment of an object. Only `part_splitter` imports this module."""

from functools import partial

from chalicelib.errors import PartsInconsistent
from chalicelib.telemetry import logs
from chalicelib.uploads.parts.failed_child import FailedChild
from chalicelib.uploads.parts.failures import record_failure
from chalicelib.uploads.parts.ports import PartStore, PinnedObjects
from chalicelib.uploads.splitting.messages import SegmentReply, SegmentRequest
from chalicelib.uploads.splitting.ports import SegmentStore, side_name
from chalicelib.validation.splitting.segments import Side, split_segment


def split_stored_segment(
    request: SegmentRequest, *, objects: PinnedObjects, parts: PartStore, store: SegmentStore
) -> SegmentReply:
    """Write the accepted and the rejected rows of a segment; can be repeated without harm.

    If the request has a failure, record that instead. Raises PartsInconsistent if another release validated the parts,
    or there is no such segment to be read.
    """
    number, location = request.segment, request.location
    logs.add_fields(uploadId=request.upload_id, execution=request.execution_name, part=number)
    if request.failure is None:
        _split(request, objects, parts, store)
    else:
        writes = side_name(number, Side.REJECTED)
        failed = FailedChild(what=f"segment {number}", writes=writes, failure=request.failure)
        record_failure(parts, location.of_segments, failed)
    return SegmentReply(segment=number)


def _split(request: SegmentRequest, objects: PinnedObjects, parts: PartStore, store: SegmentStore) -> None:
    number, location = request.segment, request.location
    stored = parts.plan(location)
    plan = stored.restored(objects.ranges(stored.object))
    segments = store.segments(location)
    if number >= len(segments) or segments[number].side is not Side.BOTH:
        raise PartsInconsistent(f"there is no segment {number} to be split")
    segment = segments[number]
    draft = store.draft(location, number)
    try:
        split_segment(
            objects.ranges(stored.object, until=segment.end),
            plan,
            segment,
            store.rejected(location, number),
            accept=partial(draft.write, Side.ACCEPTED),
            reject=partial(draft.write, Side.REJECTED),
        )
        draft.publish()
    except BaseException:
        draft.discard()
        raise
    logs.add_fields(bytes=segment.end - segment.start, rows=segment.rows)
