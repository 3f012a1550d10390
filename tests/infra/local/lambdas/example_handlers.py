"""Handlers of toy functions, which a process of its own can find as well as this one."""

import fcntl
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, Never

PATIENCE = 60.0  # seconds


def echo(event: Any, _context: Any) -> Any:
    """Return the event."""
    return event


def answer(_event: Any, _context: Any) -> Any:
    """Return a value that JSON writes differently."""
    return {"tuple": (1, 2), "name": "Grüße"}


def describe(_event: Any, context: Any) -> Any:
    """Return what the context says."""
    return {
        "function_name": context.function_name,
        "invoked_function_arn": context.invoked_function_arn,
        "memory_limit_in_mb": context.memory_limit_in_mb,
        "log_group_name": context.log_group_name,
        "remaining": context.get_remaining_time_in_millis(),
    }


def fail(_event: Any, _context: Any) -> Never:
    """Fail as handlers do."""
    raise ValueError("no such column")


def give_a_set(_event: Any, _context: Any) -> Any:
    """Return what JSON does not know."""
    return {1, 2}


def leave(_event: Any, _context: Any) -> Never:
    """End the runtime."""
    sys.exit(1)


def fail_once(event: Any, _context: Any) -> None:
    """Fail unless the file that the event names is there; then it is."""
    if not _leave_mark(event):
        raise ConnectionError("try again")


def die_once(event: Any, _context: Any) -> None:
    """Die unless the file that the event names is there; then it is."""
    if not _leave_mark(event):
        os.kill(os.getpid(), signal.SIGKILL)


def await_file(event: Any, _context: Any) -> None:
    """Wait until the file that the event names is there, but not for ever."""
    deadline = time.monotonic() + PATIENCE
    while not Path(event).exists() and time.monotonic() < deadline:
        time.sleep(0.005)


def take_turn(event: Any, _context: Any) -> bool:
    """Hold the file that the event names for a moment; return whether no other process held it."""
    with Path(event).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        time.sleep(0.005)  # long enough for the others to come by
        return True


def process_id(_event: Any, _context: Any) -> int:
    """Return the process id."""
    return os.getpid()


def write(event: Any, _context: Any) -> None:
    """Write a line to standard error."""
    sys.stderr.write(f"{event}\n")


def _leave_mark(path: str) -> bool:
    """Make a file; say whether it was there already."""
    was_there = Path(path).exists()
    Path(path).touch()
    return was_there
