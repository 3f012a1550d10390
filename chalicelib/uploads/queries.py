"""Queries: uploads, their errors, reports and history, and the schemas.

Where an `owner` is given, the uploads of others do not exist for the caller: not even their ids are confirmed.
"""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from attrs import asdict, evolve

from chalicelib import validation
from chalicelib.errors import FieldInvalid, ReportUnavailable, SchemaInvalid, SchemaUnknown, UploadNotFound
from chalicelib.telemetry import logs
from chalicelib.uploads.object_key import is_upload_id
from chalicelib.uploads.paging import ErrorPosition, ErrorQuery, ErrorSource, UploadQuery
from chalicelib.uploads.ports import UploadQueries
from chalicelib.uploads.read_models import (
    BrokenSchema,
    ErrorCauses,
    ErrorPage,
    SchemaNames,
    SharedReport,
    SharedResult,
    Transition,
    Upload,
    UploadPage,
)
from chalicelib.uploads.reports import ReportFormat, current_report_location
from chalicelib.uploads.results import ResultPart, current_result_location
from chalicelib.uploads.storage_ports import ReportStore, ResultStore, SchemaRepository
from chalicelib.validation.descriptor import Node, refuse_too_deep
from chalicelib.validation.report import ReportedError
from chalicelib.validation.reporting.agreement import Agreement
from chalicelib.validation.reporting.causes import Examples

PAGE_BYTES = 1024 * 1024
"""The most that a page of errors takes of the full report, unless one error is larger: Lambda answers with 6 MB."""

_LOADED_AT_ONCE = 8
SHARED_SECONDS = 300
"""How long the URL of a report is valid: long enough to open it, and too short to be found in a history."""


def find_upload(upload_id: str, *, owner: str | None = None, uploads: UploadQueries) -> Upload:
    """Return an upload; raises UploadNotFound."""
    if not is_upload_id(upload_id):
        raise UploadNotFound("an upload id is 1 to 64 of A-Z a-z 0-9 _ -")
    logs.add_fields(uploadId=upload_id)
    upload = uploads.find(upload_id)
    if owner not in {None, upload.owner}:
        raise UploadNotFound(f"there is no upload {upload_id}")
    return upload


def list_uploads(query: UploadQuery, *, owner: str | None = None, uploads: UploadQueries) -> UploadPage:
    """Return a page of uploads, newest first."""
    if owner is None:
        return uploads.page(query)
    if query.owner not in {None, owner}:
        return UploadPage(uploads=(), next=None)
    return uploads.page(evolve(query, owner=owner))


def trace_upload(upload_id: str, *, uploads: UploadQueries) -> tuple[Transition, ...]:
    """Return every transition of an upload, in order; raises UploadNotFound."""
    if transitions := uploads.transitions(upload_id):
        return transitions
    raise UploadNotFound(f"there is no upload {upload_id}")


def list_errors(
    upload_id: str, query: ErrorQuery, *, owner: str | None = None, uploads: UploadQueries, reports: ReportStore
) -> ErrorPage:
    """Return a page of the errors of the current attempt; an empty one while there is no verdict.

    The errors come from the full report, each with its record, or from the database if there is no report. Nothing
    before the cursor is read.

    Raises UploadNotFound, ObjectForbidden or StorageUnavailable; and FieldInvalid if the cursor belongs to another
    attempt, or to a report that no longer exists.
    """
    upload = find_upload(upload_id, owner=owner, uploads=uploads)
    if query.after is not None:
        return _errors_after(query.after, upload, query.limit, reports)
    if not upload.error_count:
        return ErrorPage(errors=(), error_count=upload.error_count, next=None)
    try:
        page = _reported_errors(upload, 0, query.limit, reports)
        found = reports.repairs(current_report_location(upload))
        return evolve(page, repairs=found.repairs, layout=found.layout, header=found.header)
    except ReportUnavailable:
        return _recorded_errors(upload, 0, query.limit)


def _errors_after(after: ErrorPosition, upload: Upload, limit: int, reports: ReportStore) -> ErrorPage:
    """Continue in the source of the previous page: the position means nothing in the other one."""
    if after.attempt != upload.attempt:
        raise FieldInvalid("cursor", "expected one of the current attempt: start again without a cursor")
    if after.source is ErrorSource.RECORD:
        return _recorded_errors(upload, after.start, limit)
    try:
        return _reported_errors(upload, after.start, limit, reports)
    except ReportUnavailable as error:
        raise FieldInvalid("cursor", "its report no longer exists: start again without a cursor") from error


