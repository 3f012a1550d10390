"""The Lambda runtime behaves as AWS does where it counts, wherever the handlers run."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import pytest

from infra.local.lambdas.environments import Environments, Function, SharedEnvironment
from infra.local.lambdas.invocations import Handler
from infra.local.lambdas.runtime import FailedInvocation, LambdaRuntime, Response, show
from infra.local.lambdas.worker_processes import WorkerProcesses
from tests.infra.local.lambdas import example_handlers

PATIENCE = 60.0  # seconds


class Running(Protocol):
    """Runs a handler as the function `toy`."""

    def __call__(self, handler: Handler, *, concurrency: int = 1) -> AbstractContextManager[LambdaRuntime]:
        """Run it in environments of the kind that is tested."""
        ...


@pytest.fixture(params=["in this process", "in processes of their own"])
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Running:
    """Runs a handler with hardly a pause between attempts, in each kind of environment."""

    def environments(concurrency: int) -> Environments:
        if request.param == "in this process":
            return SharedEnvironment(concurrency=concurrency)
        return WorkerProcesses(concurrency=concurrency, log=tmp_path / "log")

    @contextmanager
    def running(handler: Handler, *, concurrency: int = 1) -> Iterator[LambdaRuntime]:
        with run(handler, environments(concurrency)) as runtime:
            yield runtime

    return running


def run(handler: Handler, environments: Environments) -> LambdaRuntime:
    """Return a runtime whose one function is a toy."""
    path = f"{handler.__module__}.{handler.__name__}"
    return LambdaRuntime(
        [Function(name="toy", handler=handler, path=path, memory_size=256, timeout=30)],
        region="eu-west-1",
        environments=environments,
        retry_delays=(0.001, 0.002),
        report=lambda _failure: None,
    )


def failure_of(response: Response) -> FailedInvocation:
    """Return the failure that a response is expected to be."""
    assert response.failure is not None
    return response.failure


def at_once(runtime: LambdaRuntime, event: str, callers: int) -> list[Response]:
    """Invoke the toy by several callers at the same time."""
    responses: list[Response] = []
    threads = [threading.Thread(target=lambda: responses.append(runtime.invoke("toy", event))) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return responses


def test_event_and_result_travel_as_json(running: Running) -> None:
    """A handler sees what JSON makes of the event, and the caller what it makes of the result."""
    with running(example_handlers.echo) as runtime:
        assert json.loads(runtime.invoke("toy", '{"items": [1, null]}').payload) == {"items": [1, None]}
    with running(example_handlers.answer) as runtime:
        assert json.loads(runtime.invoke("toy", "{}").payload) == {"tuple": [1, 2], "name": "Grüße"}


def test_the_context_is_that_of_the_function(running: Running) -> None:
    """Name, ARN, memory, log group and the time left are those that AWS would give."""
    with running(example_handlers.describe) as runtime:
        context = json.loads(runtime.invoke("toy", "{}").payload)

    assert 0 < context.pop("remaining") <= 30_000
    assert context == {
        "function_name": "toy",
        "invoked_function_arn": "arn:aws:lambda:eu-west-1:123456789012:function:toy",
        "memory_limit_in_mb": "256",
        "log_group_name": "/aws/lambda/toy",
    }


def test_an_exception_becomes_the_error_payload_of_aws(running: Running) -> None:
    """The error type is the class name, and the stack trace begins in the handler."""
    with running(example_handlers.fail) as runtime:
        response = runtime.invoke("toy", "{}")

    payload = json.loads(response.payload)
    assert list(payload) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert payload["errorMessage"] == "no such column"
    assert payload["errorType"] == "ValueError"
    assert failure_of(response).request_id == payload["requestId"]
    assert "in fail" in payload["stackTrace"][0]


@pytest.mark.parametrize(
    ("handler", "event", "expected"),
    [
        (example_handlers.give_a_set, "{}", "Runtime.MarshalError"),
        (example_handlers.echo, "{", "Runtime.UnmarshalError"),
        (example_handlers.leave, "{}", "Runtime.ExitError"),
    ],
)
def test_failures_of_the_runtime_have_its_names(running: Running, handler: Handler, event: str, expected: str) -> None:
    """What is no exception of the handler's is named as Lambda names it."""
    with running(handler) as runtime:
        assert expected == failure_of(runtime.invoke("toy", event)).error_type


