"""Show the progress of a long check on a terminal."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import accumulate
from typing import BinaryIO, Self, TextIO

from attrs import frozen

from chalicelib.validation.reporting.wording import counted

Signs = tuple[str, str]
"""The characters of a bar: for what has been read, and for what has not."""

_PATIENCE = 0.5
"""In seconds; a shorter check shows no progress."""
_PAUSE = 0.1
"""In seconds; the shortest time between two updates of the line."""
_BAR_COLUMNS = 16
_USUAL_COLUMNS = 80
_BLOCKS = ("█", "░")
_ASCII = ("#", "-")
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_ERASE_REST = "\x1b[K"
"""Makes a terminal erase its line from the cursor on."""


class ProgressLine:
    """A line on a terminal that shows the progress, and is erased at the end of its context.

    The check continues if the terminal is closed.
    """

    def __init__(self, size: int | None, *, terminal: TextIO, clock: Callable[[], float]) -> None:
        """Show the progress in a file of `size` bytes, None if unknown. The clock returns seconds since any moment."""
        self._size = size
        self._terminal: TextIO | None = terminal
        self._clock = clock
        self._start = clock()
        self._due = self._start + _PATIENCE
        self._shown = False

    def __enter__(self) -> Self:
        """Return the line."""
        return self

    def __exit__(self, *_: object) -> None:
        """Erase the line."""
        if self._shown:
            self._show("")

    def update(self, error_count: int, read_bytes: int) -> None:
        """Update the line if enough time has passed."""
        if self._terminal is None or (now := self._clock()) < self._due:
            return
        self._due = now + _PAUSE
        self._shown = True
        progress = Progress(seconds=now - self._start, read_bytes=read_bytes, size=self._size, error_count=error_count)
        # A line that fills the last column would move the cursor to the next line.
        self._show(progress.line(_columns(self._terminal) - 1, _signs(self._terminal)))

    def _show(self, line: str) -> None:
        """Replace the line that is shown."""
        try:
            if self._terminal:
                print(f"\r{line}{_ERASE_REST}", end="", file=self._terminal, flush=True)
        except OSError:
            self._terminal = None


@frozen(kw_only=True)
class Progress:
    """The progress of a check."""

    seconds: float
    """The time since the start; more than 0."""
    read_bytes: int
    size: int | None
    """In bytes; None if unknown."""
    error_count: int

    def line(self, columns: int, signs: Signs) -> str:
        """Return a line of at most `columns` characters; the least important parts are left out if there is no room."""
        lines = accumulate(self._parts(signs), "{}  {}".format)
        return max((line for line in lines if len(line) <= columns), key=len, default="")

    def _parts(self, signs: Signs) -> Iterator[str]:
        """Yield the parts of the line, the most important first."""
        errors = counted(self.error_count, "error") if self.error_count else "no errors"
        rate = self.read_bytes / self.seconds
        if self.size is None or self.read_bytes > self.size:  # it may be growing
            yield from (errors, _human(self.read_bytes))
        else:
            done, left = signs
            filled = _BAR_COLUMNS * self.read_bytes // self.size
            yield f"{100 * self.read_bytes // self.size:3}% {done * filled}{left * (_BAR_COLUMNS - filled)}"
            yield errors
            if 0 < self.read_bytes < self.size:
                yield f"{_duration((self.size - self.read_bytes) / rate)} left"
            yield f"{_human(self.read_bytes)} of {_human(self.size)}"
        yield f"{_human(rate)}/s"


def erasable(stream: TextIO | None, environment: Mapping[str, str]) -> TextIO | None:
    """Return the stream if it is a terminal that can erase a line; otherwise None."""
    if stream is None or environment.get("TERM", "") in {"", "dumb"}:
        return None
    return stream if stream.isatty() else None


def size_of(file: BinaryIO) -> int | None:
    """Return the size of a file in bytes; None of a pipe or the like."""
    status = os.fstat(file.fileno())
    # Files of the kernel, as in /proc, state the size 0.
    return status.st_size or None if stat.S_ISREG(status.st_mode) else None


def _columns(terminal: TextIO) -> int:
    # Not shutil.get_terminal_size: that asks standard output, which may be a file.
    with suppress(OSError):
        return os.get_terminal_size(terminal.fileno()).columns or _USUAL_COLUMNS
    return _USUAL_COLUMNS


def _signs(terminal: TextIO) -> Signs:
    """Return the characters of a bar: blocks, if the terminal's encoding has them."""
    try:
        "".join(_BLOCKS).encode(terminal.encoding)
    except UnicodeEncodeError:
        return _ASCII
    return _BLOCKS


def _human(number: float) -> str:
    """Return a number of bytes in a suitable unit: `812 kB`, `8.2 MB`."""
    power, more_digits = divmod(len(f"{number:.0f}") - 1, 3)
    decimals = 1 if power and not more_digits else 0
    return f"{number / 1000**power:.{decimals}f} {_UNITS[power]}"


def _duration(seconds: float) -> str:
    """Return a time as a clock shows it: `0:07`, `1:02:03`."""
    minutes, second = divmod(round(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"
