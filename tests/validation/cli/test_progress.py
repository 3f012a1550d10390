"""How far the check of a long file has come, on a terminal."""

import io
import os
import pty
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import define, evolve

from chalicelib.validation.cli.progress import Progress, ProgressLine, erasable, size_of
from tests.validation.cli.terminal_output import drawn, screen

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


def read_until(controller: int, ending: bytes) -> bytes:
    """Read the output of a terminal until it contains a text."""
    received = b""
    while not received.endswith(ending):
        received += os.read(controller, 4096)
    return received


def line_of(size: int, terminal: io.TextIOWrapper, clock: Callable[[], float]) -> ProgressLine:
    """Show the progress in a file of this size."""
    return ProgressLine(size, terminal=terminal, clock=clock)


def test_short_check_shows_nothing() -> None:
    """A line that disappears within half a second cannot be read."""
    terminal, clock = FakeTerminal(), Clock()
    with line_of(4, terminal, clock) as line:
        clock.now += 0.49
        line.update(1, 4)
    assert "" == terminal.output


def test_longer_check_shows_its_progress() -> None:
    """The share that has been read, the size, the speed, the errors, and the remaining time."""
    terminal, clock = FakeTerminal(), Clock()
    with line_of(1_000_000, terminal, clock) as line:
        clock.now += 0.5
        line.update(7, 250_000)
        assert [" 25% ████░░░░░░░░░░░░  7 errors  0:02 left  250 kB of 1.0 MB  500 kB/s"] == screen(terminal.output)


def test_the_line_is_written_at_most_ten_times_a_second() -> None:
    """Regardless of the number of updates."""
    terminal, clock = FakeTerminal(), Clock()
    with line_of(100, terminal, clock) as line:
        clock.now += 0.5
        for errors in range(64):
            line.update(errors, 1)
            clock.now += 1 / 64
    assert 9 <= len(drawn(terminal.output)) <= 10


def test_the_line_is_erased_at_the_end() -> None:
    """The next output starts in its place."""
    terminal, clock = FakeTerminal(), Clock()
    with line_of(2, terminal, clock) as line:
        clock.now += 1
        line.update(0, 1)
        assert [""] != screen(terminal.output)
    assert [""] == screen(terminal.output)


@pytest.mark.parametrize("reason", [ValueError, KeyboardInterrupt])
def test_the_line_is_erased_after_an_exception(reason: type[BaseException]) -> None:
    """The exception is raised further."""
    terminal, clock = FakeTerminal(), Clock()

    def break_off() -> None:
        with line_of(2, terminal, clock) as line:
            clock.now += 1
            line.update(0, 1)
            raise reason

    with pytest.raises(reason):
        break_off()
    assert 1 == len(drawn(terminal.output))
    assert [""] == screen(terminal.output)


def test_a_shorter_line_leaves_nothing_of_a_longer_one() -> None:
    """The rest of the line is erased."""
    terminal, clock = FakeTerminal(), Clock()
    with line_of(2, terminal, clock) as line:
        clock.now += 1
        line.update(1_000, 1)
        clock.now += 1
        line.update(0, 2)
        assert ["100% ████████████████  no errors  2 B of 2 B  1 B/s"] == screen(terminal.output)


def test_closed_terminal_does_not_end_the_check(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing more is written to it."""
    clock = Clock()
    with line_of(2, GoneTerminal(), clock) as line:
        clock.now += 1
        line.update(0, 1)
        clock.now += 1
        line.update(0, 2)
    assert ("", "") == capfd.readouterr()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_an_encoding_without_blocks_gets_plain_signs(encoding: str) -> None:
    """The terminal can show all characters of the line."""
    terminal, clock = FakeTerminal(encoding), Clock()
    with line_of(2, terminal, clock) as line:
        clock.now += 1
        line.update(0, 1)
        assert screen(terminal.output)[0].startswith(" 50% ########--------  no errors")


def test_the_line_keeps_within_the_terminal() -> None:
    """Also after the terminal becomes narrower. The last column stays free, since some terminals wrap after it."""
    controller, terminal = pty.openpty()
    clock, output = Clock(), b""
    with os.fdopen(terminal, "w", encoding="utf-8") as stream, line_of(4, stream, clock) as line:
        for columns, read_bytes in ((40, 1), (24, 2)):
            termios.tcsetwinsize(terminal, (25, columns))
            clock.now += 1
            line.update(0, read_bytes)
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
