"""What the functions say to each other; the codec knows how it looks on the wire."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import Attribute, field, frozen
from attrs.converters import optional

from chalicelib.errors import FieldInvalid
from chalicelib.uploads.lifecycle import VERDICTS, AttemptStatus, Status
from chalicelib.uploads.object_key import is_upload_id
from chalicelib.uploads.rules import at_least, matching
from chalicelib.validation import MAX_ERRORS, ValidationError
from chalicelib.validation.reporting import Excerpt

_EXECUTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)

_LONGEST_REASON = 500
_REASON = matching(
    r"[^\u0000]*[^\u0000\s][^\u0000]*", f"1 to {_LONGEST_REASON} characters that say why", longest=_LONGEST_REASON
)


def _check_upload_id(_: object, attribute: "Attribute[str]", value: str) -> None:
    if not is_upload_id(value):
        raise FieldInvalid(attribute.name, "expected 1 to 64 of A-Z a-z 0-9 _ -")


def _check_execution_name(_: object, attribute: "Attribute[Any]", value: str | None) -> None:
    if value is not None and not _EXECUTION_NAME.fullmatch(value):
        raise FieldInvalid(attribute.name, "expected 1 to 80 of A-Z a-z 0-9 _ -")


def _text(most: int) -> Callable[[object, "Attribute[Any]", str | None], None]:
    """Give what checks that a text is there, in so many bytes of UTF-8 at the most."""

    def check(_: object, attribute: "Attribute[Any]", value: str | None) -> None:
        if value == "":
            raise FieldInvalid(attribute.name, "expected some text")
        if value is not None and len(value.encode(errors="surrogatepass")) > most:
            raise FieldInvalid(attribute.name, f"expected at most {most:,} bytes")

    return check


_BUCKET_BYTES, _KEY_BYTES, _VERSION_BYTES = 255, 1_024, 1_024
"""What S3 allows; buckets of old may have more than the 63 of today's."""
_EXECUTION_NAME_BYTES = 80
"""What Step Functions allows."""


def _check_count(_: object, attribute: "Attribute[Any]", value: int | None) -> None:
    if value is not None and value < 0:
        raise FieldInvalid(attribute.name, "expected a number that is not negative")


def _check_verdict(_: object, attribute: "Attribute[Status]", value: Status) -> None:
    if not value.is_verdict:
        raise FieldInvalid(attribute.name, f"expected one of {', '.join(sorted(VERDICTS))}")


def _check_error_count(update: "StatusUpdate", attribute: "Attribute[int]", value: int) -> None:
    _check_count(update, attribute, value)
    if value and update.status is Status.VALIDATED:
        raise FieldInvalid(attribute.name, "expected 0, for VALIDATED means that nothing is wrong")
    if not value and update.status is Status.VALIDATION_FAILED:
        raise FieldInvalid(attribute.name, "expected at least 1, for VALIDATION_FAILED means that something is wrong")


def _check_errors(update: "StatusUpdate", attribute: "Attribute[Any]", value: tuple[ValidationError, ...]) -> None:
    if len(value) > MAX_ERRORS:
        raise FieldInvalid(attribute.name, f"expected at most {MAX_ERRORS} errors")
    if len(value) > update.error_count:
        raise FieldInvalid(attribute.name, "expected no more errors than errorCount says")


@frozen(kw_only=True)
class ValidationRequest:
    """Asks for the verdict on an object: the input of the state machine and of its validator."""

    upload_id: str = field(validator=_check_upload_id)
    bucket: str = field(validator=_text(_BUCKET_BYTES))
    key: str = field(validator=_text(_KEY_BYTES))
    version_id: str | None = field(default=None, validator=_text(_VERSION_BYTES))
    """The version to read; None for whichever is there."""
    execution_name: str | None = field(default=None, validator=_check_execution_name)
    """The execution that asks, under whose name the full report is written; None for no report."""


@frozen(kw_only=True)
class ValidationResponse:
    """The verdict on an object. `error_count` is exact; `errors` holds the first ones."""

    valid: bool
    error_count: int = field(validator=_check_count)
    errors: tuple[ValidationError, ...]
    row_count: int = field(validator=_check_count)
    report: str | None = None
    """What the keys of the full report begin with; None if there is none."""


