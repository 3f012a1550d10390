"""A Lambda runtime for handlers in this process.

As on AWS: events and results are JSON; an exception becomes the error payload, its class name the error type;
an asynchronous event is retried twice and then goes to the dead letters. Unlike AWS: nothing is isolated, and
a handler that outlives its timeout is not stopped. No failure is silent: each is recorded, and reported as it
happens.
"""

import json
import queue
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final, Self

from attrs import field, frozen

ACCOUNT: Final = "123456789012"

Handler = Callable[[Any, Any], Any]


class FunctionNotFound(Exception):
    """No function has this name."""


class EventNotJson(Exception):
    """The event cannot be read as JSON."""


class ResultNotJson(Exception):
    """What the handler returned cannot be written as JSON."""


# Where AWS calls a failure otherwise than by the exception's class.
_ERROR_TYPES: Final[dict[type[BaseException], str]] = {
    FunctionNotFound: "ResourceNotFoundException",
    EventNotJson: "Runtime.UnmarshalError",
    ResultNotJson: "Runtime.MarshalError",
    SystemExit: "Runtime.ExitError",
}


@frozen(kw_only=True)
class Function:
    """A Lambda function: `memory_size` in MB, `timeout` in seconds, both with Chalice's defaults."""

    name: str
    handler: Handler
    memory_size: int = 128
    timeout: int = 60


@frozen(kw_only=True)
class LambdaContext:
    """What a handler is told about its invocation; attributes as AWS names them."""

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

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run; 0 when its time is up."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


@frozen(kw_only=True)
class FailedInvocation:
    """An invocation that raised: `attempt` counts from 1, and passes 1 for asynchronous events only."""

    function: str
    request_id: str
    attempt: int
    error_type: str
    error_message: str
    stack_trace: tuple[str, ...]
    report: str = field(repr=False)

    def __str__(self) -> str:
        """Tell what failed, and where."""
        heading = f"{self.function} failed (attempt {self.attempt}, request {self.request_id})"
        return f"{heading}\n{self.report}"

    def payload(self) -> str:
        """Return the error payload as AWS words it."""
        return _to_json(
            {
                "errorMessage": self.error_message,
                "errorType": self.error_type,
                "requestId": self.request_id,
                "stackTrace": list(self.stack_trace),
            }
        )


@frozen(kw_only=True)
class Response:
    """The outcome of an invocation: its JSON payload, and the failure if it is one."""

    payload: str
    failure: FailedInvocation | None = None


@frozen(kw_only=True)
class DeadLetter:
    """An asynchronous event that failed at every attempt."""

    function: str
    event: str
    failure: FailedInvocation


def show(failure: FailedInvocation) -> None:
    """Write a failed invocation and its traceback to standard error."""
    sys.stderr.write(f"{failure}\n")


