"""Plan how an object is split whose parts were merged. Only `part_merger` imports this module."""

from collections.abc import Iterable

from chalicelib.uploads.parts.location import PartsLocation
from chalicelib.uploads.splitting.planned import PlannedSplit
from chalicelib.uploads.splitting.ports import SegmentStore
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.splitting.segments import Segment, Side


def plan_split(
    segments: Iterable[Segment], rejected: RowSet, *, location: PartsLocation, concurrency: int, store: SegmentStore
) -> PlannedSplit:
    """Write where the segments are and which of their rows are rejected, and return which have to be read.

    Can be repeated without harm: the same parts give the same segments.
    """
    found = tuple(segments)
    numbers = tuple(number for number, segment in enumerate(found) if segment.side is Side.BOTH)
    store.write_rejected(
        location, ((number, rejected.bits(found[number].row, found[number].rows)) for number in numbers)
    )
    store.write_segments(location, found)
    return PlannedSplit(plan=location.plan, concurrency=concurrency, segments=numbers)
