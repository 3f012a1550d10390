"""Environments that run handlers: the interface, and the one with threads of this process."""

import threading
from typing import Protocol, Self

from attrs import frozen

from infra.local.lambdas.invocations import Failure, Handler, Invocation, call


@frozen(kw_only=True)
class Function:
    """A Lambda function: `memory_size` in MB, `timeout` in seconds, both with Chalice's defaults.

    `path` is where another process finds the handler: its module and its name there, as in "app.csv_validator".
    """

    name: str
    handler: Handler
    path: str = ""
    memory_size: int = 128
    timeout: int = 60

    @property
    def module(self) -> str:
        """The module in which another process finds the handler."""
        return self.path.rpartition(".")[0]


class Environments(Protocol):
    """Runs up to `concurrency` handlers at a time; a context manager that ends what it has started."""

    concurrency: int

    def __enter__(self) -> Self:
        """Make ready to run functions."""
        ...

    def __exit__(self, *_: object) -> None:
        """End the environments, as far as they can be ended."""
        ...

    def run(self, function: Function, invocation: Invocation) -> str | Failure:
        """Run a function once one of the environments is free, and return its result in JSON or how it failed."""
        ...


class SharedEnvironment:
    """Runs handlers in threads of this process.

    Nothing is isolated, and a handler that outlives its timeout is not stopped. A Lambda environment serves one
    invocation at a time, so handlers that share here what they would not share on AWS need a concurrency of 1.
    """

    def __init__(self, *, concurrency: int = 4) -> None:
        self.concurrency = concurrency
        self._free = threading.Semaphore(concurrency)

    def __enter__(self) -> Self:
        """Start nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """End nothing: threads cannot be ended."""

    def run(self, function: Function, invocation: Invocation) -> str | Failure:
        """Run a function, once fewer than `concurrency` functions run."""
        with self._free:
            try:
                return call(function.handler, invocation)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - the edge: becomes a recorded, visible failure
                return Failure.of(error)
