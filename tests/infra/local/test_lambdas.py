"""The Lambda runtime behaves as AWS does where it counts."""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Never

import pytest

from infra.local.lambdas import (
    FailedInvocation,
    Function,
    Handler,
    LambdaContext,
    LambdaRuntime,
    Response,
    show,
)

PATIENCE = 10.0  # seconds


@contextmanager
def running(handler: Handler, *, concurrency: int = 1) -> Iterator[LambdaRuntime]:
    """Run a handler as the function `toy`, with hardly a pause between attempts."""
    function = Function(name="toy", handler=handler, memory_size=256, timeout=30)
    with LambdaRuntime(
        [function],
        region="eu-west-1",
        concurrency=concurrency,
        retry_delays=(0.001, 0.002),
        report=lambda _failure: None,
    ) as runtime:
        yield runtime


def failure_of(response: Response) -> FailedInvocation:
    """Return the failure that a response is expected to be."""
    assert response.failure is not None
    return response.failure


def raise_value_error(_event: Any, _context: Any) -> Never:
    """Fail as handlers do."""
    raise ValueError("no such column")


def test_event_and_result_travel_as_json() -> None:
    """A handler sees what JSON makes of the event, and the caller what it makes of the result."""
    seen = []

    def toy(event: Any, _context: Any) -> Any:
        seen.append(event)
        return {"tuple": (1, 2), "name": "Grüße"}

    with running(toy) as runtime:
        response = runtime.invoke("toy", '{"items": [1, null]}')

    assert seen == [{"items": [1, None]}]
    assert json.loads(response.payload) == {"tuple": [1, 2], "name": "Grüße"}


def test_the_context_is_that_of_the_function() -> None:
    """Name, ARN, memory, log group and the time left are those that AWS would give."""
    contexts: list[LambdaContext] = []

    with running(lambda _event, context: contexts.append(context)) as runtime:
        runtime.invoke("toy", "{}")

    (context,) = contexts
    assert context.function_name == "toy"
    assert context.invoked_function_arn == "arn:aws:lambda:eu-west-1:123456789012:function:toy"
    assert context.memory_limit_in_mb == "256"
    assert context.log_group_name == "/aws/lambda/toy"
    assert 0 < context.get_remaining_time_in_millis() <= 30_000


def test_an_exception_becomes_the_error_payload_of_aws() -> None:
    """The error type is the class name, and the stack trace begins in the handler."""
    with running(raise_value_error) as runtime:
        response = runtime.invoke("toy", "{}")

    payload = json.loads(response.payload)
    assert list(payload) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert payload["errorMessage"] == "no such column"
    assert payload["errorType"] == "ValueError"
    assert failure_of(response).request_id == payload["requestId"]
    assert "in raise_value_error" in payload["stackTrace"][0]


@pytest.mark.parametrize(
    ("handler", "event", "expected"),
    [
        (lambda _event, _context: {1, 2}, "{}", "Runtime.MarshalError"),
        (lambda _event, _context: None, "{", "Runtime.UnmarshalError"),
        (lambda _event, _context: sys.exit(1), "{}", "Runtime.ExitError"),
    ],
)
def test_failures_of_the_runtime_have_its_names(handler: Handler, event: str, expected: str) -> None:
    """What is no exception of the handler's is named as Lambda names it."""
    with running(handler) as runtime:
        assert expected == failure_of(runtime.invoke("toy", event)).error_type


def test_an_unknown_function_is_a_failed_invocation() -> None:
    """Calling what does not exist shows up like any other failure."""
    with running(raise_value_error) as runtime:
        runtime.invoke("missing", "{}")

        assert [failure.error_type for failure in runtime.failures] == ["ResourceNotFoundException"]


def test_an_asynchronous_event_fails_three_times_and_is_a_dead_letter() -> None:
    """Two further attempts, each reported, and then the event is kept for whoever looks after it."""
    with running(raise_value_error) as runtime:
        runtime.invoke_async("toy", '{"n": 1}')
        assert runtime.wait_until_delivered(PATIENCE)

        assert [failure.attempt for failure in runtime.failures] == [1, 2, 3]
        assert [(letter.function, letter.event) for letter in runtime.dead_letters] == [("toy", '{"n": 1}')]


def test_an_asynchronous_event_that_succeeds_in_the_end_is_no_dead_letter() -> None:
    """One failed attempt does no harm, but it is not forgotten."""
    attempts = []

    def toy(event: Any, _context: Any) -> None:
        attempts.append(event)
        if len(attempts) == 1:
            raise ConnectionError("try again")

    with running(toy) as runtime:
        runtime.invoke_async("toy", "{}")
        assert runtime.wait_until_delivered(PATIENCE)

        assert attempts == [{}, {}]
        assert [failure.error_type for failure in runtime.failures] == ["ConnectionError"]
        assert runtime.dead_letters == ()


def test_waiting_for_delivery_is_bounded() -> None:
    """Whoever waits is told that the time ran out."""
    released = threading.Event()

    with running(lambda _event, _context: released.wait(PATIENCE)) as runtime:
        runtime.invoke_async("toy", "{}")

        assert not runtime.wait_until_delivered(0.01)
        released.set()
        assert runtime.wait_until_delivered(PATIENCE)


def test_invocations_take_turns_when_they_share_an_environment() -> None:
    """With a concurrency of 1 no two handlers run at the same time."""
    running_now = threading.Semaphore(1)
    overlaps = []

    def toy(_event: Any, _context: Any) -> None:
        if not running_now.acquire(blocking=False):
            overlaps.append(threading.current_thread().name)
            return
        threading.Event().wait(0.005)  # long enough for the others to come by
        running_now.release()

    with running(toy) as runtime:
        callers = [threading.Thread(target=runtime.invoke, args=("toy", "{}")) for _ in range(5)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()

    assert overlaps == []


def test_a_failure_is_shown_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    """Function, attempt and the handler's own lines reach standard error."""
    with running(raise_value_error) as runtime:
        show(failure_of(runtime.invoke("toy", "{}")))

    shown = capsys.readouterr().err
    assert "toy failed (attempt 1, request" in shown
    assert shown.rstrip().endswith("ValueError: no such column")
    assert "raise_value_error" in shown
