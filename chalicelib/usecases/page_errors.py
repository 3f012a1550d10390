"""Page through the errors of an upload that its record has."""

from attrs import frozen

from chalicelib.domain.listing import ErrorPosition, ErrorQuery, RecordedErrors
from chalicelib.domain.ports import UploadStatusRepository
from chalicelib.errors import FieldInvalid
from chalicelib.usecases.find_upload import FindUpload


@frozen(kw_only=True)
class PageErrors:
    """Gives the first errors of the present attempt, as many as are kept beside its verdict."""

    uploads: UploadStatusRepository

    def __call__(self, upload_id: str, query: ErrorQuery, owner: str | None = None) -> RecordedErrors:
        """Give the page that is asked for; none as long as there is no verdict.

        Raises UploadNotFound, and FieldInvalid if the cursor is one of another attempt.
        """
        upload = FindUpload(uploads=self.uploads)(upload_id, owner)
        after = query.after or ErrorPosition(attempt=upload.attempt, index=0)
        if after.attempt != upload.attempt:
            raise FieldInvalid("cursor", "expected one of the present attempt: begin anew without it")
        end = after.index + query.limit
        more = end < len(upload.errors)
        return RecordedErrors(
            errors=upload.errors[after.index : end],
            error_count=upload.error_count,
            next=str(ErrorPosition(attempt=upload.attempt, index=end)) if more else None,
        )
