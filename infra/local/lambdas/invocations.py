"""One invocation of a Lambda function, as the environment that runs it sees it.

As on AWS: events and results are JSON, and an exception becomes an error whose type is the name of its class.
"""

import json
import time
import traceback
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

Handler = Callable[[Any, Any], Any]


class EventNotJson(Exception):
    """The event cannot be read as JSON."""


class ResultNotJson(Exception):
    """What the handler returned cannot be written as JSON."""


_HERE: Final = Path(__file__).parent

# Where AWS calls a failure otherwise than by the exception's class.
_ERROR_TYPES: Final[dict[type[BaseException], str]] = {
    EventNotJson: "Runtime.UnmarshalError",
    ResultNotJson: "Runtime.MarshalError",
    SystemExit: "Runtime.ExitError",
}


@frozen(kw_only=True)
class Invocation:
    """One call of a function: `timeout` in seconds, `memory_size` in MB, `event` in JSON."""

    function: str
    arn: str
    request_id: str
    memory_size: int
    timeout: int
    event: str


@frozen(kw_only=True)
class LambdaContext:
    """A handler's second argument; attributes as AWS names them."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str
    memory_limit_in_mb: str
    log_group_name: str
    log_stream_name: str
    function_version: str = "$LATEST"
    client_context: None = None
    identity: None = None
    _deadline: float = field(repr=False)

    @classmethod
    def of(cls, invocation: Invocation) -> "LambdaContext":
        """Return the context of an invocation that starts now."""
        return cls(
            function_name=invocation.function,
            invoked_function_arn=invocation.arn,
            aws_request_id=invocation.request_id,
            memory_limit_in_mb=str(invocation.memory_size),
            log_group_name=f"/aws/lambda/{invocation.function}",
            log_stream_name=f"{datetime.now(UTC):%Y/%m/%d}/[$LATEST]{uuid.uuid4().hex}",
            deadline=time.monotonic() + invocation.timeout,
        )

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run; 0 when its time is up."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


@frozen(kw_only=True)
class Failure:
    """Why an invocation failed, in AWS's terms; `report` is the text for people, with the traceback."""

    error_type: str
    error_message: str
    stack_trace: tuple[str, ...] = ()
    report: str = field(repr=False)

    @classmethod
    def of(cls, error: BaseException) -> "Failure":
        """Return the failure for an exception, with a traceback that omits the frames of this runtime."""
        progress = traceback.TracebackException.from_exception(error)
        progress.stack = traceback.StackSummary.from_list(
            it for it in progress.stack if Path(it.filename).parent != _HERE
        )
        return cls(
            error_type=_ERROR_TYPES.get(type(error), type(error).__name__),
            error_message=str(error),
            stack_trace=tuple(progress.stack.format()),
            report="".join(progress.format()),
        )

    @classmethod
    def of_service(cls, error_type: str, message: str) -> "Failure":
        """Return a failure that Lambda itself reports."""
        return cls(error_type=error_type, error_message=message, report=f"{error_type}: {message}\n")


def call(handler: Handler, invocation: Invocation) -> str:
    """Run a handler on an event and return its result in JSON; raises what the handler raises."""
    return _encode(handler(_decode(invocation.event), LambdaContext.of(invocation)))


def to_json(value: Any) -> str:
    """Write a value as Lambda's runtime does."""
    return json.dumps(value, ensure_ascii=False)


def _decode(event: str) -> Any:
    try:
        return json.loads(event)
    except ValueError as error:
        raise EventNotJson(f"Unable to unmarshal input: {error}") from error


def _encode(result: Any) -> str:
    try:
        return to_json(result)
    except (TypeError, ValueError) as error:
        raise ResultNotJson(f"Unable to marshal response: {error}") from error
