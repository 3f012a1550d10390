"""Queries: uploads, their errors, reports and history, schemas, and health."""

from collections.abc import Mapping
from typing import Any

from attrs import asdict, evolve, frozen

from chalicelib.errors import FieldInvalid, ReportUnavailable, UploadNotFound
from chalicelib.telemetry import logs
from chalicelib.uploads.object_key import is_upload_id
from chalicelib.uploads.paging import ErrorPosition, ErrorQuery, ErrorSource, UploadQuery
from chalicelib.uploads.ports import ReportStore, SchemaRepository, Uploads
from chalicelib.uploads.read_models import (
    ErrorPage,
    Health,
    ReportedError,
    SchemaNames,
    SharedReport,
    Transition,
    Upload,
    UploadPage,
)
from chalicelib.uploads.reports import ReportFile, current_report_location
from chalicelib.validation.descriptor import Node, refuse_too_deep


@frozen(kw_only=True)
class FindUpload:
    """Looks an upload up."""

    uploads: Uploads

    def __call__(self, upload_id: str, owner: str | None = None) -> Upload:
        """Give what is known of the upload; raises UploadNotFound.

        Where an owner is given, another's upload is none: whoever asks does not even learn that it is there.
        """
        if not is_upload_id(upload_id):
            raise UploadNotFound("an upload id is 1 to 64 of A-Z a-z 0-9 _ -")
        logs.note(uploadId=upload_id)
        upload = self.uploads.find(upload_id)
        if owner not in {None, upload.owner}:
            raise UploadNotFound(f"there is no upload {upload_id}")
        return upload


@frozen(kw_only=True)
class ListUploads:
    """Pages through the uploads."""

    uploads: Uploads

    def __call__(self, query: UploadQuery, owner: str | None = None) -> UploadPage:
        """Give the page that is asked for; nothing of anybody else's, if an owner is given."""
        if owner is None:
            return self.uploads.page(query)
        if query.owner not in {None, owner}:
            return UploadPage(uploads=(), next=None)
        return self.uploads.page(evolve(query, owner=owner))


PAGE_BYTES = 1024 * 1024
"""So much of the report is on one page at the most, or one error: Lambda answers with 6 MB, escapes and all."""


@frozen(kw_only=True)
class ListErrors:
    """Gives the errors of the present attempt: out of the full report, each with its record, or else the first ones.

    From wherever one left off: nothing before that is read.
    """

    uploads: Uploads
    reports: ReportStore

    def __call__(self, upload_id: str, query: ErrorQuery, owner: str | None = None) -> ErrorPage:
        """Give the page that is asked for; none as long as there is no verdict.

        Raises UploadNotFound, ObjectForbidden or StorageUnavailable; and FieldInvalid if the cursor is one of another
        attempt, or of a report that is gone.
        """
        upload = FindUpload(uploads=self.uploads)(upload_id, owner)
        if query.after is not None:
            return self._from(query.after, upload, query.limit)
        if not upload.error_count:
            return ErrorPage(errors=(), error_count=upload.error_count, next=None)
        try:
            return self._reported(upload, 0, query.limit)
        except ReportUnavailable:
            return _recorded(upload, 0, query.limit)

    def _from(self, after: ErrorPosition, upload: Upload, limit: int) -> ErrorPage:
        """Go on where the page before came from: elsewhere the place means nothing."""
        if after.attempt != upload.attempt:
            raise FieldInvalid("cursor", "expected one of the present attempt: begin anew without it")
        if after.source is ErrorSource.RECORD:
            return _recorded(upload, after.start, limit)
        try:
            return self._reported(upload, after.start, limit)
        except ReportUnavailable as error:
            raise FieldInvalid("cursor", "the report that it leads into is gone: begin anew without it") from error

    def _reported(self, upload: Upload, start: int, limit: int) -> ErrorPage:
        """Read errors of the full report from a byte on."""
        errors: list[ReportedError] = []
        end = start
        for error, behind in self.reports.errors(current_report_location(upload), start):
            if len(errors) == limit or (errors and behind - start > PAGE_BYTES):
                return _page(upload, errors, ErrorSource.REPORT, end)
            errors.append(error)
            end = behind
        return _page(upload, errors, ErrorSource.REPORT, None)


def _recorded(upload: Upload, start: int, limit: int) -> ErrorPage:
    """Give errors that are kept beside the verdict, from the one on before which so many are."""
    end = start + limit
    errors = [ReportedError(**asdict(error, recurse=False), record=None) for error in upload.errors[start:end]]
    return _page(upload, errors, ErrorSource.RECORD, end if end < len(upload.errors) else None)


def _page(upload: Upload, errors: list[ReportedError], source: ErrorSource, end: int | None) -> ErrorPage:
    following = None if end is None else str(ErrorPosition(attempt=upload.attempt, source=source, start=end))
    return ErrorPage(errors=tuple(errors), error_count=upload.error_count, next=following)


SHARED_SECONDS = 300
"""How long an address can be used: enough to open it, and too short to be found in somebody's history."""


@frozen(kw_only=True)
class ShareReport:
    """Gives addresses of reports; whoever has one can read the report, so each is good for a short time only."""

    uploads: Uploads
    reports: ReportStore

    def __call__(self, upload_id: str, file: ReportFile = ReportFile.PAGE, owner: str | None = None) -> SharedReport:
        """Give an address for a part of the report on the present attempt.

        Raises UploadNotFound, ReportUnavailable, ObjectForbidden or StorageUnavailable.
        """
        place = current_report_location(FindUpload(uploads=self.uploads)(upload_id, owner))
        logs.note(execution=place.execution_name)
        url = self.reports.share(place, file, SHARED_SECONDS)
        return SharedReport(url=url, expires_in=SHARED_SECONDS)


@frozen(kw_only=True)
class TraceUpload:
    """Reads the audit."""

    uploads: Uploads

    def __call__(self, upload_id: str) -> tuple[Transition, ...]:
        """Give the steps of an upload, the first one first; raises UploadNotFound."""
        if steps := self.uploads.transitions(upload_id):
            return steps
        raise UploadNotFound(f"there is no upload {upload_id}")


@frozen(kw_only=True)
class ShowSchemas:
    """Looks into the catalogue of schemas."""

    schemas: SchemaRepository

    def names(self) -> SchemaNames:
        """Give the names of all schemas; raises StorageUnavailable."""
        return SchemaNames(schemas=self.schemas.names())

    def descriptor(self, name: str) -> Mapping[str, Any]:
        """Give a schema's descriptor; raises SchemaUnknown with the names there are, SchemaInvalid, or Unavailable."""
        descriptor = self.schemas.load(name)
        # What is broken in another way is shown, so that one sees it; this could not be written as an answer.
        refuse_too_deep(Node(descriptor))
        return descriptor


@frozen(kw_only=True)
class CheckHealth:
    """Asks the parts that everything depends on."""

    uploads: Uploads

    def __call__(self) -> Health:
        """Say that all is well; raises DatabaseUnavailable if it is not."""
        self.uploads.ping()
        return Health(status="ok", database="ok")
