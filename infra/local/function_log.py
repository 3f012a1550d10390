"""The log of the functions' output, which on AWS goes to CloudWatch."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from infra.local.project import PROJECT_ROOT


@contextmanager
def function_log(name: str) -> Iterator[Path]:
    """Append the output of this process to a log under `.local/`, and yield its path: the terminal is for people."""
    directory = PROJECT_ROOT / ".local"
    directory.mkdir(exist_ok=True)
    path = Path(os.path.relpath(directory / f"{name}.log"))
    with path.open("a", buffering=1, encoding="utf-8") as log, redirect_stdout(log), redirect_stderr(log):
        yield path