def test_an_unknown_function_is_a_failed_invocation(running: Running) -> None:
    """Calling what does not exist shows up like any other failure."""
    with running(example_handlers.echo) as runtime:
        runtime.invoke("missing", "{}")

        assert [failure.error_type for failure in runtime.failures] == ["ResourceNotFoundException"]


def test_an_asynchronous_event_fails_three_times_and_is_a_dead_letter(running: Running) -> None:
    """Two further attempts, each reported; then the event is a dead letter."""
    with running(example_handlers.fail) as runtime:
        runtime.invoke_async("toy", '{"n": 1}')
        assert runtime.wait_until_delivered(PATIENCE)

        assert [failure.attempt for failure in runtime.failures] == [1, 2, 3]
        assert [(letter.function, letter.event) for letter in runtime.dead_letters] == [("toy", '{"n": 1}')]


def test_an_asynchronous_event_that_succeeds_in_the_end_is_no_dead_letter(running: Running, tmp_path: Path) -> None:
    """One failed attempt does no harm, but it is not forgotten."""
    with running(example_handlers.fail_once) as runtime:
        runtime.invoke_async("toy", json.dumps(str(tmp_path / "attempted")))
        assert runtime.wait_until_delivered(PATIENCE)

        assert [failure.error_type for failure in runtime.failures] == ["ConnectionError"]
        assert runtime.dead_letters == ()


def test_waiting_for_delivery_is_bounded(running: Running, tmp_path: Path) -> None:
    """Waiting returns False when the time runs out."""
    released = tmp_path / "released"
    with running(example_handlers.await_file) as runtime:
        runtime.invoke_async("toy", json.dumps(str(released)))

        assert not runtime.wait_until_delivered(0.01)
        released.touch()
        assert runtime.wait_until_delivered(PATIENCE)


def test_invocations_take_turns_when_they_share_an_environment(running: Running, tmp_path: Path) -> None:
    """With a concurrency of 1 no two handlers run at the same time."""
    with running(example_handlers.take_turn) as runtime:
        responses = at_once(runtime, json.dumps(str(tmp_path / "turn")), callers=5)

    assert ["true"] * 5 == [response.payload for response in responses]


def test_a_failure_is_shown_with_its_traceback(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    """Function, attempt and the handler's own lines reach standard error."""
    with running(example_handlers.fail) as runtime:
        show(failure_of(runtime.invoke("toy", "{}")))

    shown = capsys.readouterr().err
    assert "toy failed (attempt 1, request" in shown
    assert shown.rstrip().endswith("ValueError: no such column")
    assert "in fail" in shown


def test_caller_beyond_the_concurrency_is_throttled() -> None:
    """The function does not run, which is no failure of it; an event waits until there is room."""
    running, released, events = threading.Event(), threading.Event(), []

    def hold(event: object, _context: object) -> None:
        events.append(event)
        running.set()
        released.wait(PATIENCE)

    toys = [Function(name="toy", handler=hold)]
    with LambdaRuntime(toys, region="eu-west-1", concurrency=1) as runtime, ThreadPoolExecutor(1) as callers:
        first = callers.submit(runtime.invoke, "toy", "1")
        assert running.wait(PATIENCE)
        assert runtime.invoke("toy", "2").is_throttled
        runtime.invoke_async("toy", "3")
        assert not runtime.wait_until_delivered(0.1)
        released.set()
        assert runtime.wait_until_delivered(PATIENCE)

        assert first.result().failure is None
        assert [1, 3] == events
        assert {"toy"} == set(runtime.throttled)
        assert ((), ()) == (runtime.failures, runtime.dead_letters)
