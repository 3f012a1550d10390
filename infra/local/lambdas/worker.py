"""A worker process: runs one handler after the other for its parent, over an inherited connection.

It sends that it is ready, then answers each `(path, invocation)` with the result in JSON, or with the failure. It ends
when the parent closes the connection.
"""

import importlib
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from attrs import asdict

from infra.local.lambdas.invocations import Failure, Invocation, call


def serve(connection: "Connection[Any, Any]") -> None:
    """Run invocations until the connection closes."""
    connection.send(True)  # noqa: FBT003 - the message
    while True:
        path, invocation = connection.recv()
        connection.send(_run(path, Invocation(**invocation)))


def _run(path: str, invocation: Invocation) -> str | dict[str, Any]:
    module, _, name = path.rpartition(".")
    try:
        return call(getattr(importlib.import_module(module), name), invocation)
    except Exception as error:  # noqa: BLE001 - the edge: becomes a recorded, visible failure
        return asdict(Failure.of(error))


if __name__ == "__main__":
    descriptor, first_module = sys.argv[1:]
    importlib.import_module(first_module)
    with suppress(EOFError, ConnectionError):
        serve(Connection(int(descriptor)))
