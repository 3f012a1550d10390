"""TCP ports on the loopback interface."""

import errno
import secrets
import socket
from contextlib import suppress
from typing import Final

LOOPBACK: Final = "127.0.0.1"
# Below the ports that systems assign by themselves: one of these could be a client's before it is listened on.
_SERVERS: Final = range(10_000, 32_000)
_returned: set[int] = set()


class PortInUse(Exception):
    """Another process listens on the given port."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} on {LOOPBACK} is in use")
        self.port = port


def listen(port: int) -> socket.socket:
    """Return a socket that listens on `port`, or on a free one if it is 0.

    Raises:
        PortInUse: another process listens there.
    """
    try:
        return socket.create_server((LOOPBACK, port), backlog=128)
    except OSError as refused:
        if refused.errno != errno.EADDRINUSE:
            raise
        raise PortInUse(port) from refused


def free_port() -> int:
    """Return a port that is free, and another one each time: what takes an earlier one may not listen yet."""
    while True:
        port = secrets.choice(_SERVERS)
        with suppress(PortInUse):
            require_free(port)
            if port not in _returned:
                _returned.add(port)
                return port


def require_free(port: int) -> None:
    """Raise `PortInUse` if another process listens on `port`."""
    listen(port).close()
