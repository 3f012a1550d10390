"""A Lambda runtime: invokes functions by name, at once or from a queue of events.

As on AWS: an asynchronous event is retried twice and then goes to the dead letters. No failure is silent: each is
recorded, and reported as it happens. Beyond a concurrency, callers are throttled; throttled events stay in the queue.
"""

import queue
import sys
import threading
import uuid
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Final, Self

from attrs import asdict, field, frozen

from infra.local.lambdas.environments import Environments, Function, SharedEnvironment
from infra.local.lambdas.invocations import Failure, Invocation, to_json

ACCOUNT: Final = "123456789012"
_THROTTLED: Final = Failure.of_service("TooManyRequestsException", "Rate Exceeded.")
_THROTTLED_DELAYS: Final = (0.05, 1.0)
"""In seconds, the first and the longest pause of a throttled event; on AWS they are one second and five minutes."""


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

    @classmethod
    def of(cls, failure: Failure, *, function: str, request_id: str, attempt: int) -> "FailedInvocation":
        """Return an environment's failure with the invocation that it belongs to."""
        return cls(function=function, request_id=request_id, attempt=attempt, **asdict(failure))

    def __str__(self) -> str:
        """Return what failed, and where."""
        heading = f"{self.function} failed (attempt {self.attempt}, request {self.request_id})"
        return f"{heading}\n{self.report}"

    def payload(self) -> str:
        """Return the error payload in AWS's format."""
        return to_json(
            {
                "errorMessage": self.error_message,
                "errorType": self.error_type,
                "requestId": self.request_id,
                "stackTrace": list(self.stack_trace),
            }
        )


@frozen(kw_only=True)
class Response:
    """The outcome of an invocation: its JSON payload, and the failure if it is one.

    `is_throttled` means that the function did not run, because the concurrency was used up.
    """

    payload: str
    failure: FailedInvocation | None = None
    is_throttled: bool = False


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

    `environments` run the handlers, by default in this process. `retry_delays` are the pauses before the further
    attempts at an asynchronous event, in seconds; AWS waits one minute, then two. `concurrency` is that of the account:
    how many invocations may run before further ones are throttled; None never throttles.
    """

    def __init__(  # noqa: PLR0913 - each has a default that some caller changes
        self,
        functions: Iterable[Function],
        *,
        region: str,
        environments: Environments | None = None,
        retry_delays: tuple[float, ...] = (0.1, 0.2),
        report: Callable[[FailedInvocation], None] = show,
        concurrency: int | None = None,
    ) -> None:
        self.functions: Final = tuple(functions)
        self._by_name = {function.name: function for function in self.functions}
        self._region = region
        self._environments = environments or SharedEnvironment()
        self._retry_delays = retry_delays
        self._report = report
        self._unused = threading.Semaphore(sys.maxsize if concurrency is None else concurrency)
        self._throttled: list[str] = []
        self._failures: list[FailedInvocation] = []
        self._dead_letters: list[DeadLetter] = []
        self._events: queue.Queue[tuple[str, str] | None] = queue.Queue()
        self._closing = threading.Event()
        self._undo = ExitStack()
        self._workers = [
            threading.Thread(target=self._work, daemon=True) for _ in range(self._environments.concurrency)
        ]

    def __enter__(self) -> Self:
        """Start the workers."""
        self._undo.enter_context(self._environments)
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the workers; events that still wait are dropped."""
        self._closing.set()
        self._undo.close()
        for _worker in self._workers:
            self._events.put(None)
        for worker in self._workers:
            worker.join(timeout=5.0)  # a handler that never returns must not keep us here

    @property
    def failures(self) -> tuple[FailedInvocation, ...]:
        """Every failed invocation so far; each attempt is one."""
        return tuple(self._failures)

    @property
    def throttled(self) -> tuple[str, ...]:
        """The function's name, for each invocation that was throttled; these are no failures."""
        return tuple(self._throttled)

    @property
    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """Every asynchronous event so far that failed at each attempt."""
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
                self._events.task_done()  # `wait_until_delivered` must not wait for ever

    def _deliver(self, name: str, event: str) -> None:
        for attempt, delay in enumerate((0.0, *self._retry_delays), start=1):
            if self._closing.wait(delay):
                return
            failure = self._attempt_unthrottled(name, event, attempt=attempt).failure
            if failure is None:
                return
            if attempt > len(self._retry_delays):
                self._dead_letters.append(DeadLetter(function=name, event=event, failure=failure))

    def _attempt_unthrottled(self, name: str, event: str, *, attempt: int) -> Response:
        """Repeat an attempt until it is not throttled: that does not count as a failure of an asynchronous event."""
        delay, longest = _THROTTLED_DELAYS
        while (response := self._attempt(name, event, attempt=attempt)).is_throttled:
            if self._closing.wait(delay):
                break
            delay = min(2 * delay, longest)
        return response

    def _attempt(self, name: str, event: str, *, attempt: int) -> Response:
        request_id = str(uuid.uuid4())
        if not self._unused.acquire(blocking=False):
            self._throttled.append(name)
            failure = FailedInvocation.of(_THROTTLED, function=name, request_id=request_id, attempt=attempt)
            return Response(payload=failure.payload(), failure=failure, is_throttled=True)
        try:
            outcome = self._run(name, event, request_id)
        finally:
            self._unused.release()
        if isinstance(outcome, str):
            return Response(payload=outcome)
        failure = FailedInvocation.of(outcome, function=name, request_id=request_id, attempt=attempt)
        if not self._closing.is_set():  # what we end ourselves is no news
            self._failures.append(failure)
            self._report(failure)
        return Response(payload=failure.payload(), failure=failure)

    def _run(self, name: str, event: str, request_id: str) -> str | Failure:
        function = self._by_name.get(name)
        if function is None:
            return Failure.of_service("ResourceNotFoundException", f"Function not found: {self.function_arn(name)}")
        invocation = Invocation(
            function=name,
            arn=self.function_arn(name),
            request_id=request_id,
            memory_size=function.memory_size,
            timeout=function.timeout,
            event=event,
        )
        return self._environments.run(function, invocation)
