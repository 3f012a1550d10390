"""Ports: what splitting in parts needs from S3."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from chalicelib.uploads.parts.location import PartsLocation
from chalicelib.uploads.results import ResultFile, ResultLocation
from chalicelib.uploads.storage_ports import PinnedObject, Slice
from chalicelib.validation.splitting.segments import Segment, Side


def side_name(segment: int, side: Side) -> str:
    """Return the name of the file with one side of a segment."""
    return f"{segment:05}-{side}"


class SegmentDraft(Protocol):
    """The two sides of a segment, which are being written; both exist once they are published, and may be empty.

    `write` and `publish` raise ObjectForbidden, ObjectVanished if there is no bucket, or StorageUnavailable.
    """

    def write(self, side: Side, data: bytes) -> None:
        """Append data to a side."""
        ...

    def publish(self) -> None:
        """Make both sides readable, the rejected one last. A segment that is split twice has the same content twice."""
        ...

    def discard(self) -> None:
        """Delete what was written, if it was not published."""
        ...


class SegmentStore(Protocol):
    """Keeps the segments of an object beside the reports of its parts.

    All methods raise StorageUnavailable, ObjectForbidden, or ObjectVanished if a file has expired.
    """

    def write_segments(self, location: PartsLocation, segments: Sequence[Segment]) -> None:
        """Write where the segments are."""
        ...

    def segments(self, location: PartsLocation) -> Sequence[Segment]:
        """Return where the segments are."""
        ...

    def write_rejected(self, location: PartsLocation, rejected: Iterable[tuple[int, bytes]]) -> None:
        """Write the numbers of segments, each with its rejected rows as bits."""
        ...

    def rejected(self, location: PartsLocation, segment: int) -> bytes:
        """Return the rejected rows of a segment as bits."""
        ...

    def draft(self, location: PartsLocation, segment: int) -> SegmentDraft:
        """Begin the two sides of a segment."""
        ...

    def sides(self, location: PartsLocation) -> Mapping[tuple[int, Side], PinnedObject]:
        """List the sides of segments that were published."""
        ...


class Assembly(Protocol):
    """Makes a result of slices of other objects."""

    def assemble(self, location: ResultLocation, file: ResultFile, slices: Sequence[Slice]) -> None:
        """Write a file that has these slices one after the other, in place of one that the same execution wrote.

        Raises StorageUnavailable, ObjectForbidden, or ObjectVanished if an object of a slice is gone or was replaced.
        """
        ...
