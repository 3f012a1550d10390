"""Validate one part of an object. Only `part_validator` imports this module."""

from chalicelib.errors import PartsInconsistent
from chalicelib.telemetry import logs
from chalicelib.uploads.parts.messages import PartReply, PartRequest
from chalicelib.uploads.parts.ports import PartStore, PinnedObjects
from chalicelib.uploads.parts.readings import PartRead
from chalicelib.validation.parts import packed, validate_part


def validate_stored_part(request: PartRequest, *, objects: PinnedObjects, store: PartStore) -> PartReply:
    """Validate the records that start in a part, and write its report; can be repeated without harm.

    Raises PartsInconsistent if the parts were planned by another release, or the plan has no such part.
    """
    logs.add_fields(uploadId=request.upload_id, execution=request.execution_name, part=request.reading.number)
    location, number = request.location, request.reading.number
    stored = store.plan(location)
    if number >= len(stored.ends) or (number == 0 and request.reading.entry not in {None, stored.start}):
        raise PartsInconsistent(f"the plan has no part {number} that begins there")
    plan = stored.restored(objects.ranges(stored.object))
    source = objects.ranges(stored.object, until=plan.range(number)[1])
    report = validate_part(source, plan, number, request.reading.entry)
    part = PartRead(number=number, entry=report.entry, exit=report.exit)
    store.write_report(location, part, packed(report))
    logs.add_fields(rows=report.row_count, errors=sum(report.counts.values()), bytes=report.exit - report.entry)
    return PartReply(number=number)
