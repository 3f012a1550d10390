"""Validate an object against the schema of its dataset, and write the full report and the results.

Only `csv_validator` imports this module, and with it the validation engine.
"""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from attrs import field, frozen

from chalicelib.errors import SchemaInvalid, SchemaUnknown
from chalicelib.schemas import DEFAULT, digest, is_name
from chalicelib.telemetry import logs
from chalicelib.uploads.messages import MAX_UNCHECKED, ValidationRequest, ValidationResponse
from chalicelib.uploads.ports import ObjectStore, ReportStore, ResultStore, SchemaRepository, StoredObject
from chalicelib.uploads.provenance import HashedContent, control_fault
from chalicelib.uploads.report_writer import ReportWriter
from chalicelib.uploads.reports import ReportFile
from chalicelib.uploads.result_writer import ValidatedObject, write_results
from chalicelib.validation import validate
from chalicelib.validation.reading.content import Content, is_gzip, oversized
from chalicelib.validation.report import ErrorCode, Fault, ValidationReport, storable
from chalicelib.validation.reporting.agreement import Agreement
from chalicelib.validation.reporting.schema_agreement import agreement_of
from chalicelib.validation.reporting.subject import ReportSubject
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.schema.table_schema import Schema, compiled_schema
from chalicelib.validation.sink import ErrorSink

SCHEMA_KEY = "schema"
"""The object's metadata, `x-amz-meta-schema`, that names its dataset."""

MAX_REREAD_BYTES = 64 * 1024 * 1024
"""The largest object that is read again to explain errors of keys: Python reads a few megabytes a second."""

_SENTENCE_CHARACTERS = 500


def _now() -> datetime:
    return datetime.now(UTC)


def validate_upload(
    request: ValidationRequest,
    *,
    objects: ObjectStore,
    schemas: SchemaRepository,
    reports: ReportStore,
    results: ResultStore,
    max_bytes: int,
    now: Callable[[], datetime] = _now,
) -> ValidationResponse:
    """Return the verdict on an object, and write its full report and results.

    Raises an error only if the object could not be checked, or a result not be written. `max_bytes` limits the object's
    size, as stored and decompressed.
    """
    logs.add_fields(uploadId=request.upload_id, execution=request.execution_name)
    stored = objects.open(request.bucket, request.key, request.version_id)
    name = stored.metadata.get(SCHEMA_KEY) or DEFAULT
    with ReportWriter(reports, request) as writer:
        if writer.sink and request.version_id is not None and stored.size <= MAX_REREAD_BYTES:
            writer.sink.reread = lambda: _reread(request, objects)
        checked = _validate(stored, name, schemas, writer.sink, max_bytes=max_bytes, gzipped=is_gzip(request.key))
        report = checked.report
        if checked.schema:
            write_results(
                request,
                ValidatedObject(
                    report=report,
                    schema=checked.schema,
                    faulty_rows=checked.faulty_rows,
                    sha256=checked.content_sha256,
                    reopen=lambda: objects.open(request.bucket, request.key, request.version_id).content,
                ),
                results,
            )
        filename = request.key.rpartition("/")[2]
        subject = ReportSubject(
            name=filename, schema=name, checked_at=now(), listing=ReportFile.ERRORS, agreement=checked.agreement
        )
        prefix = writer.publish(report, subject)
    logs.add_fields(
        outcome="valid" if report.valid else "invalid",
        verdicts=1,
        rows=report.row_count,
        errors=report.error_count,
        report=prefix,
    )
    if report.rejected_rows is not None:
        logs.add_fields(rejectedRows=report.rejected_rows)
    logs.add_error_counts(report.counts_by_code)
    return ValidationResponse(
        valid=report.valid,
        error_count=report.error_count,
        errors=report.errors,
        row_count=report.row_count,
        report=prefix,
        schema=name if checked.schema else None,
        unchecked=_shortened(report.unchecked),
        rejected_rows=report.rejected_rows,
        load=checked.schema.options.load if checked.schema and report.valid else None,
        content_sha256=checked.content_sha256,
        schema_sha256=checked.schema_sha256,
    )


def _reread(request: ValidationRequest, objects: ObjectStore) -> Iterable[bytes]:
    """Read the same version of an object again; it ends early if it expands too much."""
    stored = objects.open(request.bucket, request.key, request.version_id)
    return Content(stored.content, gzipped=is_gzip(request.key), max_bytes=4 * MAX_REREAD_BYTES)


def _shortened(sentences: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first sentences on what was not checked, and how many more there are."""
    first = tuple(storable(sentence, _SENTENCE_CHARACTERS) for sentence in sentences[:MAX_UNCHECKED])
    if len(sentences) <= MAX_UNCHECKED:
        return first
    return (*first[:-1], f"… and {len(sentences) - len(first) + 1:,} more")


@frozen(kw_only=True)
class _Checked:
    """What was found out about an object."""

    report: ValidationReport
    schema: Schema | None = None
    """The schema that the object was validated against; None if it was not."""
    agreement: Agreement | None = None
    """What that schema asks of a file."""
    faulty_rows: RowSet = field(factory=RowSet)
    content_sha256: str | None = None
    schema_sha256: str | None = None


def _validate(
    stored: StoredObject, name: str, schemas: SchemaRepository, sink: ErrorSink | None, *, max_bytes: int, gzipped: bool
) -> _Checked:
    """Validate an object against the schema of that name, if there is one."""
    if stored.size > max_bytes:
        return _Checked(report=ValidationReport.from_file_fault(oversized(max_bytes, stored.size)))
    try:
        descriptor = schemas.load(name)
    except SchemaUnknown as error:
        logs.add_fields(unknownSchema=name if is_name(name) else None)
        return _Checked(report=ValidationReport.from_file_fault(Fault(ErrorCode.UNKNOWN_SCHEMA, str(error))))
    logs.add_fields(schema=name)
    content = HashedContent(stored.content)
    started = time.perf_counter()
    try:
        schema = compiled_schema(descriptor)
    except SchemaInvalid as error:
        raise SchemaInvalid(f"the schema {name!r}: {error}") from None
    faulty_rows = RowSet()
    report = validate(
        content,
        schema,
        sink=sink,
        gzipped=gzipped,
        max_bytes=max_bytes,
        faulty_rows=faulty_rows if schema.options.marks_rows else None,
        final_check=lambda rows: control_fault(stored.metadata, rows=rows, sha256=content.sha256 or ""),
    )
    seconds = time.perf_counter() - started
    logs.add_fields(bytes=stored.size, bytesPerSecond=round(stored.size / seconds))
    return _Checked(
        report=report,
        schema=schema,
        agreement=agreement_of(name, descriptor),
        faulty_rows=faulty_rows,
        content_sha256=content.sha256,
        schema_sha256=digest(descriptor),
    )
