"""How far the check of a long file has come, on a terminal."""

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest
from attrs import define, evolve

from chalicelib.validation.cli.progress import Progress, WatchedFile, erasable, size_of

ROOT = Path(__file__).parents[3]
PATIENCE = 60.0  # seconds
BLOCKS = ("█", "░")
KNOWN = {"TERM": "xterm"}

WAY = Progress(seconds=8.0, read_bytes=412_000_000, size=1_100_000_000, error_count=1234)


class FakeTerminal(io.TextIOWrapper):
    """A terminal that records what is written to it, and has no width."""

    def __init__(self, encoding: str = "utf-8") -> None:
        """Have that encoding."""
        self.written = io.BytesIO()
        super().__init__(self.written, encoding)

    def isatty(self) -> bool:
        """Say that it is one."""
        return True

    @property
    def output(self) -> str:
        """All that has been written."""
        return self.written.getvalue().decode(self.encoding)


class GoneTerminal(FakeTerminal):
    """A terminal that has been closed."""

    def write(self, _: str) -> int:
        """Fail as the system does."""
        raise OSError(5, "Input/output error")


@define
class Clock:
    """A clock that stands still until it is set."""

    now: float = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def screen(output: str) -> list[str]:
    """Return the lines that a terminal shows after this output."""
    lines, column = [""], 0
    for sign in re.findall(r"\x1b\[K|[^\x1b]", output):
        line = lines[-1]
        if sign == "\r":
            column = 0
        elif sign == "\n":
            lines.append("")
        elif sign == "\x1b[K":
            lines[-1] = line[:column]
        else:
            lines[-1] = f"{line[:column]:{column}}{sign}{line[column + 1 :]}"
            column += 1
    return lines


def drawn(output: str) -> list[str]:
    """Return the lines that replaced each other, without the final erasure."""
    return [line for line in re.findall(r"\r([^\r\n\x1b]*)\x1b\[K", output) if line]


def read_until(controller: int, ending: bytes) -> bytes:
    """Read the output of a terminal until it contains a text."""
    received = b""
    while not received.endswith(ending):
        received += os.read(controller, 4096)
    return received


def watched(content: bytes, terminal: io.TextIOWrapper | None, clock: Callable[[], float]) -> WatchedFile:
    """Watch a file with this content."""
    return WatchedFile(io.BytesIO(content), len(content), terminal=terminal, clock=clock)


def test_short_check_shows_nothing() -> None:
    """A line that disappears within half a second cannot be read."""
    terminal, clock = FakeTerminal(), Clock()
    with watched(b"a\n1\n", terminal, clock) as file:
        clock.now += 0.49
        file.read(4)
        file.note_errors(1)
    assert "" == terminal.output


def test_longer_check_shows_its_progress() -> None:
    """The share that has been read, the size, the speed, the errors, and the remaining time."""
    terminal, clock = FakeTerminal(), Clock()
    with watched(b"x" * 1_000_000, terminal, clock) as file:
        file.note_errors(7)
        clock.now += 0.5
        file.read(250_000)
        assert [" 25% ████░░░░░░░░░░░░  7 errors  0:02 left  250 kB of 1.0 MB  500 kB/s"] == screen(terminal.output)


def test_errors_are_shown_without_waiting_for_the_next_block() -> None:
    """The errors of a block are known before the next one is read."""
    terminal, clock = FakeTerminal(), Clock()
    with watched(b"xx", terminal, clock) as file:
        file.read(1)
        clock.now += 1
        file.note_errors(1)
        assert "  1 error  " in screen(terminal.output)[0]


def test_the_line_is_written_at_most_ten_times_a_second() -> None:
    """Regardless of the number of updates."""
    terminal, clock = FakeTerminal(), Clock()
    with watched(b"x" * 100, terminal, clock) as file:
        clock.now += 0.5
        for errors in range(64):
            file.note_errors(errors)
            clock.now += 1 / 64
    assert 9 <= len(drawn(terminal.output)) <= 10


