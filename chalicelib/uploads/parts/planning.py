"""Plan an object in parts, if it is large enough and can be entered in the middle."""

import json

from attrs import frozen

from chalicelib.errors import PartsUnsupported
from chalicelib.telemetry import logs
from chalicelib.uploads.datasets import Dataset
from chalicelib.uploads.messages import ValidationRequest
from chalicelib.uploads.parts.location import PartsLocation, plan_name
from chalicelib.uploads.parts.ports import PartStore, PinnedObjects
from chalicelib.uploads.parts.readings import PartToRead, PlannedParts
from chalicelib.uploads.parts.release import release
from chalicelib.uploads.parts.stored_plan import StoredPlan, plan_of
from chalicelib.uploads.provenance import ROWS_KEY, SHA256_KEY
from chalicelib.uploads.storage_ports import PinnedObject, StoredObject
from chalicelib.validation.parts import Plan
from chalicelib.validation.parts.key_sections import key_count
from chalicelib.validation.parts.key_shares import has_orphans
from chalicelib.validation.reading.content import is_gzip
from chalicelib.validation.report import ErrorCode, Fault

MAX_PARTS = 5_000
"""The list of parts passes between two states, which have room for 256 KiB. Parts of larger objects are larger."""


@frozen(kw_only=True)
class PartPlanner:
    """Plans objects above a threshold."""

    objects: PinnedObjects
    store: PartStore
    above_bytes: int
    """Objects of this size or less are validated as a whole."""
    whole_bytes: int
    """The largest object that one function validates, at least `above_bytes`."""
    load_bytes: int
    """The largest object of which rows are loaded: one function loads them."""
    part_bytes: int
    concurrency: int

    def plan(self, request: ValidationRequest, stored: StoredObject, dataset: Dataset) -> PlannedParts | Fault | None:
        """Write the plan of an object, and return which parts are to be read; None to validate the object as a whole.

        Return a fault if the object cannot be divided, or its rows are to be loaded, and it is too large for one
        function.
        """
        if stored.size <= self.above_bytes:
            return None
        if dataset.schema.options.load is not None and stored.size > self.load_bytes:
            return _unloadable(stored.size, self.load_bytes)
        try:
            pinned, made = self._planned(request, stored, dataset)
        except PartsUnsupported as error:
            return _indivisible(stored.size, self.whole_bytes, error) if stored.size > self.whole_bytes else None
        if not made.ends:
            return None  # its beginning has a fault, and nothing else is read
        location = PartsLocation(
            bucket=request.bucket,
            upload_id=request.upload_id,
            execution_name=str(request.execution_name),
            plan=plan_name(len(made.ends)),
        )
        self.store.write_plan(location, self._stored(pinned, made, stored, dataset))
        logs.add_fields(outcome="planned", parts=len(made.ends))
        readings = tuple(PartToRead(number=number) for number in range(len(made.ends)))
        return PlannedParts(plan=location.plan, concurrency=self.concurrency, shares=0, readings=readings)

    def _planned(self, request: ValidationRequest, stored: StoredObject, dataset: Dataset) -> tuple[PinnedObject, Plan]:
        """Return the version of an object, and its plan; raises PartsUnsupported."""
        pinned = stored.pinned
        if request.execution_name is None:
            raise PartsUnsupported("no execution of the state machine asks for it")
        if pinned is None:
            raise PartsUnsupported("it has no ETag, by which all parts could be read from one version")
        if is_gzip(request.key):
            raise PartsUnsupported("it is compressed by gzip, and can only be decompressed from its beginning")
        if SHA256_KEY in stored.metadata:
            raise PartsUnsupported("its metadata announces a SHA-256, which is computed from its beginning")
        return pinned, plan_of(self.objects.ranges(pinned), dataset.schema, self._part_bytes(stored.size))

    def _part_bytes(self, size: int) -> int:
        return max(self.part_bytes, -(-size // MAX_PARTS))

    def _stored(self, pinned: PinnedObject, made: Plan, stored: StoredObject, dataset: Dataset) -> StoredPlan:
        return StoredPlan(
            object=pinned,
            schema=dataset.name,
            descriptor=json.dumps(dataset.descriptor),
            announced_rows=stored.metadata.get(ROWS_KEY),
            part_bytes=self._part_bytes(stored.size),
            start=made.start.offset,
            ends=tuple(made.ends),
            keys=key_count(made),
            unique_keys=len(made.columns.keys),
            key_partitions=made.key_partitions,
            has_orphans=has_orphans(made),
            secret=made.secret.hex(),
            engine=made.engine,
            release=release(),
        )


def _unloadable(size: int, load_bytes: int) -> Fault:
    return Fault(
        ErrorCode.OVERSIZED_FILE,
        f"the file has {size:,} bytes, and {load_bytes:,} are allowed where rows are loaded: split it, or have"
        " MAX_LOAD_BYTES raised",
    )


def _indivisible(size: int, whole_bytes: int, reason: PartsUnsupported) -> Fault:
    return Fault(
        ErrorCode.OVERSIZED_FILE,
        f"the file has {size:,} bytes, and {whole_bytes:,} are allowed for a file that cannot be checked in parts:"
        f" {reason}",
    )
