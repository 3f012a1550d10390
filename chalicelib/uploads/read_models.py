"""What queries return: uploads with their history, lists, errors, and what an upload is given."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from attrs import field, frozen
from attrs.converters import optional

from chalicelib.uploads.lifecycle import AttemptStatus, Status
from chalicelib.uploads.paging import Position
from chalicelib.validation.report import ErrorCode, Excerpt, ValidationError


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
        return any(error.code == ErrorCode.SYSTEM_ERROR for error in self.errors)


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
class UploadSummary:
    """An upload in a list."""

    upload_id: str
    owner: str
    filename: str
    schema: str | None
    status: Status
    attempt: int
    row_count: int | None
    error_count: int | None
    system_failure: bool
    """Whether the verdict says no more than that the file could not be checked: its one error is a `system-error`."""
    created_at: datetime
    updated_at: datetime

    @property
    def position(self) -> Position:
        """Where it is in the list."""
        return Position(created_at=self.created_at, upload_id=self.upload_id)


@frozen(kw_only=True)
class UploadPage:
    """Some uploads, newest first."""

    uploads: tuple[UploadSummary, ...]
    next: str | None
    """The cursor of the next page; None if this is the last."""


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
class UploadForm:
    """A form that puts one object into the bucket, for a browser or curl, which need no AWS account then.

    To be sent by POST as `multipart/form-data`: the fields as they are, and last the file, as the field `file`.
    """

    url: str
    fields: Mapping[str, str]
    expires_at: datetime
    max_bytes: int
    """How large the file may be; S3 refuses a larger one, and one that is empty."""


@frozen(kw_only=True)
class SignedLink:
    """An address at which whoever has it can follow one upload, and upload it anew."""

    url: str
    expires_at: datetime


@frozen(kw_only=True)
class RegisteredUpload:
    """An upload that waits for its file."""

    upload: Upload
    form: UploadForm
    link: SignedLink | None
    """None where no secret is set to sign links with."""


@frozen(kw_only=True)
class SchemaNames:
    """Which schemas there are."""

    schemas: tuple[str, ...]


@frozen(kw_only=True)
class Health:
    """That Assay can do its job, and which parts of it have been asked."""

    status: str
    database: str


def timeline(transitions: Sequence[Transition]) -> tuple[TimelineEntry, ...]:
    """Tell every step, the first one first."""
    return tuple(
        TimelineEntry(
            at=step.occurred_at,
            from_=step.from_status,
            to=step.to_status,
            attempt=step.attempt,
            actor=step.actor,
            reason=step.reason,
        )
        for step in transitions
    )


def attempts(transitions: Sequence[Transition]) -> tuple[AttemptSummary, ...]:
    """Sum up the attempts, the newest first."""
    by_attempt = groupby(transitions, key=lambda step: step.attempt)
    courses = [tuple(steps) for number, steps in by_attempt if number > 0]
    overtaken = [*(steps[0].occurred_at for steps in courses[1:]), None]
    return tuple(map(_attempt, courses, overtaken))[::-1]


def _attempt(steps: Sequence[Transition], overtaken: datetime | None) -> AttemptSummary:
    begun, last = steps[0], steps[-1]
    if last.to_status.is_verdict:
        status, ended_at = AttemptStatus(last.to_status), last.occurred_at
    elif overtaken:
        status, ended_at = AttemptStatus.SUPERSEDED, overtaken
    else:
        status, ended_at = AttemptStatus.VALIDATING, None
    return AttemptSummary(
        attempt=begun.attempt,
        execution_name=begun.execution_name,
        status=status,
        actor=begun.actor,
        reason=begun.reason,
        began_at=begun.occurred_at,
        ended_at=ended_at,
        row_count=last.row_count,
        error_count=last.error_count,
    )
