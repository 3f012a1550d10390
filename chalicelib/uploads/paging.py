"""Pages of uploads and of errors: the queries, and the cursors that lead from page to page."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Self

from attrs import field, frozen

from chalicelib.uploads.field_validators import FieldValidator, between, matching
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.object_key import SEGMENT, is_upload_id

MAX_UPLOADS = 100
"""The most uploads on a page."""
MAX_ERRORS = 1000
"""The most errors on a page."""


@frozen(kw_only=True)
class Position:
    """A position in the list of all uploads, newest first: after the upload with these values."""

    created_at: datetime
    upload_id: str

    @classmethod
    def parse(cls, cursor: str) -> Self:
        """Parse a cursor; raises ValueError if it is not one that `str` wrote."""
        created_at, upload_id = json.loads(urlsafe_b64decode(cursor.encode("ascii")))
        moment = datetime.fromisoformat(str(created_at))
        if moment.tzinfo is None or not is_upload_id(str(upload_id)):
            raise ValueError(cursor)
        return cls(created_at=moment, upload_id=str(upload_id))

    def __str__(self) -> str:
        """Return the cursor of this position."""
        return urlsafe_b64encode(json.dumps([self.created_at.isoformat(), self.upload_id]).encode()).decode()


def _cursor(parse: Callable[[str], object], name: str) -> FieldValidator:
    def is_cursor(text: str) -> bool:
        try:
            parse(text)
        except (ValueError, TypeError, RecursionError):
            return False
        return True

    return FieldValidator(is_cursor, "what came as `next` with the last page", {"format": name})


_PART = matching(r"[^\u0000-\u001f]+", "1 to 255 characters, without control characters", longest=255)
"""Part of a name that uploads are searched for."""


@frozen(kw_only=True)
class UploadQuery:
    """Asks for uploads, newest first; None means any."""

    owner: str | None = field(default=None, validator=SEGMENT)
    owner_contains: str | None = field(default=None, validator=_PART)
    """Part of the owner, whatever the case of its letters."""
    filename_contains: str | None = field(default=None, validator=_PART)
    """Part of the file's name, whatever the case of its letters."""
    status: Status | None = None
    created_after: datetime | None = None
    """Created at that time or later."""
    created_before: datetime | None = None
    """Created before that time."""
    limit: int = field(default=20, validator=between(1, MAX_UPLOADS))
    cursor: str | None = field(default=None, validator=_cursor(Position.parse, "list-cursor"))

    @property
    def after(self) -> Position | None:
        """Where the page begins; None for the newest upload."""
        return None if self.cursor is None else Position.parse(self.cursor)


_FARTHEST = 2**40
"""Beyond the end of any report; S3 ignores a range with more digits than it can parse."""


class ErrorSource(StrEnum):
    """Where the errors on a page come from: the full report, or the database."""

    REPORT = "report"
    RECORD = "record"


@frozen(kw_only=True)
class ErrorPosition:
    """A position among the errors of an attempt: a byte of the report, or an index in the database."""

    attempt: int
    source: ErrorSource
    start: int

    @classmethod
    def parse(cls, cursor: str) -> Self:
        """Parse a cursor; raises ValueError if it is not one that `str` wrote."""
        attempt, source, start = json.loads(urlsafe_b64decode(cursor.encode("ascii")))
        if type(attempt) is not int or type(start) is not int or not 0 <= start <= _FARTHEST:
            raise ValueError(cursor)
        return cls(attempt=attempt, source=ErrorSource(source), start=start)

    def __str__(self) -> str:
        """Return the cursor of this position."""
        return urlsafe_b64encode(json.dumps([self.attempt, self.source, self.start]).encode()).decode()


@frozen(kw_only=True)
class ErrorQuery:
    """Asks for errors of an upload, in the order in which they were found."""

    limit: int = field(default=100, validator=between(1, MAX_ERRORS))
    cursor: str | None = field(default=None, validator=_cursor(ErrorPosition.parse, "error-cursor"))

    @property
    def after(self) -> ErrorPosition | None:
        """Where the page begins; None for the first error."""
        return None if self.cursor is None else ErrorPosition.parse(self.cursor)
