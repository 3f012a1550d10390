"""Run external programs and report their errors."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


class CommandMissing(Exception):
    """A program is not installed; the message says which, and where to get it."""


class CommandFailed(Exception):
    """A program ended with an error; the message is the end of its output."""


def require(program: str, hint: str) -> None:
    """Raise CommandMissing, with the hint, unless the program is on the path."""
    if shutil.which(program) is None:
        raise CommandMissing(f"{program} is not installed: {hint}")


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    allowed: Sequence[int] = (0,),
    shown: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; raises CommandFailed if it ends with another exit code than those allowed.

    With `shown`, its output goes to the terminal as it comes; otherwise output and errors are in the result.
    """
    ended = subprocess.run(  # noqa: S603 - our own command lines
        command,
        cwd=cwd,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=None if shown else subprocess.PIPE,
        stderr=None if shown else subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode not in allowed:
        said = "" if shown else f":\n{ended.stdout.strip()}"
        raise CommandFailed(f"{' '.join(map(str, command))} ended with {ended.returncode}{said}")
    return ended
