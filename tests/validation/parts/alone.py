"""Validates files in several processes: `python -m tests.validation.parts.alone`.

Forks are made of a process with one thread alone, which is not what runs the tests.
"""

import os
import select
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

import pytest

from chalicelib.validation import validate
from chalicelib.validation.fast.engines import Engine
from chalicelib.validation.fast.native import key_log
from chalicelib.validation.parts import entries
from chalicelib.validation.parts import report as part_reports
from chalicelib.validation.parts.validation import PartValidator
from chalicelib.validation.processes import in_order, usable
from tests.validation.parts.test_whole import REFERENCE, SCHEMA, TABLE
from tests.validation.parts.trial import Trial, in_parts_of

ROWS = b"".join(b'%d,k%d,"k,\n%d"\n' % (at % 380, at % 17, at % 19) for at in range(400))
FILE = b"a,b,c\n" + ROWS + b"x,k\n" * 50
KEYS = {"primaryKey": "a", "uniqueKeys": [["b", "c"]], "foreignKeys": [REFERENCE]}
KEYED = Trial(data=FILE, schema={**SCHEMA, **KEYS, "assay": {"tolerance": {"rows": "50%"}}}, marks_rows=True)
MAIN = os.getpid()


def engines() -> None:
    """Each engine finds the same by several processes: errors, keys, faulty rows, and the full report."""
    for engine in Engine:
        trial = Trial(data=FILE, schema=KEYED.schema, engine=engine, marks_rows=True)
        assert trial.whole() == trial.in_processes(3, 1500)


def shared_keys() -> None:
    """Many keys are compared by several processes."""
    with patch.object(key_log, "_MIN_SHARED", 10):
        assert KEYED.whole() == KEYED.in_processes(3, 1000)


def small_parts() -> None:
    """Parts may have one byte."""
    trial = Trial(data=TABLE, schema=SCHEMA)
    assert trial.whole() == trial.in_processes(3, 1)


def full_report() -> None:
    """Processes stop listing errors when the full report has no more room."""
    whole = KEYED.whole()
    with patch.multiple(part_reports, MAX_ENTRIES=5), patch.multiple(entries, MAX_ENTRIES=5):
        found = KEYED.in_processes(2, 1000)
    assert whole.report == found.report
    assert whole.lines[:5] == found.lines[:5]


def watched() -> None:
    """The numbers never fall, and end with those of the whole."""
    seen: list[tuple[int, int]] = []
    with tempfile.NamedTemporaryFile() as file:
        file.write(FILE)
        file.flush()
        with in_parts_of(1000):
            report = validate(Path(file.name), SCHEMA, processes=3, watch=lambda *numbers: seen.append(numbers))
    assert sorted(seen) == seen
    assert (report.error_count, len(FILE)) == seen[-1]


def killed() -> None:
    """What a process had that was killed is validated by this one."""
    _with_forks_that(lambda: os.kill(os.getpid(), signal.SIGKILL))


def failing() -> None:
    """A process ends silently at an exception, and this one validates the part."""

    def fail() -> None:
        raise MemoryError

    _with_forks_that(fail)


def _with_forks_that(do: Callable[[], None]) -> None:
    validate_part = PartValidator.validate

    def broken(*arguments: Any, **keywords: Any) -> Any:
        if os.getpid() != MAIN and arguments[1] > 2:
            do()
        return validate_part(*arguments, **keywords)

    with patch.object(PartValidator, "validate", broken):
        assert KEYED.whole() == KEYED.in_processes(3, 900)


def raising() -> None:
    """An exception of this process is raised, and no process is left."""

    def run(number: int, _: object) -> int:
        if os.getpid() == MAIN and number > 2:
            raise ValueError("after the third")
        return number

    with (
        pytest.raises(ValueError, match="third"),
        in_order(run, 1000, 3, pack=lambda number: b"%d" % number, unpack=int) as results,
    ):
        list(results)
    _expect_no_children()


def terminated() -> None:
    """No fork outlives a process that a signal ends in the middle of a task."""
    for ending in (signal.SIGTERM, signal.SIGKILL):
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _run_without_end(writing)
        os.close(writing)
        for _ in range(3):
            assert os.read(reading, 1) == b"."
        os.kill(pid, ending)
        os.waitpid(pid, 0)
        assert select.select([reading], [], [], 30)[0], "a fork is still running"
        assert os.read(reading, 1) == b""
        os.close(reading)


def _run_without_end(writing: int) -> NoReturn:
    """Run a task in each of three processes, which writes a byte and then never ends."""

    def run(_number: int, _pause: object) -> bytes:
        os.write(writing, b".")
        while True:
            signal.pause()

    with in_order(run, 3, 3, pack=bytes, unpack=bytes) as results:
        list(results)
    raise AssertionError


def shortened() -> None:
    """A file that becomes shorter has no verdict."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(FILE)
        file.flush()
        with (
            in_parts_of(1000),
            pytest.raises(OSError, match="the file became shorter while it was read"),
        ):
            validate(Path(file.name), SCHEMA, processes=3, watch=lambda *_: os.truncate(file.name, 3000))
    _expect_no_children()


def large_results() -> None:
    """Results that are larger than a message come in order, too."""

    def run(number: int, pause: Callable[[], None] | None) -> bytes:
        if pause:
            pause()
        return bytes([number]) * number * 1000

    with in_order(run, 100, 3, pack=bytes, unpack=bytes) as results:
        assert [bytes([number]) * number * 1000 for number in range(100)] == list(results)
    _expect_no_children()


def _expect_no_children() -> None:
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


CASES = (
    *(engines, shared_keys, small_parts, full_report, watched),
    *(killed, failing, raising, terminated, shortened, large_results),
)

if __name__ == "__main__":
    assert usable(3) == 3
    for case in CASES:
        case()
