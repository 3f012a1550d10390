"""Step Functions: invocations, logs and traces, as far as the state machine's role allows them."""

import json
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

from infra.rehearsal.emulator import permissions, records
from infra.rehearsal.emulator.patching import ministack, replace

_state_machine: ContextVar[dict[str, Any] | None] = ContextVar("state_machine", default=None)

_DELIVERY: Final = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
_TRACING: Final = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
)


def patch() -> None:
    """Patch ministack's Step Functions."""
    service = ministack("services.stepfunctions")
    replace(service, "_create_state_machine", _create)
    replace(service, "_run_execution", _run)
    replace(service, "_call_lambda", _call_lambda)
    replace(service, "_run_distributed_map", _run_distributed_map)


def _create(original: Callable[..., Any], data: dict[str, Any]) -> Any:
    """Refuse a state machine whose role may not deliver its logs; otherwise store all its properties."""
    if _destination(data) and not permissions.allows(data["roleArn"], *_DELIVERY):
        message = "The state machine IAM Role is not authorized to access the Log Destination"
        return ministack("core.responses").error_response_json("AccessDeniedException", message, 400)
    answer = original(data)
    for machine in ministack("services.stepfunctions")._state_machines.values():  # noqa: SLF001 - no other way in
        if machine["name"] == data["name"]:
            machine["tracingConfiguration"] = data.get("tracingConfiguration")
    return answer


def _run(original: Callable[..., None], execution_arn: str) -> None:
    """Run an execution as its state machine's role; log and trace it if the role allows that."""
    service = ministack("services.stepfunctions")
    execution = service._executions[execution_arn]  # noqa: SLF001 - there is no other way in
    machine = service._state_machines[execution["stateMachineArn"]]  # noqa: SLF001 - the same
    _state_machine.set(machine)
    original(execution_arn)
    group = _destination(machine)
    if group and permissions.allows(machine["roleArn"], *_DELIVERY):
        records.append(group, f"states/{machine['name']}", *_history_events(execution))
    traced = (machine.get("tracingConfiguration") or {}).get("enabled")
    if traced and permissions.allows(machine["roleArn"], *_TRACING):
        records.append(records.TRACES, machine["name"], {"state machine": machine["name"]})


def _call_lambda(original: Callable[..., Any], function: str, event: Any) -> Any:
    """Invoke a function, if the state machine's role allows it."""
    machine = _state_machine.get()
    if machine and not permissions.allows(machine["roleArn"], "lambda:InvokeFunction", resource=function):
        raise ministack("services.stepfunctions")._ExecutionError(  # noqa: SLF001 - what its retries understand
            "Lambda.AWSLambdaException",
            f"{machine['roleArn']} is not authorized to perform: lambda:InvokeFunction on resource: {function}",
        )
    return original(function, event)


def _run_distributed_map(original: Callable[..., Any], *arguments: Any) -> Any:
    """Run a distributed Map, if the role may start, follow and stop executions of its own state machine."""
    machine = _state_machine.get()
    if machine:
        children = machine["stateMachineArn"].replace(":stateMachine:", ":execution:") + ":child"
        allowed = permissions.allows(
            machine["roleArn"], "states:StartExecution", resource=machine["stateMachineArn"]
        ) and permissions.allows(
            machine["roleArn"], "states:DescribeExecution", "states:StopExecution", resource=children
        )
        if not allowed:
            raise ministack("services.stepfunctions")._ExecutionError(  # noqa: SLF001 - what its catchers understand
                "States.Permissions", f"{machine['roleArn']} may not run the children of a Map"
            )
    return original(*arguments)


def _destination(machine: dict[str, Any]) -> str | None:
    """Return the name of the log group to which a state machine logs everything, or None."""
    logging = machine.get("loggingConfiguration") or {}
    if logging.get("level") != "ALL":
        return None
    arn: str = logging["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"]
    return arn.removesuffix(":*").split(":log-group:")[1]


def _history_events(execution: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an execution's history as Step Functions logs it."""
    return [
        {
            "execution_arn": execution["executionArn"],
            "type": event["type"],
            "details": json.loads(json.dumps({k: v for k, v in event.items() if k.endswith("Details")}, default=str)),
        }
        for event in execution["events"]
    ]
