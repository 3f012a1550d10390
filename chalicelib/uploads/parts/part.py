"""Read one part of an object, or one share of the keys of all parts. Only `part_validator` imports this module."""

from chalicelib.errors import PartsInconsistent
from chalicelib.telemetry import logs
from chalicelib.uploads.parts.failures import record_failure
from chalicelib.uploads.parts.key_rounds import KeyRounds
from chalicelib.uploads.parts.location import FileRange
from chalicelib.uploads.parts.messages import PartReply, PartRequest
from chalicelib.uploads.parts.ports import PartStore, PinnedObjects
from chalicelib.uploads.parts.readings import PartRead, round_name
from chalicelib.uploads.parts.seams import Seams
from chalicelib.uploads.parts.shares import StoredKeys
from chalicelib.validation.parts import packed_apart, validate_part
from chalicelib.validation.parts.key_sections import KeyShare, sectioned
from chalicelib.validation.parts.key_shares import compare_share, find_orphans


def read_part(request: PartRequest, *, objects: PinnedObjects, store: PartStore) -> PartReply:
    """Validate a part, or compare a share of the keys, and write what was found; can be repeated without harm.

    If the request has a failure, record that instead. Raises PartsInconsistent if the parts were planned by another
    release, or the plan has no such part, or TemporarySpaceFull.
    """
    number = request.reading.number
    logs.add_fields(uploadId=request.upload_id, execution=request.execution_name)
    if request.shares:
        logs.add_fields(share=number)
    else:
        logs.add_fields(part=number)
    if request.failure is not None:
        record_failure(store, request.location, request.reading.failed(request.shares, request.failure))
    elif request.shares:
        _compare_share(request, objects, store)
    else:
        _validate_part(request, objects, store)
    return PartReply(number=number)


def _validate_part(request: PartRequest, objects: PinnedObjects, store: PartStore) -> None:
    """Validate the records that start in a part, and write its report with its keys behind it."""
    location, number = request.location, request.reading.number
    stored = store.plan(location)
    if number >= len(stored.ends) or (number == 0 and request.reading.entry not in {None, stored.start}):
        raise PartsInconsistent(f"the plan has no part {number} that begins there")
    plan = stored.restored(objects.ranges(stored.object))
    source = objects.ranges(stored.object, until=plan.range(number)[1])
    validated = validate_part(source, plan, number, request.reading.entry, sorts_keys=True)
    report, keys = sectioned(plan, validated)
    found, errors = packed_apart(report)
    part = PartRead(
        number=number,
        entry=report.entry,
        exit=report.exit,
        records=report.records,
        lines=report.lines,
        errors_at=len(found),
        keys_at=len(found) + len(errors),
    )
    store.write(location, part.name, [found, errors, *keys])
    logs.add_fields(rows=report.row_count, errors=report.error_count, bytes=report.exit - report.entry)


def _compare_share(request: PartRequest, objects: PinnedObjects, store: PartStore) -> None:
    """Compare the keys of all parts in some partitions, or find orphans among their rows, and write what was found."""
    location, share = request.location, KeyShare(request.reading.number, request.shares)
    stored = store.plan(location)
    if share.number >= share.of or share.of > stored.key_partitions:
        raise PartsInconsistent(f"the plan has no share {share.number} of the {share.of} of the keys")
    plan = stored.restored(objects.ranges(stored.object))
    files = store.files(location)
    chain = Seams.of(stored, PartRead.among(files.items())).complete()
    keys = StoredKeys(store=store, location=location, plan=stored, parts=chain)
    if (round_ := request.reading.round) == 0:
        found = compare_share(plan, share, keys.of_share(share), keys.last_row)
    else:
        rounds = KeyRounds.among(files, share.of, has_orphans=stored.has_orphans)
        faulty = keys.faulty_rows([FileRange(name, 0, files[name]) for name in rounds.before(round_)])
        found = find_orphans(plan, share, keys.of_share(share), keys.last_row, faulty=faulty, number=round_)
    store.write(location, f"{round_name(round_, share.number, share.of)}{found.total}", [found.packed()])
    logs.add_fields(keyRound=round_, errors=found.total)
