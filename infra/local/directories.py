"""Directories for data: temporary ones, and those that outlive the local stack.

Each is held by a file descriptor: as long as a process has it, the directory is in use. The descriptor is passed on to
the processes that write there, because they may outlive this one for a moment.
"""

import fcntl
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_urlsafe
from typing import Final

from attrs import frozen

_PATIENCE: Final = 10.0  # seconds
_REMOVE: Final = 'read -r _; rm -rf -- "$0"'


class DirectoryInUse(Exception):
    """Another local stack keeps its data in the directory."""


@frozen
class HeldDirectory:
    """A directory, and the descriptor that holds it."""

    path: Path
    descriptor: int


@contextmanager
def temporary_directory(prefix: str, parent: Path) -> Iterator[HeldDirectory]:
    """Create a directory that is removed once no process holds it, even if this one is killed.

    A shell, which removes it, waits for the end of a pipe; the descriptor is the pipe's other end.
    """
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    ending, descriptor = os.pipe()
    remover = subprocess.Popen(  # noqa: S603 - a constant program
        ["/bin/sh", "-c", _REMOVE, path], stdin=ending, cwd="/", start_new_session=True
    )
    os.close(ending)
    try:
        yield HeldDirectory(path, descriptor)
    finally:
        os.close(descriptor)
        with suppress(subprocess.TimeoutExpired):
            remover.wait(_PATIENCE)


@contextmanager
def kept_directory(path: Path) -> Iterator[HeldDirectory]:
    """Hold a directory that remains, by its absolute path; create it if it is missing. Raises DirectoryInUse."""
    path = path.resolve()
    path.mkdir(parents=True, exist_ok=True)
    with (path / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DirectoryInUse(f"{path} is in use by another local stack") from None
        yield HeldDirectory(path, lock.fileno())


def kept_secret(path: Path) -> str:
    """Return the secret in a file, which is created if it is missing."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(token_urlsafe(32))
    return path.read_text()
