"""Record a verdict, and publish it."""

from attrs import evolve

from chalicelib.errors import (
    EventsUnavailable,
    LoadForbidden,
    RowsRefused,
    SchemaInvalid,
    TableUnfit,
    ValueUnloadable,
)
from chalicelib.telemetry import logs
from chalicelib.uploads.messages import StatusReply, StatusUpdate, Verdict
from chalicelib.uploads.ports import EventBus, Verdicts
from chalicelib.uploads.task_failure import TaskFailure, exception_message


def record_verdict(update: StatusUpdate, *, uploads: Verdicts, bus: EventBus | None = None) -> StatusReply:
    """Record the verdict that an execution reached on the current attempt, and publish it on the bus, if there is one.

    Raises UploadNotFound, AttemptSuperseded, AttemptSettled or TransitionIllegal.
    """
    logs.add_fields(uploadId=update.upload_id, execution=update.execution_name, errors=update.error_count)
    verdict = uploads.record_verdict(_with_reason(update))
    seconds = (verdict.occurred_at - verdict.began_at).total_seconds()
    logs.add_fields(outcome=verdict.status, verdicts=1, secondsToVerdict=seconds)
    logs.add_fields(systemFailures=int(verdict.system_failure))
    publish_verdict(verdict, bus)
    return StatusReply(upload_id=update.upload_id, status=verdict.status)


def publish_verdict(verdict: Verdict, bus: EventBus | None) -> None:
    """Publish a recorded verdict, if there is a bus. A failure costs a warning, never the verdict."""
    if bus is None:
        return
    try:
        bus.publish(verdict)
    except EventsUnavailable as error:
        logs.increment("unpublishedVerdicts")
        logs.warn("verdict not published", error, uploadId=verdict.upload_id, execution=verdict.execution_name)


def _with_reason(update: StatusUpdate) -> StatusUpdate:
    """Add to the error which part failed, why the schema is broken, or why the rows cannot be loaded.

    Messages of other exceptions are for operators, in the log.
    """
    if update.failure is None:
        return update
    reason = exception_message(update.failure)
    logs.add_fields(error=update.failure.Error, reason=reason or "no message")
    if update.failure.Part is not None:
        return evolve(
            update, errors=tuple(evolve(it, message=f"{it.message} in {update.failure.Part}") for it in update.errors)
        )
    if update.failure.Error not in {SchemaInvalid.__name__, *_LOAD_ERRORS}:
        return update
    if update.failure.Error in _LOAD_ERRORS:
        errors = tuple(evolve(error, message=_unloaded(update.failure, reason)) for error in update.errors)
    else:
        errors = tuple(evolve(error, message=f"{error.message}: {reason}") for error in update.errors if reason)
    return evolve(update, errors=errors or update.errors)


def _unloaded(failure: TaskFailure, reason: str | None) -> str:
    return f"the file is valid, and its rows could not be loaded: {failure.Error}" + (f": {reason}" if reason else "")


_LOAD_ERRORS = frozenset({error.__name__ for error in (TableUnfit, LoadForbidden, ValueUnloadable, RowsRefused)})
"""The errors of a load that an operator mends."""
