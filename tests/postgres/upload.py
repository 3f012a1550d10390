"""The upload of the repository's tests, its attempts, and the actors."""

from typing import Any

from attrs import evolve

from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.attempts import Attempt, ObjectCreated, PlannedUpload
from chalicelib.uploads.lifecycle import SWEEP, Cause, Status
from chalicelib.uploads.messages import StatusUpdate
from chalicelib.validation.report import ErrorCode, Fault, ValidationError

CREATED = ObjectCreated(bucket="inbox", key="uploads/acme/42/a b.csv", version_id="v1", etag="e1", sequencer="0A")
FIRST = Attempt.for_object(CREATED)
SECOND = Attempt.for_object(evolve(CREATED, version_id="v2", sequencer="0B"))
ERRORS = (
    ValidationError(row=3, line=4, column="id", field=1, code="type-error", message="expected an integer"),
    ValidationError(column="file", code="source-error", message='"quoted" ünïcode'),
)
FOUND = evolve(CREATED, version_id="v9", etag="e9", sequencer="")
BY_SWEEP = Cause(actor=SWEEP, reason="found")
BY_OPERATOR = Cause(actor="operator:ada", reason="the schema was corrected")
FAULT = Fault(ErrorCode.SYSTEM_ERROR, "the file could not be checked: States.Timeout")


def verdict(attempt: Attempt, status: Status = Status.VALIDATED, errors: tuple[ValidationError, ...] = ()) -> Any:
    """Return the update that the attempt's execution sends."""
    return StatusUpdate(
        upload_id=attempt.upload_id,
        status=status,
        execution_name=attempt.execution_name,
        error_count=len(errors),
        errors=errors,
        row_count=7,
    )


def register(uploads: PostgresUploads) -> None:
    """Register upload 42, without an object."""
    planned = PlannedUpload(bucket="inbox", object_key=FIRST.object_key, schema="default")
    uploads.register(planned, Cause(actor="api:ada"))
