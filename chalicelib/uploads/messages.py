"""Messages between the functions, and requests to the API; the codec defines their format on the wire."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Self

from attrs import Attribute, field, frozen

from chalicelib.errors import FieldInvalid
from chalicelib.schemas import NAME
from chalicelib.uploads.field_validators import at_least, matching
from chalicelib.uploads.lifecycle import VERDICTS, Status
from chalicelib.uploads.object_key import SEGMENT, is_upload_id
from chalicelib.uploads.parts.location import PartsLocation
from chalicelib.uploads.parts.readings import PlannedParts
from chalicelib.uploads.splitting.planned import PlannedSplit
from chalicelib.uploads.task_failure import TaskFailure
from chalicelib.validation.report import MAX_ERRORS, ValidationError
from chalicelib.validation.schema.dataset_options import Load

_SCHEMA = matching(NAME, "the name of a schema: 1 to 64 letters, digits, _, ., @ or -", longest=64)
_SHA256 = matching("[0-9a-f]{64}", "a SHA-256 in 64 hexadecimal digits", longest=64)
_EXECUTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)

MAX_UNCHECKED = 20
"""How many sentences say what was not checked."""
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
    """Return a validator of a text that is not empty and has at most that many bytes of UTF-8."""

    def check(_: object, attribute: "Attribute[Any]", value: str | None) -> None:
        if value == "":
            raise FieldInvalid(attribute.name, "expected some text")
        if value is not None and len(value.encode(errors="surrogatepass")) > most:
            raise FieldInvalid(attribute.name, f"expected at most {most:,} bytes")

    return check


UPLOAD_ID = _check_upload_id
BUCKET, KEY, VERSION = _text(255), _text(1_024), _text(1_024)
"""What S3 allows; the names of old buckets may have more than the 63 characters allowed today."""
EXECUTION_NAME = _text(80)
"""What Step Functions allows."""


def _check_count(_: object, attribute: "Attribute[Any]", value: int | None) -> None:
    if value is not None and value < 0:
        raise FieldInvalid(attribute.name, "expected a number that is not negative")


def _check_verdict(_: object, attribute: "Attribute[Status]", value: Status) -> None:
    if not value.is_verdict:
        raise FieldInvalid(attribute.name, f"expected one of {', '.join(sorted(VERDICTS))}")


def _check_error_count(update: "StatusUpdate", attribute: "Attribute[int]", value: int) -> None:
    _check_count(update, attribute, value)
    if not value and update.status is Status.VALIDATION_FAILED:
        raise FieldInvalid(attribute.name, "expected at least 1, for VALIDATION_FAILED means that something is wrong")


def _check_errors(update: "StatusUpdate", attribute: "Attribute[Any]", value: tuple[ValidationError, ...]) -> None:
    if len(value) > MAX_ERRORS:
        raise FieldInvalid(attribute.name, f"expected at most {MAX_ERRORS} errors")
    if len(value) > update.error_count:
        raise FieldInvalid(attribute.name, "expected no more errors than errorCount says")


def _check_rejected_rows(update: "StatusUpdate", attribute: "Attribute[Any]", value: int | None) -> None:
    _check_count(update, attribute, value)
    if update.error_count and not value and update.status is Status.VALIDATED:
        raise FieldInvalid(attribute.name, "expected at least 1, for the errors of VALIDATED are of rejected rows")


def _check_unchecked(_: object, attribute: "Attribute[Any]", value: tuple[str, ...]) -> None:
    if len(value) > MAX_UNCHECKED:
        raise FieldInvalid(attribute.name, f"expected at most {MAX_UNCHECKED} sentences")


@frozen(kw_only=True)
class ValidationRequest:
    """Asks for the verdict on an object: the input of the state machine and of csv_validator."""

    upload_id: str = field(validator=UPLOAD_ID)
    bucket: str = field(validator=BUCKET)
    key: str = field(validator=KEY)
    version_id: str | None = field(default=None, validator=VERSION)
    """The version to read; None for the current one."""
    execution_name: str | None = field(default=None, validator=_check_execution_name)
    """The execution that asks. The full report is written under its name; None for no report."""


@frozen(kw_only=True)
class ValidationResponse:
    """The verdict on an object. `error_count` is exact; `errors` holds the first ones."""

    valid: bool
    error_count: int = field(validator=_check_count)
    errors: tuple[ValidationError, ...]
    row_count: int = field(validator=_check_count)
    report: str | None = None
    """The prefix of the keys of the full report; None if there is none."""
    schema: str | None = None
    """The schema that the object was validated against; None if no schema has the name that it asks for."""
    unchecked: tuple[str, ...] = ()
    """What the schema requires and was not checked, at most `MAX_UNCHECKED` sentences."""
    rejected_rows: int | None = field(default=None, validator=_check_count)
    """How many rows are faulty. None if the dataset does not ask for it, or an error concerns no row."""
    load: Load | None = None
    """The table that the accepted rows are to be loaded into; None unless the file is valid and the dataset asks."""
    content_sha256: str | None = field(default=None, validator=_SHA256)
    """The SHA-256 of the object; None if it was not read to its end by one function."""
    schema_sha256: str | None = field(default=None, validator=_SHA256)
    """The SHA-256 of the schema's descriptor, as `schemas.digest` computes it; None without a schema."""
    parts: PlannedParts | None = None
    """The parts of an object that was planned and not validated; None with a verdict."""
    split: PlannedSplit | None = None
    """The segments of an object in parts that are to be split before the verdict counts; None if there are none."""

    @classmethod
    def planned(cls, parts: PlannedParts) -> Self:
        """Return the response to an object that is validated in parts. Nothing accepts it as a verdict."""
        return cls(valid=False, error_count=0, errors=(), row_count=0, parts=parts)


