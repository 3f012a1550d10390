"""What EventBridge says when an execution's status changes: `Step Functions Execution Status Change`."""

from typing import Any

from chalicelib.aws.foreign_payloads import Place
from chalicelib.errors import RequestMalformed
from chalicelib.uploads.attempts import Execution, ExecutionStatus


def pattern(state_machine_name: str) -> dict[str, Any]:
    """Give the event pattern for executions of a state machine, in any account and region, that came to nothing."""
    return {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {
            "status": [ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.ABORTED],
            "stateMachineArn": [{"suffix": f":stateMachine:{state_machine_name}"}],
        },
    }


def execution(event: object) -> Execution:
    """Give the execution that an event is about, as it stood then; raises RequestMalformed."""
    detail = Place(event)["detail"]
    status = detail["status"].text()
    if status not in set(ExecutionStatus):
        raise RequestMalformed(f"$.detail.status: expected one of {', '.join(ExecutionStatus)}")
    return Execution(name=detail["name"].text(), status=ExecutionStatus(status), error=detail["error"].optional_text())
