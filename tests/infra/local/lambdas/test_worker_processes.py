"""Environments as worker processes: a dead one fails its invocation and is replaced."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local.lambdas.environments import Function
from infra.local.lambdas.invocations import Handler
from infra.local.lambdas.runtime import LambdaRuntime
from infra.local.lambdas.worker_processes import WorkerProcesses
from tests.infra.local.lambdas import example_handlers

PATIENCE = 60.0  # seconds
ROOT = Path(__file__).parents[4]

_STARTER = """
import sys, threading
from pathlib import Path
from infra.local.lambdas.environments import Function
from infra.local.lambdas.runtime import LambdaRuntime
from infra.local.lambdas.worker_processes import WorkerProcesses
from tests.infra.local.lambdas import example_handlers
path = "tests.infra.local.lambdas.example_handlers.process_id"
function = Function(name="example", handler=example_handlers.process_id, path=path)
with LambdaRuntime([function], region="eu-west-1", environments=WorkerProcesses(log=Path(sys.argv[1]))) as runtime:
    print(runtime.invoke("example", "{}").payload, flush=True)
    threading.Event().wait()
"""


@pytest.fixture
def workers(tmp_path: Path) -> WorkerProcesses:
    """Two environments."""
    return WorkerProcesses(concurrency=2, log=tmp_path / "log")


@contextmanager
def running(workers: WorkerProcesses, *handlers: Handler, timeout: int = 30) -> Iterator[LambdaRuntime]:
    """Run handlers under their own names."""
    functions = [
        Function(name=it.__name__, handler=it, path=f"{it.__module__}.{it.__name__}", timeout=timeout)
        for it in handlers
    ]
    with LambdaRuntime(
        functions,
        region="eu-west-1",
        environments=workers,
        retry_delays=(0.001, 0.002),
        report=lambda _failure: None,
    ) as runtime:
        yield runtime


def eventually(is_so: Callable[[], bool]) -> bool:
    """Wait for a condition, for a limited time."""
    deadline = time.monotonic() + PATIENCE
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.005)
    return is_so()


def test_warm_process_is_reused(workers: WorkerProcesses) -> None:
    """It is not the test's process, and the same for each function."""
    with running(workers, example_handlers.process_id, example_handlers.fail) as runtime:
        first = runtime.invoke("process_id", "{}").payload
        runtime.invoke("fail", "{}")

        assert first == runtime.invoke("process_id", "{}").payload
    assert first != str(os.getpid())


def test_process_killed_during_an_invocation_fails_it_and_is_replaced(workers: WorkerProcesses, tmp_path: Path) -> None:
    """The caller gets AWS's error type; the next invocation gets a new process."""
    with running(workers, example_handlers.await_file, example_handlers.process_id) as runtime:
        before = int(runtime.invoke("process_id", "{}").payload)
        killer = threading.Timer(0.05, os.kill, (before, signal.SIGKILL))
        killer.start()
        response = runtime.invoke("await_file", json.dumps(str(tmp_path / "never")))
        killer.join()

        assert json.loads(response.payload)["errorType"] == "Runtime.ExitError"
        assert json.loads(response.payload)["errorMessage"].endswith("Runtime exited with error: signal: 9")
        assert before != int(runtime.invoke("process_id", "{}").payload)


def test_process_killed_while_idle_is_replaced(workers: WorkerProcesses) -> None:
    """No invocation fails."""
    with running(workers, example_handlers.process_id) as runtime:
        before = runtime.invoke("process_id", "{}").payload
        (process,) = workers.processes
        process.kill()
        process.wait()

        assert before != runtime.invoke("process_id", "{}").payload
        assert runtime.failures == ()


def test_event_whose_process_is_killed_is_retried(workers: WorkerProcesses, tmp_path: Path) -> None:
    """Lambda retries asynchronous events after any failure."""
    with running(workers, example_handlers.die_once) as runtime:
        runtime.invoke_async("die_once", json.dumps(str(tmp_path / "died")))
        assert runtime.wait_until_delivered(PATIENCE)

        assert ["Runtime.ExitError"] == [failure.error_type for failure in runtime.failures]
        assert runtime.dead_letters == ()


def test_function_that_exceeds_its_timeout_is_killed(workers: WorkerProcesses, tmp_path: Path) -> None:
    """The caller gets AWS's error type, and the process has ended."""
    with running(workers, example_handlers.await_file, timeout=1) as runtime:
        response = runtime.invoke("await_file", json.dumps(str(tmp_path / "never")))

        assert workers.processes == ()
    payload = json.loads(response.payload)
    assert payload["errorType"] == "Sandbox.Timedout"
    assert payload["errorMessage"].endswith("Task timed out after 1.00 seconds")


def test_module_that_cannot_be_imported_is_a_failed_invocation(tmp_path: Path) -> None:
    """The log has the reason."""
    log = tmp_path / "log"
    function = Function(name="example", handler=example_handlers.echo, path="tests.infra.local.nowhere.echo")
    with LambdaRuntime(
        [function], region="eu-west-1", environments=WorkerProcesses(log=log), report=lambda _failure: None
    ) as runtime:
        response = runtime.invoke("example", "{}")

    assert json.loads(response.payload)["errorType"] == "Runtime.ExitError"
    assert "No module named 'tests.infra.local.nowhere'" in log.read_text()


def test_output_of_functions_is_in_the_log(workers: WorkerProcesses, tmp_path: Path) -> None:
    """On AWS, CloudWatch has it."""
    with running(workers, example_handlers.write) as runtime:
        runtime.invoke("write", '"a line"')

        assert (tmp_path / "log").read_text() == "a line\n"


def test_no_process_outlives_the_runtime(workers: WorkerProcesses, tmp_path: Path) -> None:
    """A busy process is killed."""
    with running(workers, example_handlers.await_file) as runtime:
        runtime.invoke_async("await_file", json.dumps(str(tmp_path / "never")))
        assert eventually(lambda: len(workers.processes) == 1)
        (process,) = workers.processes

    assert process.poll() is not None
    assert runtime.failures == ()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_no_process_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    """A worker ends when its parent is killed."""
    with subprocess.Popen(  # noqa: S603 - a constant program
        [sys.executable, "-c", _STARTER, tmp_path / "log"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        worker = Path("/proc", parent.stdout.readline().strip())
        assert worker.exists()
        parent.kill()

    assert eventually(lambda: not worker.exists())
