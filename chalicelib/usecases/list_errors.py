"""Page through all errors of an upload that the full report has."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import islice

from attrs import frozen

from chalicelib.domain.contracts import ErrorPage
from chalicelib.domain.ports import ReportStore, UploadStatusRepository
from chalicelib.errors import FieldInvalid
from chalicelib.usecases.find_upload import FindUpload
from chalicelib.usecases.present_report import present_report

MOST_LISTED = 1000
"""So many errors are on one page at the most."""
USUALLY_LISTED = 100


@frozen(kw_only=True)
class ListErrors:
    """Gives errors with what is shown of their records, from wherever one left off: nothing before that is read."""

    uploads: UploadStatusRepository
    reports: ReportStore

    def __call__(self, upload_id: str, *, limit: int = USUALLY_LISTED, cursor: str | None = None) -> ErrorPage:
        """Give the next errors of the present attempt, 1 to MOST_LISTED; without a cursor, the first ones.

        Raises UploadNotFound, ReportUnavailable, ObjectForbidden or StorageUnavailable; and FieldInvalid if the limit
        is out of range, or the cursor none of ours or one of an earlier attempt.
        """
        if not 1 <= limit <= MOST_LISTED:
            raise FieldInvalid("limit", f"expected 1 to {MOST_LISTED}")
        place = present_report(FindUpload(uploads=self.uploads)(upload_id))
        start = _offset(cursor, place.execution_name) if cursor is not None else 0
        found = list(islice(self.reports.errors(place, start), limit + 1))
        is_last = len(found) <= limit
        return ErrorPage(
            errors=tuple(error for error, _ in found[:limit]),
            cursor=None if is_last else _cursor(found[limit - 1][1], place.execution_name),
        )


def _cursor(offset: int, execution_name: str) -> str:
    """Write down where to go on, and in the errors of which execution."""
    return urlsafe_b64encode(f"{offset}:{execution_name}".encode()).decode()


def _offset(cursor: str, execution_name: str) -> int:
    try:
        offset, _, attempt = urlsafe_b64decode(cursor).decode().partition(":")
    except ValueError as error:
        raise FieldInvalid("cursor", "expected one that came with a page of errors") from error
    if not (offset.isascii() and offset.isdecimal() and attempt):
        raise FieldInvalid("cursor", "expected one that came with a page of errors")
    if attempt != execution_name:
        raise FieldInvalid("cursor", "it is of an earlier attempt: begin anew without it")
    return int(offset)
