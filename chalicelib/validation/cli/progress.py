"""How far the check of a long file has come, shown on a terminal while it lasts."""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import accumulate
from typing import BinaryIO, Self, TextIO

from attrs import frozen

from chalicelib.validation.reading.source import BinaryFile
from chalicelib.validation.reporting.wording import counted

Signs = tuple[str, str]
"""What a bar is drawn with: what has been read, and what has not."""

_PATIENCE = 0.5
"""In seconds: a check that is over sooner shows nothing."""
_PAUSE = 0.1
"""In seconds: the line is written anew no more often."""
_BAR_COLUMNS = 16
_USUAL_COLUMNS = 80
_BLOCKS = ("█", "░")
_ASCII = ("#", "-")
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_ERASE_REST = "\x1b[K"
"""What tells a terminal to erase its line from the cursor on."""


class WatchedFile:
    """A binary file that shows on a terminal how far it has been read; on leaving its context, nothing is left of that.

    Reading it goes on though the terminal should go away.
    """

    def __init__(
        self, file: BinaryFile, size: int | None, *, terminal: TextIO | None, clock: Callable[[], float]
    ) -> None:
        """Watch a file of so many bytes, None if nobody knows; without a terminal, show nothing.

        The clock gives seconds from any beginning.
        """
        self._file = file
        self._size = size
        self._terminal = terminal
        self._clock = clock
        self._start = clock()
        self._due = self._start + _PATIENCE
        self._shown = False
        self._read_bytes = 0
        self._error_count = 0

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Erase what is shown."""
        if self._terminal and self._shown:
            self._show("")

    def read(self, size: int, /) -> bytes:
        """Give at most `size` bytes of the file."""
        block = self._file.read(size)
        self._read_bytes += len(block)
        self._refresh()
        return block

    def note_errors(self, count: int) -> None:
        """Take note of how many errors there are so far."""
        self._error_count = count
        self._refresh()

    def _refresh(self) -> None:
        """Show how far it is by now, if it is time to."""
        if self._terminal is None or (now := self._clock()) < self._due:
            return
        self._due = now + _PAUSE
        self._shown = True
        progress = Progress(
            seconds=now - self._start, read_bytes=self._read_bytes, size=self._size, error_count=self._error_count
        )
        # A line that fills the last column would leave the cursor in the next one.
        self._show(progress.line(_columns(self._terminal) - 1, _signs(self._terminal)))

    def _show(self, line: str) -> None:
        """Put a line in the place of the one that is shown."""
        try:
            print(f"\r{line}{_ERASE_REST}", end="", file=self._terminal, flush=True)
        except OSError:
            self._terminal = None


@frozen(kw_only=True)
class Progress:
    """How far the check of a file has come."""

    seconds: float
    """How long it has taken so far; more than 0."""
    read_bytes: int
    size: int | None
    """In bytes; None if nobody knows."""
    error_count: int

    def line(self, columns: int, signs: Signs) -> str:
        """Write it in one line of so many columns, without what matters least if there is not the room."""
        lines = accumulate(self._parts(signs), "{}  {}".format)
        return max((line for line in lines if len(line) <= columns), key=len, default="")

    def _parts(self, signs: Signs) -> Iterator[str]:
        """Give what there is to tell, beginning with what matters most."""
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
    """Give the stream if it is a terminal on which a line can be erased; None if not, or if there is no stream."""
    if stream is None or environment.get("TERM", "") in {"", "dumb"}:
        return None
    return stream if stream.isatty() else None


def size_of(file: BinaryIO) -> int | None:
    """Give the size of a file in bytes; None of what has none, as a pipe."""
    status = os.fstat(file.fileno())
    # Files that the kernel makes up as they are read say that they are empty.
    return status.st_size or None if stat.S_ISREG(status.st_mode) else None


def _columns(terminal: TextIO) -> int:
    # Not shutil.get_terminal_size: that asks standard output, which may be going to a file.
    with suppress(OSError):
        return os.get_terminal_size(terminal.fileno()).columns or _USUAL_COLUMNS
    return _USUAL_COLUMNS


def _signs(terminal: TextIO) -> Signs:
    """Give the signs that a bar is drawn with: blocks, if the terminal's encoding has them."""
    try:
        "".join(_BLOCKS).encode(terminal.encoding)
    except UnicodeEncodeError:
        return _ASCII
    return _BLOCKS


def _human(number: float) -> str:
    """Write a number of bytes in a unit of which there are not too many: `812 kB`, `8.2 MB`."""
    power, more_digits = divmod(len(f"{number:.0f}") - 1, 3)
    decimals = 1 if power and not more_digits else 0
    return f"{number / 1000**power:.{decimals}f} {_UNITS[power]}"


def _duration(seconds: float) -> str:
    """Write a time as a clock would: `0:07`, `1:02:03`."""
    minutes, second = divmod(round(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"
