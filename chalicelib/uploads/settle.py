"""End or repeat an attempt whose execution ended without a verdict."""

from enum import StrEnum

from attrs import frozen

from chalicelib.telemetry import logs
from chalicelib.uploads.attempts import Execution, ExecutionStatus
from chalicelib.uploads.lifecycle import Cause
from chalicelib.uploads.ports import EventBus, Executions, Uploads
from chalicelib.uploads.record_verdict import publish_verdict
from chalicelib.validation.report import ErrorCode, Fault


class SettleOutcome(StrEnum):
    """What became of the upload of an execution that is over."""

    RESTARTED = "restarted"
    """The execution failed before there was a verdict; another attempt has begun."""
    SETTLED = "settled"
    """There is no use in trying again: the upload has got its end."""
    NEEDLESS = "needless"
    """The upload has its verdict, or another attempt."""


@frozen(kw_only=True)
class SettleExecution:
    """Makes sure that nothing waits for an execution that is over.

    One that failed without recording a verdict could not reach the database, most likely: its version is tried
    again, a few times. One that somebody aborted, or that ran out of time, is not.
    """

    uploads: Uploads
    executions: Executions
    bus: EventBus | None = None
    """Where verdicts are told of; None to tell nobody."""

    def __call__(self, told: Execution, actor: str) -> SettleOutcome:
        """See to the upload of an execution of whose end somebody told, if that is still so: it may be redriven."""
        execution = self.executions.find(told.name) or told
        outcome = self.see_to(execution, actor) if execution.status.is_over else SettleOutcome.NEEDLESS
        logs.note(execution=execution.name, status=execution.status, outcome=outcome)
        logs.note(restarted=int(outcome is SettleOutcome.RESTARTED), settled=int(outcome is SettleOutcome.SETTLED))
        return outcome

    def see_to(self, execution: Execution, actor: str) -> SettleOutcome:
        """Settle the upload whose present attempt that execution is, or start it anew; raises what kept us from it.

        Can be repeated without harm.
        """
        cause = Cause(actor=actor, reason=_reason(execution))
        if execution.status in {ExecutionStatus.FAILED, ExecutionStatus.SUCCEEDED}:
            again = self.uploads.restart(execution.name, cause)
            if again is not None:
                logs.note_upload(again.request.upload_id, execution.name)
                self.executions.start(again)
                return SettleOutcome.RESTARTED
        verdict = self.uploads.settle(execution.name, _fault(execution), cause)
        if verdict is None:
            return SettleOutcome.NEEDLESS
        logs.note_upload(verdict.upload_id, execution.name)
        publish_verdict(verdict, self.bus)
        return SettleOutcome.SETTLED


def _reason(execution: Execution) -> str:
    because = f" with {execution.error}" if execution.error else ""
    return f"the execution ended {execution.status}{because} without a verdict"


def _fault(execution: Execution) -> Fault:
    return Fault(ErrorCode.SYSTEM_ERROR, f"the file could not be checked: {execution.error or execution.status}")
