"""Which of the stack's processes copy rows into a table right now."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import Popen
from typing import Final

import psycopg
from attrs import define, field

_COPYING: Final = "SELECT client_port FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY %'"
_SOCKETS: Final = Path("/proc/net/tcp")


@define
class CopyWatch:
    """Looks for COPYs in a database, by one connection while it lasts."""

    dsn: str
    _connection: psycopg.Connection | None = field(init=False, default=None)

    def copying(self, processes: Iterable[Popen[bytes]]) -> list[Popen[bytes]]:
        """Return those of the processes that are within a COPY; none where the database is down, or without /proc."""
        try:
            if self._connection is None:
                self._connection = psycopg.connect(self.dsn, autocommit=True)
            ports = {port for (port,) in self._connection.execute(_COPYING)}
        except psycopg.OperationalError:
            self.close()
            return []
        inodes = set(_inodes(ports)) if ports else set()
        return [process for process in processes if inodes & set(_held(process.pid))] if inodes else []

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _inodes(ports: set[int]) -> Iterator[str]:
    """Yield the inodes of the sockets with these local ports, as /proc names them."""
    for line in _SOCKETS.read_text().splitlines()[1:] if _SOCKETS.exists() else ():
        columns = line.split()
        if int(columns[1].partition(":")[2], 16) in ports:
            yield f"socket:[{columns[9]}]"


def _held(process: int) -> Iterator[str]:
    with suppress(OSError):  # the process has ended
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            with suppress(OSError):
                yield str(descriptor.readlink())
