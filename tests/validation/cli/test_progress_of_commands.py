"""The progress that the command shows on a terminal, and elsewhere does not."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest
from attrs import define

from tests.validation.cli.terminal_output import drawn, screen

ROOT = Path(__file__).parents[3]
PATIENCE = 60.0  # seconds
KNOWN = {"TERM": "xterm"}


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A file and its schema. In parts it takes seconds, because the reference reads its keys; one error is early."""
    folder = tmp_path_factory.mktemp("slow")
    file, schema = folder / "slow.csv", folder / "schema.json"
    words = f"{'and so on ' * 8};;" * 2
    file.write_text("id,what\nx,none\n" + "".join(f'{number},"{words}{number}"\n' for number in range(60_000)))
    schema.write_text(
        '{"fields": [{"name": "id", "type": "integer"},'
        ' {"name": "what", "type": "list", "delimiter": ";;", "constraints": {"unique": true}}]}'
    )
    return [str(file), "--schema", str(schema)]


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """Let processes handle an interrupt, also if these tests run in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@define
class Session:
    """The command on a terminal."""

    process: subprocess.Popen[bytes]
    controller: int
    received: bytes = b""

    @property
    def output(self) -> str:
        """The output of the terminal so far."""
        return self.received.decode(errors="replace")

    def read(self) -> bool:
        """Read some more of that; False if there is none."""
        try:
            piece = os.read(self.controller, 4096)
        except OSError:  # the other side has been closed, or has nothing for one who does not wait
            return False
        self.received += piece
        return bool(piece)

    def read_until(self, sign: str) -> None:
        """Read until that has been written."""
        while sign not in self.output:
            assert self.read(), self.output

    def finish(self) -> bytes:
        """Close standard input, read to the end, and return the standard output."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        while self.read():
            pass
        self.process.wait()
        return self.process.stdout.read()


@contextmanager
def started(*arguments: str, columns: int = 80, encoding: str = "utf-8") -> Iterator[Session]:
    """Start the command with a terminal for its standard error."""
    controller, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (25, columns))
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "chalicelib.validation", *arguments],
        cwd=ROOT,
        env={**os.environ, **KNOWN, "PYTHONIOENCODING": encoding},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=terminal,
        process_group=0,
    )
    os.close(terminal)
    watchdog = Timer(PATIENCE, process.kill)
    watchdog.start()
    with process:
        try:
            yield Session(process, controller)
        finally:
            watchdog.cancel()
            process.kill()
            os.close(controller)


def test_command_shows_its_progress_on_a_terminal(slow: list[str]) -> None:
    """Also with JSON on standard output; the line is erased at the end."""
    with started(*slow, "--json", columns=60) as session:
        printed = session.finish()
        assert 1 == session.process.returncode
    assert 1 == json.loads(printed)["errorCount"]
    lines = drawn(session.output)
    assert all(re.fullmatch(r"[ \d]{3}% █*░*  (no errors|1 error)(  \d+:\d\d left)?(  \d.*)?", line) for line in lines)
    assert "  1 error  " in lines[-1]
    assert max(map(len, lines)) < 60
    assert [""] == screen(session.output)


@pytest.mark.usefixtures("_interruptible")
def test_interrupt_prints_one_line(slow: list[str]) -> None:
    """In place of the progress; the exit code is 130. All processes get it, as from a terminal, and none is left."""
    with started(*slow, "--processes", "3", encoding="ascii") as session:
        session.read_until("% #")
        os.killpg(session.process.pid, signal.SIGINT)
        assert b"" == session.finish()
        assert 130 == session.process.returncode
        with pytest.raises(ProcessLookupError):
            os.killpg(session.process.pid, 0)
    assert [f"could not check {slow[0]}: interrupted", ""] == screen(session.output)


def test_a_pipe_is_shown_without_its_size() -> None:
    """The size is unknown before the pipe ends."""
    with started("/dev/stdin", "--structure-only") as session:
        pipe, rows = session.process.stdin, b"1\n" * 100_000
        assert pipe is not None
        os.set_blocking(session.controller, False)
        pipe.write(b"a\n")
        while "B/s" not in session.output:
            pipe.write(rows)
            session.read()
        os.set_blocking(session.controller, True)
        assert b"alone\n" == session.finish()[-6:]
        assert 0 == session.process.returncode
    assert re.fullmatch(r"no errors  [\d.]+ [kMG]B  [\d.]+ [kMG]B/s", drawn(session.output)[0])
    assert [""] == screen(session.output)


def test_standard_error_that_is_no_terminal_stays_empty(slow: list[str]) -> None:
    """Regardless of the duration of the check."""
    command = [sys.executable, "-m", "chalicelib.validation", *slow]
    environment = {**os.environ, **KNOWN}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, timeout=PATIENCE)  # noqa: S603
    assert done.stdout.startswith(f"{slow[0]}: invalid, 1 error in 60,001 rows, by schema ".encode())
    assert b"" == done.stderr
