"""Validate an object against the schema of its dataset, and write the full report and the results.

Only `csv_validator` imports this module, and with it the validation engine.
"""

import time
from collections.abc import Callable
from datetime import datetime

from chalicelib.schemas import digest
from chalicelib.telemetry import logs
from chalicelib.uploads.checked import CheckedObject, conclude, reread, utc_now
from chalicelib.uploads.datasets import Dataset, find_dataset, schema_name
from chalicelib.uploads.messages import ValidationRequest, ValidationResponse
from chalicelib.uploads.parts.planning import PartPlanner
from chalicelib.uploads.parts.readings import PlannedParts
from chalicelib.uploads.provenance import HashedContent, control_fault
from chalicelib.uploads.report_writer import ReportWriter
from chalicelib.uploads.result_writer import ValidatedObject, write_results
from chalicelib.uploads.storage_ports import ObjectStore, ReportStore, ResultStore, SchemaRepository, StoredObject
from chalicelib.validation import validate
from chalicelib.validation.reading.content import is_gzip, oversized
from chalicelib.validation.report import Fault, ValidationReport
from chalicelib.validation.reporting.schema_agreement import agreement_of
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.sink import ErrorSink


def validate_upload(
    request: ValidationRequest,
    *,
    objects: ObjectStore,
    schemas: SchemaRepository,
    reports: ReportStore,
    results: ResultStore,
    max_bytes: int,
    parts: PartPlanner | None = None,
    now: Callable[[], datetime] = utc_now,
) -> ValidationResponse:
    """Return the verdict on an object, and write its full report and results; or plan it in parts, if it is large.

    Raises an error only if the object could not be checked, or a result not be written. `max_bytes` limits the object's
    size, as stored and decompressed; with `parts`, what it decompresses to has the limit of one function.
    """
    logs.add_fields(uploadId=request.upload_id, execution=request.execution_name)
    stored = objects.open(request.bucket, request.key, request.version_id)
    name = schema_name(stored.metadata)
    dataset = _too_large(stored, max_bytes) or find_dataset(name, schemas)
    if parts and isinstance(dataset, Dataset):
        planned = parts.plan(request, stored, dataset)
        if isinstance(planned, PlannedParts):
            return ValidationResponse.planned(planned)
        dataset = planned or dataset
    gzipped = is_gzip(request.key)
    limit = parts.whole_bytes if parts and gzipped else max_bytes
    with ReportWriter(reports, request) as writer:
        reread(writer, request, objects, stored.size)
        if isinstance(dataset, Fault):
            checked = CheckedObject(report=ValidationReport.from_file_fault(dataset))
        else:
            checked = _validate(stored, dataset, writer.sink, max_bytes=limit, gzipped=gzipped)
        if checked.schema:
            write_results(
                request,
                ValidatedObject(
                    report=checked.report,
                    schema=checked.schema,
                    faulty_rows=checked.faulty_rows,
                    sha256=checked.content_sha256,
                    reopen=lambda: objects.open(request.bucket, request.key, request.version_id).content,
                ),
                results,
            )
        return conclude(request, name, checked, writer, now())


def _too_large(stored: StoredObject, max_bytes: int) -> Fault | None:
    return oversized(max_bytes, stored.size) if stored.size > max_bytes else None


def _validate(
    stored: StoredObject, dataset: Dataset, sink: ErrorSink | None, *, max_bytes: int, gzipped: bool
) -> CheckedObject:
    """Validate an object as a whole."""
    content = HashedContent(stored.content)
    started = time.perf_counter()
    faulty_rows = RowSet()
    report = validate(
        content,
        dataset.schema,
        sink=sink,
        gzipped=gzipped,
        max_bytes=max_bytes,
        faulty_rows=faulty_rows if dataset.schema.options.marks_rows else None,
        final_check=lambda rows: control_fault(stored.metadata, rows=rows, sha256=content.sha256 or ""),
    )
    seconds = time.perf_counter() - started
    logs.add_fields(bytes=stored.size, bytesPerSecond=round(stored.size / seconds))
    return CheckedObject(
        report=report,
        schema=dataset.schema,
        agreement=agreement_of(dataset.name, dataset.descriptor),
        faulty_rows=faulty_rows,
        content_sha256=content.sha256,
        schema_sha256=digest(dataset.descriptor),
    )
