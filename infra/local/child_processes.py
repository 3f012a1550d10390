"""Child processes that end with this one."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import FrameType
from typing import IO, Any, Final, NoReturn

_PR_SET_PDEATHSIG: Final = 1
_PATIENCE: Final = 10.0  # seconds
_PROBE_INTERVAL: Final = 0.02  # seconds
_ENDINGS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# To Linux the parent is a thread, not a process: a caller's own may end long before us.
_parent: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="parent")


def handle_signals() -> None:
    """Make the first Ctrl-C, SIGTERM or SIGHUP raise KeyboardInterrupt, and ignore further ones during the clean-up."""
    for ending in _ENDINGS:
        signal.signal(ending, _interrupt)


def spawn(  # noqa: PLR0913 - what a process has
    command: Sequence[str | Path],
    *,
    log: IO[bytes],
    cwd: Path,
    stop_signal: signal.Signals = signal.SIGTERM,
    account: str | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a process that gets `stop_signal` when this one ends, even if this one is killed.

    It has a process group of its own, so that a Ctrl-C reaches us alone and we can end things in order.
    """

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own command lines
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            process_group=0,
            pass_fds=pass_fds,
            preexec_fn=_on_parent_death(stop_signal),  # noqa: PLW1509 - one system call: no lock, no import
            **credentials(account),
        )

    return _parent.submit(start).result()


def end(process: subprocess.Popen[bytes], stop_signal: signal.Signals = signal.SIGTERM) -> None:
    """Signal a process to stop, and reap it; kill it if it does not stop in time."""
    process.send_signal(stop_signal)
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until_ready(process: subprocess.Popen[bytes], is_ready: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until a process is ready; False if it ends before that, or is not ready after `seconds`."""
    deadline = time.monotonic() + seconds
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            return False
        time.sleep(_PROBE_INTERVAL)
    return True


def unprivileged_account() -> str | None:
    """Return the account for programs that refuse to run as root; None if this process is not root."""
    return "nobody" if os.geteuid() == 0 else None


def credentials(account: str | None) -> dict[str, Any]:
    """Return the arguments by which `subprocess` runs a program as `account`; none for None."""
    if account is None:
        return {}
    entry = pwd.getpwnam(account)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": ()}


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    for ending in _ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise KeyboardInterrupt


def _on_parent_death(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what the child calls before it starts; None where the system, unlike Linux, has no such signal."""
    if sys.platform != "linux":
        return None
    return partial(ctypes.CDLL(None).prctl, _PR_SET_PDEATHSIG, stop_signal)
