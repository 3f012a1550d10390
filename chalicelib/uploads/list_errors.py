"""Page through the errors of an upload."""

from attrs import asdict, frozen

from chalicelib.errors import FieldInvalid, ReportUnavailable
from chalicelib.uploads.contracts import ErrorPage, ReportedError, Upload
from chalicelib.uploads.find_upload import FindUpload
from chalicelib.uploads.listing import ErrorPosition, ErrorQuery, ErrorSource
from chalicelib.uploads.ports import ReportStore, UploadStatusRepository
from chalicelib.uploads.present_report import present_report

PAGE_BYTES = 1024 * 1024
"""So much of the report is on one page at the most, or one error: Lambda answers with 6 MB, escapes and all."""


@frozen(kw_only=True)
class ListErrors:
    """Gives the errors of the present attempt: out of the full report, each with its record, or else the first ones.

    From wherever one left off: nothing before that is read.
    """

    uploads: UploadStatusRepository
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
        for error, behind in self.reports.errors(present_report(upload), start):
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
