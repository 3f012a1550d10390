"""The local Lambda runtime behaves like AWS's, in this process and with worker processes."""

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
    """Runs a handler as the function `example`."""

    def __call__(self, handler: Handler, *, concurrency: int = 1) -> AbstractContextManager[LambdaRuntime]:
        """Return a runtime with environments of the tested kind."""
        ...


@pytest.fixture(params=["in this process", "in processes of their own"])
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Running:
    """A function that runs a handler in each kind of environment, with short pauses between attempts."""

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
    """Return a runtime with the handler as its only function."""
    path = f"{handler.__module__}.{handler.__name__}"
    return LambdaRuntime(
        [Function(name="example", handler=handler, path=path, memory_size=256, timeout=30)],
        region="eu-west-1",
        environments=environments,
        retry_delays=(0.001, 0.002),
        report=lambda _failure: None,
    )


def failure_of(response: Response) -> FailedInvocation:
    """Return the failure of a response."""
    assert response.failure is not None
    return response.failure


def invoke_concurrently(runtime: LambdaRuntime, event: str, callers: int) -> list[Response]:
    """Invoke the function from several threads at the same time."""
    responses: list[Response] = []
    threads = [
        threading.Thread(target=lambda: responses.append(runtime.invoke("example", event))) for _ in range(callers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return responses


def test_event_and_result_are_converted_to_json(running: Running) -> None:
    """The handler gets the event, and the caller the result, after a conversion to JSON and back."""
    with running(example_handlers.echo) as runtime:
        assert json.loads(runtime.invoke("example", '{"items": [1, null]}').payload) == {"items": [1, None]}
    with running(example_handlers.answer) as runtime:
        assert json.loads(runtime.invoke("example", "{}").payload) == {"tuple": [1, 2], "name": "Grüße"}


def test_context_describes_the_function(running: Running) -> None:
    """It has name, ARN, memory, log group and remaining time, as on AWS."""
    with running(example_handlers.describe) as runtime:
        context = json.loads(runtime.invoke("example", "{}").payload)

    assert 0 < context.pop("remaining") <= 30_000
    assert context == {
        "function_name": "example",
        "invoked_function_arn": "arn:aws:lambda:eu-west-1:123456789012:function:example",
        "memory_limit_in_mb": "256",
        "log_group_name": "/aws/lambda/example",
    }


def test_exception_becomes_the_error_payload_of_aws(running: Running) -> None:
    """The error type is the class name, and the stack trace begins in the handler."""
    with running(example_handlers.fail) as runtime:
        response = runtime.invoke("example", "{}")

    payload = json.loads(response.payload)
    assert list(payload) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert payload["errorMessage"] == "no such column"
    assert payload["errorType"] == "ValueError"
    assert failure_of(response).request_id == payload["requestId"]
    assert "in fail" in payload["stackTrace"][0]


@pytest.mark.parametrize(
    ("handler", "event", "expected"),
    [
        (example_handlers.return_a_set, "{}", "Runtime.MarshalError"),
        (example_handlers.echo, "{", "Runtime.UnmarshalError"),
        (example_handlers.exit_process, "{}", "Runtime.ExitError"),
    ],
)
def test_failures_of_the_runtime_have_lambdas_names(
    running: Running, handler: Handler, event: str, expected: str
) -> None:
    """Failures other than exceptions of the handler have an error type of Lambda."""
    with running(handler) as runtime:
        assert expected == failure_of(runtime.invoke("example", event)).error_type


def test_invoking_an_unknown_function_is_a_failure(running: Running) -> None:
    """It is recorded like other failures."""
    with running(example_handlers.echo) as runtime:
        runtime.invoke("missing", "{}")

        assert [failure.error_type for failure in runtime.failures] == ["ResourceNotFoundException"]


def test_event_that_fails_three_times_is_a_dead_letter(running: Running) -> None:
    """Lambda retries an asynchronous event twice; each failure is recorded."""
    with running(example_handlers.fail) as runtime:
        runtime.invoke_async("example", '{"n": 1}')
        assert runtime.wait_until_delivered(PATIENCE)

        assert [failure.attempt for failure in runtime.failures] == [1, 2, 3]
        assert [(letter.function, letter.event) for letter in runtime.dead_letters] == [("example", '{"n": 1}')]


def test_event_that_succeeds_after_a_retry_is_no_dead_letter(running: Running, tmp_path: Path) -> None:
    """The failed attempt is recorded."""
    with running(example_handlers.fail_once) as runtime:
        runtime.invoke_async("example", json.dumps(str(tmp_path / "attempted")))
        assert runtime.wait_until_delivered(PATIENCE)

        assert [failure.error_type for failure in runtime.failures] == ["ConnectionError"]
        assert runtime.dead_letters == ()


def test_waiting_for_delivery_is_bounded(running: Running, tmp_path: Path) -> None:
    """Waiting returns False when the time runs out."""
    released = tmp_path / "released"
    with running(example_handlers.await_file) as runtime:
        runtime.invoke_async("example", json.dumps(str(released)))

        assert not runtime.wait_until_delivered(0.01)
        released.touch()
        assert runtime.wait_until_delivered(PATIENCE)


def test_invocations_in_one_environment_run_one_at_a_time(running: Running, tmp_path: Path) -> None:
    """With a concurrency of 1, no two handlers run at the same time."""
    with running(example_handlers.lock_file) as runtime:
        responses = invoke_concurrently(runtime, json.dumps(str(tmp_path / "turn")), callers=5)

    assert ["true"] * 5 == [response.payload for response in responses]


def test_failure_is_printed_with_its_traceback(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    """Standard error gets the function, the attempt and the handler's stack."""
    with running(example_handlers.fail) as runtime:
        show(failure_of(runtime.invoke("example", "{}")))

    shown = capsys.readouterr().err
    assert "example failed (attempt 1, request" in shown
    assert shown.rstrip().endswith("ValueError: no such column")
    assert "in fail" in shown


def test_caller_beyond_the_concurrency_is_throttled() -> None:
    """The function does not run, and no failure is recorded; an asynchronous event waits."""
    running, released, events = threading.Event(), threading.Event(), []

    def hold(event: object, _context: object) -> None:
        events.append(event)
        running.set()
        released.wait(PATIENCE)

    functions = [Function(name="example", handler=hold)]
    with LambdaRuntime(functions, region="eu-west-1", concurrency=1) as runtime, ThreadPoolExecutor(1) as callers:
        first = callers.submit(runtime.invoke, "example", "1")
        assert running.wait(PATIENCE)
        assert runtime.invoke("example", "2").is_throttled
        runtime.invoke_async("example", "3")
        assert not runtime.wait_until_delivered(0.1)
        released.set()
        assert runtime.wait_until_delivered(PATIENCE)

        assert first.result().failure is None
        assert [1, 3] == events
        assert {"example"} == set(runtime.throttled)
        assert ((), ()) == (runtime.failures, runtime.dead_letters)