def _reported_errors(upload: Upload, start: int, limit: int, reports: ReportStore) -> ErrorPage:
    """Read errors from the full report, from byte `start` on."""
    errors: list[ReportedError] = []
    end = start
    for error, following in reports.errors(current_report_location(upload), start):
        if len(errors) == limit or (errors and following - start > PAGE_BYTES):
            return _error_page(upload, errors, ErrorSource.REPORT, end)
        errors.append(error)
        end = following
    return _error_page(upload, errors, ErrorSource.REPORT, None)


def _recorded_errors(upload: Upload, start: int, limit: int) -> ErrorPage:
    """Return the errors that are recorded with the verdict, from index `start` on."""
    end = start + limit
    errors = [ReportedError(**asdict(error, recurse=False), record=None) for error in upload.errors[start:end]]
    return _error_page(upload, errors, ErrorSource.RECORD, end if end < len(upload.errors) else None)


def _error_page(upload: Upload, errors: list[ReportedError], source: ErrorSource, end: int | None) -> ErrorPage:
    following = None if end is None else str(ErrorPosition(attempt=upload.attempt, source=source, start=end))
    return ErrorPage(errors=tuple(errors), error_count=upload.error_count, next=following)


def find_causes(
    upload_id: str, *, owner: str | None = None, uploads: UploadQueries, reports: ReportStore
) -> ErrorCauses:
    """Return what is wrong with the file of the current attempt: counted in full if there is a full report.

    Raises UploadNotFound, ObjectForbidden or StorageUnavailable.
    """
    upload = find_upload(upload_id, owner=owner, uploads=uploads)
    if upload.error_count and not upload.system_failure:
        with suppress(ReportUnavailable):
            return reports.causes(current_report_location(upload))
    examples, counts = Examples(), Counter((error.column, error.code) for error in upload.errors)
    return ErrorCauses(
        causes=examples.causes(counts, upload.errors),
        cause_count=len(counts),
        error_count=upload.error_count,
        counted=len(upload.errors),
    )


def share_report(
    upload_id: str,
    format_: ReportFormat = ReportFormat.HTML,
    *,
    owner: str | None = None,
    uploads: UploadQueries,
    reports: ReportStore,
) -> SharedReport:
    """Return a URL of one file of the full report on the current attempt; anyone who has the URL can read it.

    Raises UploadNotFound, ReportUnavailable, ObjectForbidden or StorageUnavailable.
    """
    location = current_report_location(find_upload(upload_id, owner=owner, uploads=uploads))
    logs.add_fields(execution=location.execution_name)
    url = reports.share(location, format_.file, SHARED_SECONDS, is_shown=format_.is_shown)
    return SharedReport(url=url, expires_in=SHARED_SECONDS)


def share_result(
    upload_id: str, part: ResultPart, *, owner: str | None = None, uploads: UploadQueries, results: ResultStore
) -> SharedResult:
    """Return a URL of the accepted or the rejected rows of the current attempt; anyone who has the URL can read it.

    Raises UploadNotFound, ResultUnavailable, ObjectForbidden or StorageUnavailable.
    """
    location = current_result_location(find_upload(upload_id, owner=owner, uploads=uploads))
    logs.add_fields(execution=location.execution_name)
    return SharedResult(url=results.share(location, part.file, SHARED_SECONDS), expires_in=SHARED_SECONDS)


def list_schemas(*, schemas: SchemaRepository) -> SchemaNames:
    """Return the names of all schemas, and the broken ones with their reasons; raises Unavailable."""
    names = schemas.names()
    with ThreadPoolExecutor(max_workers=_LOADED_AT_ONCE) as loading:
        reasons = loading.map(lambda name: _fault(name, schemas), names)
        broken = [BrokenSchema(name=name, reason=reason) for name, reason in zip(names, reasons, strict=True) if reason]
    return SchemaNames(schemas=names, broken=tuple(broken))


def _fault(name: str, schemas: SchemaRepository) -> str | None:
    """Return why a schema is invalid; None if it is valid, or was deleted meanwhile."""
    try:
        validation.Schema.from_descriptor(schemas.load(name))
    except SchemaInvalid as error:
        return str(error)
    except SchemaUnknown:
        return None
    return None


def find_agreement(name: str, *, schemas: SchemaRepository) -> Agreement:
    """Return what a schema asks of a file; raises SchemaUnknown, SchemaInvalid or Unavailable."""
    from chalicelib.validation.reporting.schema_agreement import agreement_of  # noqa: PLC0415 - it loads the schema compiler

    return agreement_of(name, schemas.load(name))


def find_schema(name: str, *, schemas: SchemaRepository) -> Mapping[str, Any]:
    """Return a schema's descriptor; raises SchemaUnknown with the names that exist, SchemaInvalid, or Unavailable."""
    descriptor = schemas.load(name)
    # A descriptor that is invalid in another way is returned, so that it can be seen; this one could not be encoded.
    refuse_too_deep(Node(descriptor))
    return descriptor
