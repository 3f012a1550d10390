"""Executions of the state machine, as far as an upload depends on them."""

from enum import StrEnum

from attrs import frozen

from chalicelib.uploads.contracts import ValidationRequest


class ExecutionStatus(StrEnum):
    """How an execution stands, in Step Functions' words."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"
    PENDING_REDRIVE = "PENDING_REDRIVE"

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it by itself."""
        return self not in {ExecutionStatus.RUNNING, ExecutionStatus.PENDING_REDRIVE}


@frozen(kw_only=True)
class Execution:
    """An execution, how it stands, and the name of the error with which it failed, if it did."""

    name: str
    status: ExecutionStatus
    error: str | None = None


@frozen(kw_only=True)
class PlannedExecution:
    """An execution that is to run: under which name, and what it is asked."""

    name: str
    request: ValidationRequest