@frozen(kw_only=True)
class StatusUpdate:
    """The verdict that an execution reached on its attempt."""

    upload_id: str = field(validator=_check_upload_id)
    status: Status = field(validator=_check_verdict)
    execution_name: str = field(validator=_text(_EXECUTION_NAME_BYTES))
    error_count: int = field(default=0, validator=_check_error_count)
    errors: tuple[ValidationError, ...] = field(default=(), validator=_check_errors)
    row_count: int | None = field(default=None, validator=_check_count)
    """None if the file could not be read to its end."""


@frozen(kw_only=True)
class StatusReply:
    """The status in which an upload is after an update."""

    upload_id: str
    status: Status


@frozen(kw_only=True)
class AttemptSummary:
    """One attempt at an upload, and what came of it."""

    attempt: int
    execution_name: str | None
    status: AttemptStatus
    actor: str | None
    """Who began it; None if that was before anybody wrote it down."""
    reason: str | None
    began_at: datetime
    ended_at: datetime | None
    row_count: int | None
    error_count: int | None


@frozen(kw_only=True)
class TimelineEntry:
    """One step that an upload has taken."""

    at: datetime
    from_: Status | None
    """None where the upload begins."""
    to: Status
    attempt: int
    actor: str | None
    reason: str | None


@frozen(kw_only=True)
class Upload:
    """What is known of an upload."""

    upload_id: str
    owner: str
    bucket: str
    key: str
    filename: str
    schema: str | None
    """The dataset that it was registered for; None of a file that came without."""
    status: Status
    attempt: int
    """How many attempts have begun."""
    execution_name: str | None
    """That of the present attempt; None if none has begun."""
    row_count: int | None
    error_count: int | None
    errors: tuple[ValidationError, ...]
    """The first hundred."""
    created_at: datetime
    updated_at: datetime
    attempts: tuple[AttemptSummary, ...]
    """The latest hundred, the newest first."""
    timeline: tuple[TimelineEntry, ...]
    """The steps of these attempts, the first one first."""

    @property
    def system_failure(self) -> bool:
        """Whether the verdict says no more than that the file could not be checked; such an error is the only one."""
        return any(error.code == "system-error" for error in self.errors)


@frozen(kw_only=True)
class Verdict:
    """A verdict that is on record, as others are told of it: names and counts, no cells and no messages."""

    upload_id: str
    owner: str
    bucket: str
    key: str
    filename: str
    status: Status = field(converter=Status, validator=_check_verdict)
    system_failure: bool
    """Whether VALIDATION_FAILED says nothing of the file, for it could not be checked."""
    attempt: int
    execution_name: str
    row_count: int | None
    """None if the file could not be read to its end."""
    error_count: int
    actor: str
    """Who recorded it: the execution, or whoever settled the upload in its place."""
    began_at: datetime
    """When the attempt was recorded."""
    occurred_at: datetime
    """When the verdict was."""


@frozen(kw_only=True)
class ReportedError(ValidationError):
    """An error, with what the full report shows of its record."""

    record: Excerpt | None
    """None where the record was no longer at hand when the error was found, as with those of keys; or where there is no
    full report."""


@frozen(kw_only=True)
class ErrorPage:
    """Some errors of an upload, in the order in which they were found."""

    errors: tuple[ReportedError, ...]
    error_count: int | None
    """How many there are in the file, whether they have been kept or not; None as long as there is no verdict."""
    next: str | None
    """The cursor of the next page; None if no more have been kept."""


@frozen(kw_only=True)
class SharedReport:
    """A part of the full report, for whoever has the address."""

    url: str
    expires_in: int
    """In seconds."""


@frozen(kw_only=True)
class Transition:
    """A step that an upload has taken, as the audit has it."""

    attempt: int
    execution_name: str | None
    from_status: Status | None = field(converter=optional(Status))
    """None where the upload begins."""
    to_status: Status = field(converter=Status)
    row_count: int | None
    error_count: int | None
    actor: str | None
    """Who moved it; None if that was before anybody wrote it down."""
    reason: str | None
    occurred_at: datetime


@frozen(kw_only=True)
class ReplayRequest:
    """Asks for a new attempt at an upload."""

    reason: str = field(validator=_REASON)
    attempt: int | None = field(default=None, validator=at_least(0))
    """The attempt that is to be replaced, so that a request that is sent twice begins one; None for any."""


@frozen(kw_only=True)
class Health:
    """That Assay can do its job, and which parts of it have been asked."""

    status: str
    database: str
