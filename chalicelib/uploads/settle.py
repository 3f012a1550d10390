"""End or repeat an attempt whose execution ended without a verdict."""

from enum import StrEnum

from chalicelib.telemetry import logs
from chalicelib.uploads.attempts import Execution, ExecutionStatus
from chalicelib.uploads.lifecycle import Cause
from chalicelib.uploads.ports import EventBus, Executions, LoadsInDoubt, Uploads
from chalicelib.uploads.record_verdict import publish_verdict
from chalicelib.validation.report import ErrorCode, Fault


class SettleOutcome(StrEnum):
    """What became of the upload of an execution that has ended."""

    RESTARTED = "restarted"
    """The execution failed before there was a verdict; another attempt has begun."""
    SETTLED = "settled"
    """Another attempt would not help: the upload got VALIDATION_FAILED."""
    NEEDLESS = "needless"
    """There was nothing to do: the upload has its verdict, or another attempt, or the execution runs again.

    Or its load is in doubt: the sweep, which reaches the other database, decides it.
    """


def settle_execution(
    reported: Execution, *, actor: str, uploads: Uploads, executions: Executions, bus: EventBus | None = None
) -> SettleOutcome:
    """Settle the upload of an ended execution. Do nothing if the execution has been redriven and runs again."""
    execution = executions.find(reported.name) or reported
    if execution.status.is_over:
        outcome = settle_ended(execution, actor=actor, uploads=uploads, executions=executions, bus=bus)
    else:
        outcome = SettleOutcome.NEEDLESS
    logs.add_fields(execution=execution.name, status=execution.status, outcome=outcome)
    logs.add_fields(restarted=int(outcome is SettleOutcome.RESTARTED), settled=int(outcome is SettleOutcome.SETTLED))
    return outcome


def settle_ended(
    execution: Execution,
    *,
    actor: str,
    uploads: Uploads,
    executions: Executions,
    bus: EventBus | None,
    loads: LoadsInDoubt | None = None,
) -> SettleOutcome:
    """Restart or settle the upload whose current attempt has this execution, which has ended.

    An execution that failed without a verdict could probably not reach the database: its version is tried again, up to
    RESTARTS times. One that was aborted or timed out is not. Can be repeated without harm.

    A load that is in doubt is decided first, if `loads` is given.
    """
    if uploads.has_load_in_doubt(execution.name):
        if loads is None:
            return SettleOutcome.NEEDLESS
        if decided := loads.decide(execution.name):
            logs.add_upload(decided.upload_id, execution.name)
            publish_verdict(decided, bus)
            return SettleOutcome.NEEDLESS
    cause = Cause(actor=actor, reason=_reason(execution))
    if execution.status in {ExecutionStatus.FAILED, ExecutionStatus.SUCCEEDED}:
        again = uploads.restart(execution.name, cause)
        if again is not None:
            logs.add_upload(again.request.upload_id, execution.name)
            executions.start(again)
            return SettleOutcome.RESTARTED
    verdict = uploads.settle(execution.name, _fault(execution), cause)
    if verdict is None:
        return SettleOutcome.NEEDLESS
    logs.add_upload(verdict.upload_id, execution.name)
    publish_verdict(verdict, bus)
    return SettleOutcome.SETTLED


def _reason(execution: Execution) -> str:
    because = f" with {execution.error}" if execution.error else ""
    return f"the execution ended {execution.status}{because} without a verdict"


def _fault(execution: Execution) -> Fault:
    return Fault(ErrorCode.SYSTEM_ERROR, f"the file could not be checked: {execution.error or execution.status}")