@frozen(kw_only=True)
class StatusUpdate:
    """The verdict of an execution on its attempt."""

    upload_id: str = field(validator=UPLOAD_ID)
    status: Status = field(validator=_check_verdict)
    execution_name: str = field(validator=EXECUTION_NAME)
    error_count: int = field(default=0, validator=_check_error_count)
    errors: tuple[ValidationError, ...] = field(default=(), validator=_check_errors)
    row_count: int | None = field(default=None, validator=_check_count)
    """None if the file could not be read to its end."""
    schema: str | None = field(default=None, validator=_SCHEMA)
    """The schema that the file was validated against; None if it was not validated against any."""
    unchecked: tuple[str, ...] = field(default=(), validator=_check_unchecked)
    """What the schema requires and was not checked."""
    failure: TaskFailure | None = None
    """Why there is no verdict of the validator; None if there is one."""
    rejected_rows: int | None = field(default=None, validator=_check_rejected_rows)
    """How many rows are faulty; None if that is not known."""
    content_sha256: str | None = field(default=None, validator=_SHA256)
    schema_sha256: str | None = field(default=None, validator=_SHA256)


@frozen(kw_only=True)
class ExecutionState:
    """The state of the state machine after `ValidateCsv`."""

    upload_id: str = field(validator=UPLOAD_ID)
    bucket: str = field(validator=BUCKET)
    key: str = field(validator=KEY)
    version_id: str | None = field(default=None, validator=VERSION)
    execution_name: str = field(validator=EXECUTION_NAME)
    validation: ValidationResponse

    def plan_location(self, plan: str) -> PartsLocation:
        """Return where a plan of this execution is."""
        return PartsLocation(
            bucket=self.bucket, upload_id=self.upload_id, execution_name=self.execution_name, plan=plan
        )


@frozen(kw_only=True)
class LoadRequest(ExecutionState):
    """Asks for the accepted rows of a valid object in the table of its dataset."""


@frozen(kw_only=True)
class LoadReply:
    """What a load did."""

    upload_id: str
    table: str
    loaded_rows: int


@frozen(kw_only=True)
class StatusReply:
    """The status of an upload after an update."""

    upload_id: str
    status: Status


@frozen(kw_only=True)
class Verdict:
    """A recorded verdict, as it is published: names and counts, without cells and messages."""

    upload_id: str
    owner: str
    bucket: str
    key: str
    filename: str
    status: Status = field(converter=Status, validator=_check_verdict)
    system_failure: bool
    """Whether VALIDATION_FAILED says nothing about the file, because it could not be checked."""
    attempt: int
    execution_name: str
    row_count: int | None
    """None if the file could not be read to its end."""
    error_count: int
    accepted_rows: int | None = None
    """How many rows are not faulty; None if that is not known."""
    rejected_rows: int | None = None
    """None if that is not known."""
    content_sha256: str | None = None
    schema_sha256: str | None = None
    loaded_rows: int | None = None
    """None if the dataset asks for no load."""
    loaded_table: str | None = None
    actor: str
    """Who recorded it: the execution, or the settler or sweep in its place."""
    began_at: datetime
    """When the attempt began."""
    occurred_at: datetime
    """When the verdict was recorded."""


@frozen(kw_only=True)
class Registration:
    """Announces a file before it is uploaded."""

    filename: str = field(validator=SEGMENT)
    schema: str | None = field(default=None, validator=_SCHEMA)
    """The dataset of the file; None for the default one."""
    owner: str | None = field(default=None, validator=SEGMENT)
    """The owner of the file; may be omitted if the token of the request names it."""
    size: int | None = field(default=None, validator=at_least(1))
    """The size of the file in bytes, so that a file that is too large is refused before it is sent."""


@frozen(kw_only=True)
class ReplayRequest:
    """Asks for another attempt at an upload."""

    reason: str = field(validator=_REASON)
    attempt: int | None = field(default=None, validator=at_least(0))
    """The attempt to replace, so that a request that is sent twice begins one attempt; None for any."""
