"""Handlers of example functions, in a module that worker processes can import."""

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
    """Return the context's attributes."""
    return {
        "function_name": context.function_name,
        "invoked_function_arn": context.invoked_function_arn,
        "memory_limit_in_mb": context.memory_limit_in_mb,
        "log_group_name": context.log_group_name,
        "remaining": context.get_remaining_time_in_millis(),
    }


def fail(_event: Any, _context: Any) -> Never:
    """Raise an exception."""
    raise ValueError("no such column")


def return_a_set(_event: Any, _context: Any) -> Any:
    """Return a value that JSON cannot represent."""
    return {1, 2}


def exit_process(_event: Any, _context: Any) -> Never:
    """End the process."""
    sys.exit(1)


def fail_once(event: Any, _context: Any) -> None:
    """Raise unless the event's file exists; create it."""
    if not _create(event):
        raise ConnectionError("try again")


def die_once(event: Any, _context: Any) -> None:
    """Kill the process unless the event's file exists; create it."""
    if not _create(event):
        os.kill(os.getpid(), signal.SIGKILL)


def await_file(event: Any, _context: Any) -> None:
    """Wait until the event's file exists, for a limited time."""
    deadline = time.monotonic() + PATIENCE
    while not Path(event).exists() and time.monotonic() < deadline:
        time.sleep(0.005)


def lock_file(event: Any, _context: Any) -> bool:
    """Lock the event's file for a moment; return whether it was unlocked before."""
    with Path(event).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        time.sleep(0.005)  # long enough for concurrent invocations to start
        return True


def process_id(_event: Any, _context: Any) -> int:
    """Return the process id."""
    return os.getpid()


def write(event: Any, _context: Any) -> None:
    """Write a line to standard error."""
    sys.stderr.write(f"{event}\n")


def _create(path: str) -> bool:
    """Create a file; return whether it existed."""
    existed = Path(path).exists()
    Path(path).touch()
    return existed