def test_the_line_is_erased_at_the_end() -> None:
    """The next output starts in its place."""
    terminal, clock = FakeTerminal(), Clock()
    with watched(b"xx", terminal, clock) as file:
        clock.now += 1
        file.read(1)
        assert [""] != screen(terminal.output)
    assert [""] == screen(terminal.output)


@pytest.mark.parametrize("reason", [ValueError, KeyboardInterrupt])
def test_the_line_is_erased_after_an_exception(reason: type[BaseException]) -> None:
    """The exception is raised further."""
    terminal, clock = FakeTerminal(), Clock()

    def break_off() -> None:
        with watched(b"xx", terminal, clock) as file:
            clock.now += 1
            file.read(1)
            raise reason

    with pytest.raises(reason):
        break_off()
    assert 1 == len(drawn(terminal.output))
    assert [""] == screen(terminal.output)


def test_a_shorter_line_leaves_nothing_of_a_longer_one() -> None:
    """The rest of the line is erased."""
    terminal, clock = FakeTerminal(), Clock()
    with watched(b"xx", terminal, clock) as file:
        clock.now += 1
        file.read(1)
        clock.now += 1
        file.read(1)
        assert ["100% ████████████████  no errors  2 B of 2 B  1 B/s"] == screen(terminal.output)


def test_without_a_terminal_nothing_is_written(capfd: pytest.CaptureFixture[str]) -> None:
    """All bytes of the file are read."""
    clock = Clock()
    with watched(b"abc", None, clock) as file:
        clock.now += 10
        read = [file.read(2), file.read(2), file.read(2)]
        file.note_errors(1)
    assert [b"ab", b"c", b""] == read
    assert ("", "") == capfd.readouterr()


