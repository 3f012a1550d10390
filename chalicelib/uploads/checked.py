"""What was found out about an object, and the response that says so."""

from collections.abc import Iterable
from datetime import UTC, datetime

from attrs import field, frozen

from chalicelib.telemetry import logs
from chalicelib.uploads.messages import MAX_UNCHECKED, ValidationRequest, ValidationResponse
from chalicelib.uploads.report_writer import ReportWriter
from chalicelib.uploads.reports import ReportFile
from chalicelib.uploads.storage_ports import ObjectStore
from chalicelib.validation.reading.content import Content, is_gzip
from chalicelib.validation.report import ValidationReport, storable
from chalicelib.validation.reporting.agreement import Agreement
from chalicelib.validation.reporting.subject import ReportSubject
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.schema.table_schema import Schema

MAX_REREAD_BYTES = 64 * 1024 * 1024
"""The largest object that is read again to explain errors of keys: Python reads a few megabytes a second."""

_SENTENCE_CHARACTERS = 500


@frozen(kw_only=True)
class CheckedObject:
    """What was found out about an object."""

    report: ValidationReport
    schema: Schema | None = None
    """The schema that the object was validated against; None if it was not."""
    agreement: Agreement | None = None
    """What that schema asks of a file."""
    faulty_rows: RowSet = field(factory=RowSet)
    content_sha256: str | None = None
    schema_sha256: str | None = None


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def reread(writer: ReportWriter, request: ValidationRequest, objects: ObjectStore, size: int) -> None:
    """Let the full report read a small object again, if its version is known."""
    if not writer.sink or request.version_id is None or size > MAX_REREAD_BYTES:
        return

    def content() -> Iterable[bytes]:
        """Read the same version again; it ends early if it expands too much."""
        stored = objects.open(request.bucket, request.key, request.version_id)
        return Content(stored.content, gzipped=is_gzip(request.key), max_bytes=4 * MAX_REREAD_BYTES)

    writer.sink.reread = content


def conclude(
    request: ValidationRequest, schema: str, checked: CheckedObject, writer: ReportWriter, now: datetime
) -> ValidationResponse:
    """Publish the full report, log the verdict, and return it. `schema` is the name that the object asks for."""
    report = checked.report
    filename = request.key.rpartition("/")[2]
    subject = ReportSubject(
        name=filename, schema=schema, checked_at=now, listing=ReportFile.ERRORS, agreement=checked.agreement
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
        logs.add_fields(rejectedRows=report.rejected_rows, acceptedRows=report.row_count - report.rejected_rows)
    logs.add_error_counts(report.counts_by_code)
    return ValidationResponse(
        valid=report.valid,
        error_count=report.error_count,
        errors=report.errors,
        row_count=report.row_count,
        report=prefix,
        schema=schema if checked.schema else None,
        unchecked=_shortened(report.unchecked),
        rejected_rows=report.rejected_rows,
        load=checked.schema.options.load if checked.schema and report.valid else None,
        content_sha256=checked.content_sha256,
        schema_sha256=checked.schema_sha256,
    )


def _shortened(sentences: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first sentences on what was not checked, and how many more there are."""
    first = tuple(storable(sentence, _SENTENCE_CHARACTERS) for sentence in sentences[:MAX_UNCHECKED])
    if len(sentences) <= MAX_UNCHECKED:
        return first
    return (*first[:-1], f"… and {len(sentences) - len(first) + 1:,} more")
