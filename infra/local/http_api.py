"""The app's HTTP API: runs `chalice local` in a process of its own."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Final

from infra.local.child_processes import end, spawn, wait_until_ready
from infra.local.deployment import STAGE
from infra.local.ports import LOOPBACK
from infra.local.project import PROJECT_ROOT

_START_TIMEOUT: Final = 30.0  # seconds


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
        if not wait_until_ready(process, lambda: _takes_connections(port), seconds=_START_TIMEOUT):
            raise HttpApiFailed(f"chalice local did not start on port {port}")
        yield process
    finally:
        end(process)


def _takes_connections(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port)).close()
    except ConnectionRefusedError:
        return False
    return True