def test_closed_terminal_does_not_end_the_check(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing more is written to it."""
    clock = Clock()
    with watched(b"ab", GoneTerminal(), clock) as file:
        clock.now += 1
        assert b"a" == file.read(1)
        clock.now += 1
        assert b"b" == file.read(1)
    assert ("", "") == capfd.readouterr()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_an_encoding_without_blocks_gets_plain_signs(encoding: str) -> None:
    """The terminal can show all characters of the line."""
    terminal, clock = FakeTerminal(encoding), Clock()
    with watched(b"xx", terminal, clock) as file:
        clock.now += 1
        file.read(1)
        assert screen(terminal.output)[0].startswith(" 50% ########--------  no errors")


def test_the_line_keeps_within_the_terminal() -> None:
    """Also after the terminal becomes narrower. The last column stays free, since some terminals wrap after it."""
    controller, terminal = pty.openpty()
    clock, output = Clock(), b""
    with os.fdopen(terminal, "w", encoding="utf-8") as stream, watched(b"xxxx", stream, clock) as file:
        for columns in (40, 24):
            termios.tcsetwinsize(terminal, (25, columns))
            clock.now += 1
            file.read(1)
            output += read_until(controller, b"\x1b[K")
    os.close(controller)
    assert [
        " 25% ████░░░░░░░░░░░░  no errors",
        " 50% ████████░░░░░░░░",
    ] == drawn(output.decode())


@pytest.mark.parametrize(
    ("environment", "is_usable"),
    [(KNOWN, True), ({"TERM": "linux"}, True), ({"TERM": "dumb"}, False), ({"TERM": ""}, False), ({}, False)],
)
def test_terminal_must_be_able_to_erase_a_line(environment: dict[str, str], is_usable: bool) -> None:  # noqa: FBT001
    """A dumb or unknown terminal would show one line after the other."""
    stream = FakeTerminal()
    assert (stream if is_usable else None) is erasable(stream, environment)


@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_other_streams_are_not_written_to(stream: io.StringIO | None) -> None:
    """A file, a pipe, or a closed standard error."""
    assert erasable(stream, KNOWN) is None


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (WAY, " 37% █████░░░░░░░░░░░  1,234 errors  0:13 left  412 MB of 1.1 GB  52 MB/s"),
        (evolve(WAY, error_count=0), " 37% █████░░░░░░░░░░░  no errors  0:13 left  412 MB of 1.1 GB  52 MB/s"),
        (evolve(WAY, error_count=1), " 37% █████░░░░░░░░░░░  1 error  0:13 left  412 MB of 1.1 GB  52 MB/s"),
        (evolve(WAY, size=None), "1,234 errors  412 MB  52 MB/s"),
        (evolve(WAY, size=411_999_999), "1,234 errors  412 MB  52 MB/s"),
        (evolve(WAY, size=412_000_000), "100% ████████████████  1,234 errors  412 MB of 412 MB  52 MB/s"),
        (evolve(WAY, size=412_000_001), " 99% ███████████████░  1,234 errors  0:00 left  412 MB of 412 MB  52 MB/s"),
        (evolve(WAY, read_bytes=0), "  0% ░░░░░░░░░░░░░░░░  1,234 errors  0 B of 1.1 GB  0 B/s"),
        (evolve(WAY, seconds=800.0), " 37% █████░░░░░░░░░░░  1,234 errors  22:16 left  412 MB of 1.1 GB  515 kB/s"),
        (evolve(WAY, seconds=8e3), " 37% █████░░░░░░░░░░░  1,234 errors  3:42:39 left  412 MB of 1.1 GB  52 kB/s"),
    ],
)
def test_progress_is_one_line(progress: Progress, line: str) -> None:
    """The share is shown if the size is known and not exceeded."""
    assert line == progress.line(100, BLOCKS)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_940, "9.9 kB"),
        (10_000, "10 kB"),
        (999_499, "999 kB"),
        (1_234_567, "1.2 MB"),
        (12_345_678_901, "12 GB"),
        (5_000_000_000_000, "5.0 TB"),
    ],
)
def test_bytes_are_shown_in_suitable_units(number: int, text: str) -> None:
    """With two or three digits."""
    line = Progress(seconds=1.0, read_bytes=number, size=None, error_count=0).line(80, BLOCKS)
    assert f"no errors  {text}  {text}/s" == line


def test_least_important_parts_are_left_out_first() -> None:
    """The share and the errors stay longest; the line is never too long."""
    lines = [WAY.line(columns, BLOCKS) for columns in range(100)]
    assert all(len(line) <= columns for columns, line in enumerate(lines))
    assert [
        "",
        " 37% █████░░░░░░░░░░░",
        " 37% █████░░░░░░░░░░░  1,234 errors",
        " 37% █████░░░░░░░░░░░  1,234 errors  0:13 left",
        " 37% █████░░░░░░░░░░░  1,234 errors  0:13 left  412 MB of 1.1 GB",
        " 37% █████░░░░░░░░░░░  1,234 errors  0:13 left  412 MB of 1.1 GB  52 MB/s",
    ] == list(dict.fromkeys(lines))


def test_only_a_regular_file_has_a_size(tmp_path: Path) -> None:
    """The size of a pipe is unknown before its end."""
    path = tmp_path / "file.csv"
    path.write_bytes(b"a\n1\n")
    with path.open("rb") as file:
        assert 4 == size_of(file)
    reader, writer = os.pipe()
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        assert size_of(pipe) is None


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
def test_kernel_file_has_no_size() -> None:
    """Files in /proc state the size 0, but are not empty."""
    with Path("/proc/self/status").open("rb") as file:
        assert size_of(file) is None


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A file that takes seconds, because its cells are parsed one by one, and its schema; one error is early."""
    folder = tmp_path_factory.mktemp("slow")
    file, schema = folder / "slow.csv", folder / "schema.json"
    text = "and so on " * 16
    rows = (
        f'{number},"{{""number"": {number}, ""text"": ""{text}"", ""list"": [1, 2, 3]}}"\n' for number in range(40_000)
    )
    file.write_text("id,what\nx,{}\n" + "".join(rows))
    schema.write_text('{"fields": [{"name": "id", "type": "integer"}, {"name": "what", "type": "object"}]}')
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
    """In place of the progress; the exit code is 130."""
    with started(*slow, encoding="ascii") as session:
        session.read_until("% #")
        session.process.send_signal(signal.SIGINT)
        assert b"" == session.finish()
        assert 130 == session.process.returncode
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
    assert done.stdout.startswith(f"{slow[0]}: invalid, 1 error in 40,001 rows, by schema ".encode())
    assert b"" == done.stderr