class LambdaRuntime:
    """Runs functions by name, at once or from a queue of events; a context manager that ends its workers.

    `retry_delays` are the pauses before the further attempts at an asynchronous event, in seconds; AWS waits
    one minute, then two. `concurrency` bounds the invocations in flight: a Lambda environment serves one at a
    time, so handlers that share in this process what they would not share on AWS need 1.
    """

    def __init__(
        self,
        functions: Iterable[Function],
        *,
        region: str,
        concurrency: int = 4,
        retry_delays: tuple[float, ...] = (0.1, 0.2),
        report: Callable[[FailedInvocation], None] = show,
    ) -> None:
        self.functions: Final = tuple(functions)
        self._by_name = {function.name: function for function in self.functions}
        self._region = region
        self._environments = threading.Semaphore(concurrency)
        self._retry_delays = retry_delays
        self._report = report
        self._failures: list[FailedInvocation] = []
        self._dead_letters: list[DeadLetter] = []
        self._events: queue.Queue[tuple[str, str] | None] = queue.Queue()
        self._closing = threading.Event()
        self._workers = [threading.Thread(target=self._work, daemon=True) for _ in range(concurrency)]

    def __enter__(self) -> Self:
        """Start the workers."""
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the workers; events that still wait are dropped."""
        self._closing.set()
        for _worker in self._workers:
            self._events.put(None)
        for worker in self._workers:
            worker.join(timeout=5.0)  # a handler that never returns must not keep us here

    @property
    def failures(self) -> tuple[FailedInvocation, ...]:
        """Every failed invocation so far, each attempt for itself."""
        return tuple(self._failures)

    @property
    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """Every asynchronous event so far that nobody could handle."""
        return tuple(self._dead_letters)

    def function_arn(self, name: str) -> str:
        """Return the ARN under which a function is known."""
        return f"arn:aws:lambda:{self._region}:{ACCOUNT}:function:{name}"

    def invoke(self, name: str, event: str) -> Response:
        """Run a function on a JSON event and wait for it; a failure is a response too."""
        return self._attempt(name, event, attempt=1)

    def invoke_async(self, name: str, event: str) -> None:
        """Queue a JSON event for a function."""
        self._events.put((name, event))

    def wait_until_delivered(self, timeout: float) -> bool:
        """Wait until each queued event is handled or a dead letter; False if `timeout` seconds ran out."""
        with self._events.all_tasks_done:
            return self._events.all_tasks_done.wait_for(lambda: not self._events.unfinished_tasks, timeout)

    def _work(self) -> None:
        while (queued := self._events.get()) is not None:
            try:
                self._deliver(*queued)
            finally:
                self._events.task_done()  # whoever waits for it must not wait for ever

    def _deliver(self, name: str, event: str) -> None:
        for attempt, delay in enumerate((0.0, *self._retry_delays), start=1):
            if self._closing.wait(delay):
                return
            failure = self._attempt(name, event, attempt=attempt).failure
            if failure is None:
                return
            if attempt > len(self._retry_delays):
                self._dead_letters.append(DeadLetter(function=name, event=event, failure=failure))

    def _attempt(self, name: str, event: str, *, attempt: int) -> Response:
        request_id = str(uuid.uuid4())
        try:
            return Response(payload=self._call(name, event, request_id))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the edge: becomes a recorded, visible failure
            failure = _failed(error, function=name, request_id=request_id, attempt=attempt)
        self._failures.append(failure)
        self._report(failure)
        return Response(payload=failure.payload(), failure=failure)

    def _call(self, name: str, event: str, request_id: str) -> str:
        if name not in self._by_name:
            raise FunctionNotFound(f"Function not found: {self.function_arn(name)}")
        function = self._by_name[name]
        decoded = _decode(event)
        with self._environments:
            result = function.handler(decoded, self._context(function, request_id))
        return _encode(result)

    def _context(self, function: Function, request_id: str) -> LambdaContext:
        return LambdaContext(
            function_name=function.name,
            invoked_function_arn=self.function_arn(function.name),
            aws_request_id=request_id,
            memory_limit_in_mb=str(function.memory_size),
            log_group_name=f"/aws/lambda/{function.name}",
            log_stream_name=f"{datetime.now(UTC):%Y/%m/%d}/[$LATEST]{uuid.uuid4().hex}",
            deadline=time.monotonic() + function.timeout,
        )


def _failed(error: BaseException, *, function: str, request_id: str, attempt: int) -> FailedInvocation:
    story = traceback.TracebackException.from_exception(error)
    # Our own frames are no part of the handler's story.
    story.stack = traceback.StackSummary.from_list(it for it in story.stack if it.filename != __file__)
    return FailedInvocation(
        function=function,
        request_id=request_id,
        attempt=attempt,
        error_type=_ERROR_TYPES.get(type(error), type(error).__name__),
        error_message=str(error),
        stack_trace=tuple(story.stack.format()),
        report="".join(story.format()),
    )


def _decode(event: str) -> Any:
    try:
        return json.loads(event)
    except ValueError as error:
        raise EventNotJson(f"Unable to unmarshal input: {error}") from error


def _encode(result: Any) -> str:
    try:
        return _to_json(result)
    except (TypeError, ValueError) as error:
        raise ResultNotJson(f"Unable to marshal response: {error}") from error


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
