"""The plan of an object in parts, as it is stored for all functions that read it."""

import json
from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen

from chalicelib.errors import PartsInconsistent
from chalicelib.uploads.parts.release import release
from chalicelib.uploads.storage_ports import PinnedObject
from chalicelib.validation.parts import PartSource, Plan, plan


@frozen(kw_only=True)
class StoredPlan:
    """What all parts of an object share. It is small: the rest is computed again from the object itself."""

    object: PinnedObject
    schema: str
    """The name of the dataset."""
    descriptor: str
    """The schema of the dataset as JSON. It is kept here, because the dataset may get another one meanwhile."""
    announced_rows: str | None
    """What the object's metadata says of its number of rows."""
    part_bytes: int
    start: int
    """The offset of the first record below the header."""
    ends: tuple[int, ...]
    """The offset at which each part ends."""
    keys: int = 0
    """How many keys of each row the parts record: those of a foreign key are two."""
    unique_keys: int = 0
    """How many of them are unique keys; these are the first."""
    key_partitions: int = 1
    has_orphans: bool = False
    """Whether rows that refer only to faulty rows are faulty, too."""
    secret: str
    """The secret of the digests of keys, in hexadecimal digits."""
    engine: str
    release: str
    """The release of the validator that made the plan."""

    def decoded_descriptor(self) -> Mapping[str, Any]:
        """Return the schema."""
        descriptor: Mapping[str, Any] = json.loads(self.descriptor)
        return descriptor

    def restored(self, source: PartSource) -> Plan:
        """Return the plan; raises PartsInconsistent if this function would not find what the other ones find.

        Two engines make other digests of keys, and another release may find other errors.
        """
        made = plan_of(source, self.decoded_descriptor(), self.part_bytes)
        found = (release(), str(made.engine), made.start.offset, tuple(made.ends))
        if found != (self.release, self.engine, self.start, self.ends):
            raise PartsInconsistent("the parts were planned by another release or engine: replay the upload")
        return evolve(made, secret=bytes.fromhex(self.secret))


def plan_of(source: PartSource, schema: Any, part_bytes: int) -> Plan:
    """Plan an object; raises PartsUnsupported. Its full report lists the errors with their records."""
    return plan(source, schema, part_bytes=part_bytes, lists_entries=True)
