"""Executions of a state machine, read from their histories."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from attrs import frozen

RUNNING: Final = "RUNNING"
SUCCEEDED: Final = "SUCCEEDED"
_POLL_INTERVAL: Final = 0.05  # seconds


@frozen
class StateEntered:
    """An execution entered a state."""

    name: str
    moment: datetime


def watch(stepfunctions: Any, arn: str, *, timeout: float) -> Iterator[StateEntered]:
    """Yield the states of an execution as they are entered, until it ends.

    Raises:
        TimeoutError: it still runs after `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    seen = 0
    while True:
        # The status first: when that says that the execution has ended, the history is complete.
        running = status(stepfunctions, arn) == RUNNING
        entered = _states_entered(stepfunctions, arn)
        yield from entered[seen:]
        seen = len(entered)
        if not running:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"still running after {timeout:g} s: {arn}")
        time.sleep(_POLL_INTERVAL)


def listed(stepfunctions: Any, state_machine_arn: str, status: str) -> list[dict[str, Any]]:
    """Return the executions of a state machine that have this status."""
    # With a filter, moto loses its place when the execution at the end of a page gets another status.
    pages = stepfunctions.get_paginator("list_executions").paginate(stateMachineArn=state_machine_arn)
    return [execution for page in pages for execution in page["executions"] if execution["status"] == status]


def status(stepfunctions: Any, arn: str) -> str:
    """Return RUNNING, or how the execution ended: SUCCEEDED, FAILED, TIMED_OUT or ABORTED."""
    return str(stepfunctions.describe_execution(executionArn=arn)["status"])


def _states_entered(stepfunctions: Any, arn: str) -> list[StateEntered]:
    pages = stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn)
    return [
        StateEntered(event["stateEnteredEventDetails"]["name"], event["timestamp"])
        for page in pages
        for event in page["events"]
        if event["type"].endswith("StateEntered")
    ]
