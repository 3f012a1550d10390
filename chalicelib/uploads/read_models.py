"""What queries return: uploads with their history, pages of uploads and errors, forms and links."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from attrs import field, frozen
from attrs.converters import optional

from chalicelib.uploads.lifecycle import AttemptStatus, Status
from chalicelib.uploads.paging import Position
from chalicelib.validation.repair.changes import Header, LayoutRepair, Repair
from chalicelib.validation.report import ErrorCode, ReportedError, ValidationError
from chalicelib.validation.reporting.causes import ErrorCause


@frozen(kw_only=True)
class AttemptSummary:
    """One attempt at an upload, and its result."""

    attempt: int
    execution_name: str | None
    status: AttemptStatus
    actor: str | None
    """Who began it; None for attempts from before actors were recorded."""
    reason: str | None
    began_at: datetime
    ended_at: datetime | None
    row_count: int | None
    error_count: int | None
    system_failure: bool
    """Whether its verdict only says that the file could not be checked: a verdict on a file counts its rows."""


@frozen(kw_only=True)
class TimelineEntry:
    """One transition of an upload."""

    at: datetime
    from_: Status | None
    """None for the first transition."""
    to: Status
    attempt: int
    actor: str | None
    reason: str | None


@frozen(kw_only=True)
class PartsProgress:
    """How much of a large file has been read, which is validated in parts."""

    done: int
    """The number of parts that have been read."""
    of: int
    """The number of parts of the file."""


@frozen(kw_only=True)
class Upload:
    """An upload with its history."""

    upload_id: str
    owner: str
    bucket: str
    key: str
    filename: str
    schema: str | None
    """The dataset: the schema that the current attempt was validated against, or else the one that the upload is
    registered for. None for a file that was put without registration, and has no verdict."""
    status: Status
    attempt: int
    """The number of the current attempt; 0 before the first."""
    execution_name: str | None
    """The execution of the current attempt; None before the first."""
    row_count: int | None
    error_count: int | None
    errors: tuple[ValidationError, ...]
    """The first hundred."""
    unchecked: tuple[str, ...]
    """What the schema requires and was not checked, each with its path in the schema and the reason."""
    rejected_rows: int | None = None
    """How many rows are faulty; None without options of the schema, or if an error concerns the header or the file."""
    content_sha256: str | None = None
    """The SHA-256 of the object's bytes; None if it was not read to its end."""
    schema_sha256: str | None = None
    """The SHA-256 of the schema that the file was validated against."""
    same_as: str | None = None
    """The first upload of the same owner that had the same content and dataset; None if there is no earlier one."""
    loaded_rows: int | None = None
    """How many rows the current attempt loaded; None if it has loaded none, or its dataset asks for no load."""
    loaded_table: str | None = None
    """The table that they were loaded into."""
    parts: PartsProgress | None = None
    """How many parts have been read while the file is validated in parts; otherwise, or if that is unknown, None."""
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    """Until when a PENDING upload is expected to get its file; None in any other status."""
    attempts: tuple[AttemptSummary, ...]
    """The latest hundred, newest first."""
    timeline: tuple[TimelineEntry, ...]
    """The transitions of these attempts, oldest first."""

    @property
    def system_failure(self) -> bool:
        """Whether the verdict only says that the file could not be checked; its error is then the only one."""
        return any(error.code == ErrorCode.SYSTEM_ERROR for error in self.errors)


@frozen(kw_only=True)
class Transition:
    """A transition of an upload, as in the audit."""

    attempt: int
    execution_name: str | None
    from_status: Status | None = field(converter=optional(Status))
    """None for the first transition."""
    to_status: Status = field(converter=Status)
    row_count: int | None
    error_count: int | None
    actor: str | None
    """Who caused it; None for transitions from before actors were recorded."""
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
    rejected_rows: int | None = None
    system_failure: bool
    """Whether the verdict only says that the file could not be checked: its one error is a `system-error`."""
    created_at: datetime
    updated_at: datetime

    @property
    def position(self) -> Position:
        """Its position in the list."""
        return Position(created_at=self.created_at, upload_id=self.upload_id)


@frozen(kw_only=True)
class UploadPage:
    """A page of uploads, newest first."""

    uploads: tuple[UploadSummary, ...]
    next: str | None
    """The cursor of the next page; None on the last page."""


@frozen(kw_only=True)
class ErrorPage:
    """A page of the errors of an upload, in the order in which they were found."""

    errors: tuple[ReportedError, ...]
    error_count: int | None
    """The number of errors in the file, listed or not; None while there is no verdict."""
    next: str | None
    """The cursor of the next page; None on the last page."""
    repairs: tuple[Repair, ...] = ()
    """What would mend errors, on the first page alone: by column, and in each in the order of application."""
    layout: tuple[LayoutRepair, ...] = ()
    """What would mend the file as a whole, on the first page alone, in the order of application."""
    header: Header | None = None
    """The labels found and expected, on the first page alone, and only if the header is in error."""


@frozen(kw_only=True)
class ErrorCauses:
    """What is wrong with the file of an upload, the most frequent first."""

    causes: tuple[ErrorCause, ...]
    cause_count: int
    """The number of causes, listed or not."""
    error_count: int | None
    """The number of errors in the file; None while there is no verdict."""
    counted: int
    """How many errors the counts include: all, or the first hundred if there is no full report."""


@frozen(kw_only=True)
class SharedReport:
    """A URL of a file of the full report, which anyone who has it can read."""

    url: str
    expires_in: int
    """In seconds."""


@frozen(kw_only=True)
class SharedResult:
    """A URL of the accepted or the rejected rows, which anyone who has it can read."""

    url: str
    expires_in: int
    """In seconds."""


@frozen(kw_only=True)
class UploadForm:
    """A form with which a browser or curl uploads one object, without an AWS account.

    Send it by POST as `multipart/form-data`: first the fields, unchanged, and last the file, as the field `file`.
    """

    url: str
    fields: Mapping[str, str]
    expires_at: datetime
    max_bytes: int
    """The largest size of the file; S3 refuses a larger file, and an empty one."""


@frozen(kw_only=True)
class SignedLink:
    """A URL with which anyone can follow one upload, and replace its file."""

    url: str
    expires_at: datetime


@frozen(kw_only=True)
class RegisteredUpload:
    """An upload that waits for its file."""

    upload: Upload
    form: UploadForm
    link: SignedLink | None
    """None if the deployment has no secret to sign links with."""


@frozen(kw_only=True)
class BrokenSchema:
    """A schema that no file can be validated against."""

    name: str
    reason: str
    """The path in the descriptor, and what is wrong there."""


@frozen(kw_only=True)
class SchemaNames:
    """The names of all schemas, and which of them are broken."""

    schemas: tuple[str, ...]
    broken: tuple[BrokenSchema, ...]


@frozen(kw_only=True)
class Health:
    """That Assay works, and which parts were checked."""

    status: str
    database: str


def timeline(transitions: Sequence[Transition]) -> tuple[TimelineEntry, ...]:
    """Return the transitions as entries of a timeline, in order."""
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
    """Summarize the attempts, newest first."""
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
        system_failure=status is AttemptStatus.VALIDATION_FAILED and last.row_count is None,
    )
