"""Inject the plan's faults while a trial runs."""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Final, Self

from infra.local.lambdas.worker_processes import WorkerProcesses
from infra.local.postgres import PostgresServer
from infra.local.stack import LocalStack
from tests.chaos.copying import CopyWatch
from tests.chaos.plan import WITHIN_COPY, Fault, PlannedFault

_POLL_INTERVAL: Final = 0.02  # seconds
_PATIENCE: Final = 5.0  # seconds to wait for something to break
_OUTAGE: Final = (0.5, 3.0)  # seconds, at least and at most


class FaultInjector:
    """Injects faults from threads of its own; a context manager that repairs them on exit.

    `progress` returns how many executions have ended. A fault that finds nothing to break within 5 s is skipped. One
    that waits for a COPY does so until the end.
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
        self._rng = rng
        self._progress = progress
        self._server = server
        self._workers = workers
        self._stack = stack
        self._copies = CopyWatch(str(stack.database_url))
        self._closing = threading.Event()
        self._outage = threading.Lock()
        within = [planned for planned in faults if planned.fault in WITHIN_COPY]
        others = [planned for planned in faults if planned.fault not in WITHIN_COPY]
        self._thread = threading.Thread(target=self._run, args=(others, _PATIENCE), daemon=True)
        self._waiting_for_copy = threading.Thread(target=self._run, args=(within, math.inf), daemon=True)
        self._break: Final[dict[Fault, Callable[[], bool]]] = {
            Fault.KILL: self._kill,
            Fault.KILL_LOADER: self._kill_loader,
            Fault.OUTAGE: self._interrupt_database,
            Fault.OUTAGE_IN_COPY: self._interrupt_copy,
            Fault.ABORT: self._abort,
        }

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        self._waiting_for_copy.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, once everything is repaired."""
        self._closing.set()
        self._thread.join()
        self._waiting_for_copy.join()
        self._copies.close()

    @property
    def is_done(self) -> bool:
        """Whether all faults have been injected, but for those that wait for a COPY."""
        return not self._thread.is_alive()

    def _run(self, faults: Sequence[PlannedFault], patience: float) -> None:
        for planned in faults:
            while self._progress() < planned.after:
                if self._closing.wait(_POLL_INTERVAL):
                    return
            self.injected[planned.fault] += self._retry(self._break[planned.fault], patience)

    def _retry(self, broken: Callable[[], bool], patience: float) -> bool:
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if broken():
                return True
            if self._closing.wait(_POLL_INTERVAL):
                break
        return False

    def _kill(self) -> bool:
        busy = self._workers.busy
        if busy:
            self._rng.choice(busy).kill()
        return bool(busy)

    def _kill_loader(self) -> bool:
        loading = self._copies.copying(self._workers.busy)
        if loading:
            self._rng.choice(loading).kill()
        return bool(loading)

    def _interrupt_copy(self) -> bool:
        return bool(self._copies.copying(self._workers.busy)) and self._interrupt_database()

    def _interrupt_database(self) -> bool:
        with self._outage:
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
