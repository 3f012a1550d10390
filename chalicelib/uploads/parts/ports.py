"""Ports: what validation in parts needs from S3."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from chalicelib.uploads.parts.location import PartsLocation
from chalicelib.uploads.parts.readings import PartRead
from chalicelib.uploads.parts.stored_plan import StoredPlan
from chalicelib.uploads.ports import PinnedObject
from chalicelib.validation.parts import PartSource


class PinnedObjects(Protocol):
    """Reads single ranges of uploaded objects."""

    def ranges(self, pinned: PinnedObject, *, until: int = 0) -> PartSource:
        """Return the bytes of an object, and read ahead up to `until` where they are read in sequence.

        Reading raises StorageUnavailable, ObjectVanished if the object was replaced, or ObjectForbidden.
        """
        ...


class PartStore(Protocol):
    """Keeps plans and the reports of parts, which are as private as the uploads.

    All methods raise StorageUnavailable, ObjectForbidden, or ObjectVanished if a file has expired.
    """

    def write_plan(self, location: PartsLocation, plan: StoredPlan) -> None:
        """Write a plan."""
        ...

    def plan(self, location: PartsLocation) -> StoredPlan:
        """Return a plan."""
        ...

    def write_report(self, location: PartsLocation, part: PartRead, report: bytes) -> None:
        """Write the report of a part. A part that is read twice has the same report twice."""
        ...

    def parts(self, location: PartsLocation) -> Sequence[PartRead]:
        """List the parts that have reports."""
        ...

    def reports(self, location: PartsLocation, parts: Iterable[PartRead]) -> Iterator[bytes]:
        """Yield the reports of these parts, one after the other."""
        ...
