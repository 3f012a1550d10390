"""The app's HTTP API, by the real `chalice local`, in a process of its own."""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Final

from infra.local.children import end, spawn
from infra.local.deployment import PROJECT_ROOT, STAGE
from infra.local.ports import LOOPBACK

_START_TIMEOUT: Final = 30.0  # seconds
_PROBE_INTERVAL: Final = 0.05  # seconds


class HttpApiFailed(Exception):
    """`chalice local` did not start, or ended by itself; its log says why."""


@contextmanager
def http_api(port: int, *, log: Path) -> Iterator[Popen[bytes]]:
    """Serve the app's routes on a port, in this process's environment, with the output appended to `log`."""
    chalice = Path(sys.executable).with_name("chalice")
    options = ["--stage", STAGE, "--host", LOOPBACK, "--port", str(port), "--no-autoreload"]
    with log.open("ab") as output:
        process = spawn([chalice, "local", *options], log=output, cwd=PROJECT_ROOT)
    try:
        _await_connections(process, port)
        yield process
    finally:
        end(process)


def _await_connections(process: Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while not _takes_connections(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise HttpApiFailed(f"chalice local did not start on port {port}")
        time.sleep(_PROBE_INTERVAL)


def _takes_connections(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port)).close()
    except ConnectionRefusedError:
        return False
    return True
