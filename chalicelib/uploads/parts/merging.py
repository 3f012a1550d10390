"""Merge the reports of all parts into the verdict. Only `part_merger` imports this module."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from attrs import evolve

from chalicelib.errors import PartsInconsistent
from chalicelib.schemas import digest
from chalicelib.telemetry import logs
from chalicelib.uploads.checked import CheckedObject, conclude, reread, utc_now
from chalicelib.uploads.messages import ValidationResponse
from chalicelib.uploads.parts.key_rounds import KeyRounds
from chalicelib.uploads.parts.location import FileRange, PartsLocation
from chalicelib.uploads.parts.messages import PartsRequest
from chalicelib.uploads.parts.ports import PartStore, PinnedObjects
from chalicelib.uploads.parts.readings import PartRead
from chalicelib.uploads.parts.seams import Seams
from chalicelib.uploads.parts.shares import StoredKeys
from chalicelib.uploads.provenance import ROWS_KEY, control_fault
from chalicelib.uploads.report_writer import ReportWriter
from chalicelib.uploads.result_writer import ValidatedObject, write_results
from chalicelib.uploads.splitting.planned import PlannedSplit
from chalicelib.uploads.splitting.planning import plan_split
from chalicelib.uploads.splitting.ports import SegmentStore
from chalicelib.uploads.storage_ports import ObjectStore, ReportStore, ResultStore
from chalicelib.validation.parts import PartReport, Plan, finish, unpacked
from chalicelib.validation.parts.key_sections import attached
from chalicelib.validation.parts.key_shares import ComparedKeys
from chalicelib.validation.reporting.schema_agreement import agreement_of
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.sink import ErrorSink
from chalicelib.validation.splitting.segments import segments as segments_of


def merge_parts(
    request: PartsRequest,
    *,
    pinned: PinnedObjects,
    objects: ObjectStore,
    store: PartStore,
    segments: SegmentStore,
    reports: ReportStore,
    results: ResultStore,
    now: Callable[[], datetime] = utc_now,
) -> ValidationResponse:
    """Return the verdict on an object from the reports of its parts, and write its full report and rejected rows.

    The response says which segments are to be split, if the dataset asks for it.

    Raises PartsInconsistent if a part or share is missing, if a part does not begin where the one before it ends, or if
    the object is to be split and the state machine is of an earlier release.
    """
    logs.add_fields(uploadId=request.upload_id, execution=request.execution_name)
    location = request.location
    stored = store.plan(location)
    logs.add_fields(schema=stored.schema)
    plan = stored.restored(pinned.ranges(stored.object))
    files = store.files(location)
    parts = Seams.of(stored, PartRead.among(files.items())).complete()
    shares = StoredKeys(store=store, location=location, plan=stored, parts=parts).shares()
    rounds = KeyRounds.among(files, shares or 0, has_orphans=stored.has_orphans)
    announced = {} if stored.announced_rows is None else {ROWS_KEY: stored.announced_rows}
    with ReportWriter(reports, request.validation_request) as writer:
        reread(writer, request.validation_request, objects, stored.object.size)
        faulty_rows = RowSet()
        report = finish(
            plan,
            _reports(store, location, parts, plan, sink=writer.sink, has_keys=shares is None),
            sink=writer.sink,
            faulty_rows=faulty_rows if plan.marks_rows else None,
            final_check=lambda rows: control_fault(announced, rows=rows, sha256=""),
            compared=None if shares is None else _compared(store, location, files, rounds),
        )
        checked = CheckedObject(
            report=report,
            schema=plan.schema,
            faulty_rows=faulty_rows,
            agreement=agreement_of(stored.schema, stored.decoded_descriptor()),
            schema_sha256=digest(stored.decoded_descriptor()),
        )
        split = _divided(request, checked, parts, size=plan.size, segments=segments, results=results)
        response = conclude(request.validation_request, stored.schema, checked, writer, now())
    logs.add_fields(bytes=stored.object.size, parts=len(stored.ends))
    return evolve(response, split=split)


def _divided(
    request: PartsRequest,
    checked: CheckedObject,
    parts: Sequence[PartRead],
    *,
    size: int,
    segments: SegmentStore,
    results: ResultStore,
) -> PlannedSplit | None:
    """Write which rows were rejected, if the dataset asks for it, and return which segments are to be split."""
    schema, report = checked.schema, checked.report
    if schema is None or report.rejected_rows is None:
        return None
    validated = ValidatedObject(report=report, schema=schema, faulty_rows=checked.faulty_rows, sha256=None, reopen=None)
    write_results(request.validation_request, validated, results)
    if not schema.options.split:
        return None
    request.parts.require_current_machine()
    found = segments_of([(part.exit, part.records) for part in parts], size, checked.faulty_rows)
    concurrency = request.parts.concurrency
    return plan_split(found, checked.faulty_rows, location=request.location, concurrency=concurrency, store=segments)


def _reports(
    store: PartStore,
    location: PartsLocation,
    parts: Sequence[PartRead],
    plan: Plan,
    *,
    sink: ErrorSink | None,
    has_keys: bool,
) -> Iterator[PartReport]:
    """Yield the reports of all parts, with their keys if `has_keys`; raises PartsInconsistent if one is another part's.

    Their errors are read as long as the merged report or the sink has room for them.
    """
    error_count = 0

    def wanted_end(part: PartRead) -> int:
        has_room = error_count < plan.max_errors or bool(sink and sink.room)
        return part.keys_at if has_room else part.errors_at

    def ranges() -> Iterator[FileRange]:
        for part in parts:
            yield FileRange(part.name, 0, wanted_end(part))
            yield FileRange(part.name, part.keys_at, part.size if has_keys else part.keys_at)

    contents = store.contents(location, ranges())
    for part, content, keys in zip(parts, contents, contents, strict=True):
        # Errors may have been read ahead while there was still room.
        report = unpacked(content[: wanted_end(part)])
        if (report.entry, report.exit) != (part.entry, part.exit):
            raise PartsInconsistent(f"{part.name} is the report of another part")
        yield attached(plan, report, keys)
        error_count += report.error_count


def _compared(
    store: PartStore, location: PartsLocation, files: Mapping[str, int], rounds: KeyRounds
) -> Iterator[ComparedKeys]:
    """Yield what was found in each share of the keys; raises PartsInconsistent if one is missing."""
    ranges = [FileRange(name, 0, files[name]) for name in rounds.complete()]
    yield from map(ComparedKeys.unpacked, store.contents(location, ranges))
