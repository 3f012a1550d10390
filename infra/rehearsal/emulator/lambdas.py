"""Lambda: names of exceptions, the runtime's Python, and logs, traces and dead letters as the role allows."""

import os
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

from infra.rehearsal.emulator import permissions, records
from infra.rehearsal.emulator.patching import ministack, replace

PYTHON: Final = "REHEARSAL_RUNTIME_PYTHON"
"""The environment variable that names the Python of the Lambda runtime: one with boto3 beside it and nothing else."""

_exception: ContextVar[str | None] = ContextVar("exception", default=None)
_UNNAMED: Final = "Runtime.HandlerError"
_REPORT: Final = '"status": "error", "error": str(e), "trace"'
_NAMED_REPORT: Final = '"status": "ok", "error": str(e), "type": type(e).__name__, "trace"'
"""Report an exception as a result: for an error ministack ends the process, which stays warm on AWS."""


def patch() -> None:
    """Patch ministack's Lambda."""
    runtime, service = ministack("core.lambda_runtime"), ministack("services.lambda_svc")
    if _REPORT not in runtime._PYTHON_WORKER_SCRIPT:  # noqa: SLF001 - there is no other way in
        raise LookupError("ministack's worker reports exceptions in another way than it used to")
    runtime._PYTHON_WORKER_SCRIPT = runtime._PYTHON_WORKER_SCRIPT.replace(_REPORT, _NAMED_REPORT)  # noqa: SLF001 - the same
    # Chalice looks every five seconds whether a new function is ready: have it ready at the first look.
    service._LAMBDA_STATE_TRANSITION_DELAY = 0  # noqa: SLF001 - the same
    replace(runtime, "_detect_runtime_binary", _detect_runtime)
    replace(runtime.Worker, "invoke", _invoke)
    replace(service, "_execute_function_warm", _execute)
    replace(service, "_emit_lambda_logs", _emit_logs)
    replace(service, "_route_async_failure", _route_failure)


def _detect_runtime(original: Callable[..., tuple[str, str]], runtime: str) -> tuple[str, str]:
    _binary, script = original(runtime)
    return os.environ[PYTHON], script


def _invoke(original: Callable[..., dict[str, Any]], *arguments: Any, **named: Any) -> dict[str, Any]:
    """Return the outcome of an invocation, and record the name of its exception."""
    response = original(*arguments, **named)
    _exception.set(response.get("type"))
    return {**response, "status": "error"} if "type" in response else response


def _execute(original: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Name a failure for the exception: Step Functions matches that name."""
    _exception.set(None)
    result = original(*arguments)
    name = _exception.get()
    if name and result.get("error") and result["body"]["errorType"] == _UNNAMED:
        result["body"]["errorType"] = name
    return result


def _emit_logs(original: Callable[..., None], function: dict[str, Any], *arguments: Any, **named: Any) -> None:
    """Write the log and send the trace, if the function's role allows it and the log group exists."""
    config = function.get("config") or function
    group = f"/aws/lambda/{config['FunctionName']}"
    account, region = config["FunctionArn"].split(":")[4], config["FunctionArn"].split(":")[3]
    stream = f"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:latest"
    exists = group in ministack("services.cloudwatch_logs")._log_groups  # noqa: SLF001 - there is no other way in
    if exists and permissions.allows(config["Role"], "logs:CreateLogStream", "logs:PutLogEvents", resource=stream):
        original(function, *arguments, **named)
    active = (config.get("TracingConfig") or {}).get("Mode") == "Active"
    if active and permissions.allows(config["Role"], "xray:PutTraceSegments", "xray:PutTelemetryRecords"):
        records.append(records.TRACES, config["FunctionName"], {"function": config["FunctionName"]})


def _route_failure(original: Callable[..., None], target: str, name: str, *arguments: Any) -> None:
    """Send the dead letter, if the function's role allows it."""
    config = ministack("services.lambda_svc")._functions[name]["config"]  # noqa: SLF001 - there is no other way in
    if permissions.allows(config["Role"], "sqs:SendMessage", resource=target):
        original(target, name, *arguments)
