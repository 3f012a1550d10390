"""Ports: what validation in parts needs from S3."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from chalicelib.uploads.parts.failed_child import FailedChild
from chalicelib.uploads.parts.location import FileRange, PartsLocation
from chalicelib.uploads.parts.stored_plan import StoredPlan
from chalicelib.uploads.storage_ports import PinnedObject
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

    def write(self, location: PartsLocation, name: str, content: Sequence[bytes]) -> None:
        """Write a file beside the plan, in pieces. One that is written twice has the same content twice."""
        ...

    def write_failure(self, location: PartsLocation, failed: FailedChild) -> None:
        """Write why a child of a Map failed."""
        ...

    def failures(self, location: PartsLocation, names: Iterable[str]) -> Iterator[FailedChild]:
        """Yield the children that failed, from files of these names."""
        ...

    def files(self, location: PartsLocation) -> Mapping[str, int]:
        """List the names and sizes of all files of a plan."""
        ...

    def contents(self, location: PartsLocation, ranges: Iterable[FileRange]) -> Iterator[bytes]:
        """Yield the contents of these ranges of files, one after the other; some are read ahead.

        The ranges are iterated over meanwhile: a range may depend on the contents of those before it, unless it is
        read ahead.
        """
        ...
