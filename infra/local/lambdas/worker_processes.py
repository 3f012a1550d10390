"""Environments in processes of their own, which fail independently of each other.

As on AWS, the death of a process fails its invocation with Runtime.ExitError, and a function that exceeds its timeout
is killed and fails with Sandbox.Timedout; the next invocation gets a new process. Unlike on AWS, a process runs any
function of the app, one invocation at a time.
"""

import sys
import threading
from multiprocessing.connection import Pipe
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from typing import Any, Final, Self

from attrs import asdict

from infra.local.child_processes import spawn
from infra.local.lambdas.environments import Function
from infra.local.lambdas.invocations import Failure, Invocation
from infra.local.project import PROJECT_ROOT

_START_TIMEOUT: Final = 60.0  # seconds
_EXIT_TIMEOUT: Final = 5.0  # seconds between letting go of the connection and being gone


class WorkerProcesses:
    """Runs handlers in up to `concurrency` processes, started on demand and kept for the next invocation.

    Their output, such as the functions' log lines, is appended to `log`. They inherit the environment variables that
    this process has when they start.
    """

    def __init__(self, *, log: Path, concurrency: int = 4) -> None:
        self.concurrency = concurrency
        self._log = log
        self._free = threading.Semaphore(concurrency)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._is_closed = False

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Kill all processes; their invocations fail."""
        with self._lock:
            self._is_closed = True
            for worker in self._idle:
                worker.close()
            for worker in self._busy:
                worker.kill()  # the thread that waits for it closes it
            self._idle.clear()

    @property
    def processes(self) -> tuple[Popen[bytes], ...]:
        """The processes that run now."""
        with self._lock:
            return tuple(worker.process for worker in (*self._busy, *self._idle) if worker.is_alive)

    @property
    def busy(self) -> tuple[Popen[bytes], ...]:
        """The processes that run an invocation now."""
        with self._lock:
            return tuple(worker.process for worker in self._busy if worker.is_alive)

    def run(self, function: Function, invocation: Invocation) -> str | Failure:
        """Run a function, once a process is free or can be started."""
        with self._free:
            worker = self._take(function.module)
            try:
                return worker.run(function, invocation)
            finally:
                self._give_back(worker)

    def _take(self, module: str) -> "_Worker":
        """Return the idle process that was busy last, whose caches are warm, or a new one."""
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.is_alive:
                    break
                worker.close()
            else:
                worker = _Worker(module, self._log)
            self._busy.add(worker)
            if self._is_closed:
                worker.kill()
            return worker

    def _give_back(self, worker: "_Worker") -> None:
        with self._lock:
            self._busy.remove(worker)
            if worker.is_alive and not self._is_closed:
                self._idle.append(worker)
            else:
                worker.close()


class _Worker:
    """A process that serves one invocation after the other until it dies.

    Its end of the connection closes with it, so that no caller waits for a dead process.
    """

    def __init__(self, module: str, log: Path) -> None:
        self._connection, theirs = Pipe()
        with log.open("ab") as output, theirs:
            self.process: Final = spawn(
                [sys.executable, "-m", "infra.local.lambdas.worker", str(theirs.fileno()), module],
                log=output,
                cwd=PROJECT_ROOT,
                pass_fds=(theirs.fileno(),),
            )
        self._is_ready = False

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self.process.poll() is None

    def run(self, function: Function, invocation: Invocation) -> str | Failure:
        """Run a function on an event; the process has ended if it crashed or exceeded the timeout."""
        try:
            if not self._is_ready:  # a function's time begins when its module has been imported
                self._is_ready = self._receive(_START_TIMEOUT)
            self._connection.send((function.path, asdict(invocation)))
            reply = self._receive(invocation.timeout)
        except TimeoutError:
            self.kill()
            what = f"Task timed out after {invocation.timeout:.2f} seconds"
            return Failure.of_service("Sandbox.Timedout", f"RequestId: {invocation.request_id} Error: {what}")
        except (EOFError, OSError):
            what = f"Runtime exited with error: {self._ending()}"
            return Failure.of_service("Runtime.ExitError", f"RequestId: {invocation.request_id} Error: {what}")
        return reply if isinstance(reply, str) else Failure(**reply)

    def kill(self) -> None:
        """Kill the process, if it runs, and reap it: it has nothing to clean up."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """Close the connection to a process that is not used again."""
        self.kill()
        self._connection.close()

    def _receive(self, seconds: float) -> Any:
        if not self._connection.poll(seconds):
            raise TimeoutError
        return self._connection.recv()

    def _ending(self) -> str:
        try:
            code = self.process.wait(_EXIT_TIMEOUT)
        except TimeoutExpired:
            self.kill()
            code = self.process.returncode
        return f"exit status {code}" if code >= 0 else f"signal: {-code}"
