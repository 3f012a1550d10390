"""Validate an object against the schema of its dataset, and write the full report.

Only `csv_validator` imports this module, and with it the validation engine.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from chalicelib.errors import SchemaInvalid, SchemaUnknown
from chalicelib.schemas import DEFAULT, is_name
from chalicelib.telemetry import logs
from chalicelib.uploads.messages import MAX_UNCHECKED, ValidationRequest, ValidationResponse
from chalicelib.uploads.ports import ObjectStore, ReportStore, SchemaRepository, StoredObject
from chalicelib.uploads.report_writer import ReportWriter
from chalicelib.uploads.reports import ReportFile
from chalicelib.validation import validate
from chalicelib.validation.reading.content import is_gzip, oversized
from chalicelib.validation.report import ErrorCode, Fault, ValidationReport, storable
from chalicelib.validation.reporting.subject import ReportSubject
from chalicelib.validation.sink import ErrorSink

SCHEMA_KEY = "schema"
"""The object's metadata, `x-amz-meta-schema`, that names its dataset."""

_SENTENCE_CHARACTERS = 500


def _now() -> datetime:
    return datetime.now(UTC)


def validate_upload(
    request: ValidationRequest,
    *,
    objects: ObjectStore,
    schemas: SchemaRepository,
    reports: ReportStore,
    max_bytes: int,
    now: Callable[[], datetime] = _now,
) -> ValidationResponse:
    """Return the verdict on an object, and write its full report; raises an error only if it could not be checked.

    `max_bytes` limits the object's size, as stored and decompressed.
    """
    logs.add_fields(uploadId=request.upload_id, execution=request.execution_name)
    stored = objects.open(request.bucket, request.key, request.version_id)
    name = stored.metadata.get(SCHEMA_KEY) or DEFAULT
    with ReportWriter(reports, request) as writer:
        gzipped = is_gzip(request.key)
        report, schema = _validate(stored, name, schemas, writer.sink, max_bytes=max_bytes, gzipped=gzipped)
        filename = request.key.rpartition("/")[2]
        prefix = writer.publish(
            report, ReportSubject(name=filename, schema=name, checked_at=now(), listing=ReportFile.ERRORS)
        )
    logs.add_fields(
        outcome="valid" if report.valid else "invalid",
        verdicts=1,
        rows=report.row_count,
        errors=report.error_count,
        report=prefix,
    )
    logs.add_error_counts(report.counts_by_code)
    return ValidationResponse(
        valid=report.valid,
        error_count=report.error_count,
        errors=report.errors,
        row_count=report.row_count,
        report=prefix,
        schema=schema,
        unchecked=_shortened(report.unchecked),
    )


def _shortened(sentences: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first sentences on what was not checked, and how many more there are."""
    first = tuple(storable(sentence, _SENTENCE_CHARACTERS) for sentence in sentences[:MAX_UNCHECKED])
    if len(sentences) <= MAX_UNCHECKED:
        return first
    return (*first[:-1], f"… and {len(sentences) - len(first) + 1:,} more")


def _validate(
    stored: StoredObject, name: str, schemas: SchemaRepository, sink: ErrorSink | None, *, max_bytes: int, gzipped: bool
) -> tuple[ValidationReport, str | None]:
    """Return the report, and the name of the schema that the object was validated against, if it was."""
    if stored.size > max_bytes:
        return ValidationReport.from_file_fault(oversized(max_bytes, stored.size)), None
    try:
        schema = schemas.load(name)
    except SchemaUnknown as error:
        logs.add_fields(unknownSchema=name if is_name(name) else None)
        return ValidationReport.from_file_fault(Fault(ErrorCode.UNKNOWN_SCHEMA, str(error))), None
    logs.add_fields(schema=name)
    started = time.perf_counter()
    try:
        report = validate(stored.content, schema, sink=sink, gzipped=gzipped, max_bytes=max_bytes)
    except SchemaInvalid as error:
        raise SchemaInvalid(f"the schema {name!r}: {error}") from None
    seconds = time.perf_counter() - started
    logs.add_fields(bytes=stored.size, bytesPerSecond=round(stored.size / seconds))
    return report, name
