"""Inject the plan's faults while a trial runs."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Final, Self

from infra.local.lambdas.worker_processes import WorkerProcesses
from infra.local.postgres import PostgresServer
from infra.local.stack import LocalStack
from tests.chaos.plan import Fault, PlannedFault

_POLL_INTERVAL: Final = 0.02  # seconds
_PATIENCE: Final = 5.0  # seconds to wait for something to break
_OUTAGE: Final = (0.5, 3.0)  # seconds, at least and at most


class FaultInjector:
    """Injects faults from a thread of its own; a context manager that repairs them on exit.

    `progress` returns how many executions have ended. A fault that finds nothing to break within 5 s is skipped.
    """

    def __init__(  # noqa: PLR0913 - everything that can break
        self,
        faults: Sequence[PlannedFault],
        *,
        rng: Random,
        progress: Callable[[], int],
        server: PostgresServer,
        workers: WorkerProcesses,
        stack: LocalStack,
    ) -> None:
        self.injected: Final[Counter[Fault]] = Counter()
        self.aborted: Final[set[str]] = set()
        self._faults = faults
        self._rng = rng
        self._progress = progress
        self._server = server
        self._runers = workers
        self._stack = stack
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._break: Final[dict[Fault, Callable[[], bool]]] = {
            Fault.KILL: self._kill,
            Fault.OUTAGE: self._interrupt_database,
            Fault.ABORT: self._abort,
        }

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, once everything is repaired."""
        self._closing.set()
        self._thread.join()

    @property
    def is_done(self) -> bool:
        """Whether all faults have been injected."""
        return not self._thread.is_alive()

    def _run(self) -> None:
        for planned in self._faults:
            while self._progress() < planned.after:
                if self._closing.wait(_POLL_INTERVAL):
                    return
            self.injected[planned.fault] += self._retry(self._break[planned.fault])

    def _retry(self, broken: Callable[[], bool]) -> bool:
        for _ in range(int(_PATIENCE / _POLL_INTERVAL)):
            if broken():
                return True
            if self._closing.wait(_POLL_INTERVAL):
                break
        return False

    def _kill(self) -> bool:
        busy = self._runers.busy
        if busy:
            self._rng.choice(busy).kill()
        return bool(busy)

    def _interrupt_database(self) -> bool:
        self._server.stop()
        self._closing.wait(self._rng.uniform(*_OUTAGE))
        self._server.start()
        return True

    def _abort(self) -> bool:
        running = self._stack.running_executions()
        if running:
            execution = self._rng.choice(running)
            self.aborted.add(execution["name"])
            self._stack.aws.client("stepfunctions").stop_execution(executionArn=execution["executionArn"])
        return bool(running)
