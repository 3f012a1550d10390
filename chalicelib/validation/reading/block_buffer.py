"""The part of a file that is held: where in it the next record starts, and the blocks behind it."""

import re
from collections.abc import Iterator

from chalicelib.validation.reading.grammar import Grammar

_CR = 0x0D


class BlockBuffer:
    """The blocks of a file that have been fetched and not yet read, and how to go on in them."""

    def __init__(self, blocks: Iterator[bytes], grammar: Grammar) -> None:
        """Fetch `blocks`, in which cells and lines end as the grammar says."""
        self._grammar = grammar
        self._blocks = blocks
        self._data = b""
        self._at = 0
        """Where in the data the current record starts."""
        self._final = False
        """Whether the data reaches to the end of the file."""
        self._line = 1

    @property
    def ahead(self) -> bytes:
        """The bytes that have been fetched and not yet read."""
        return self._data[self._at :]

    @property
    def line(self) -> int:
        """The line on which the next record starts."""
        return self._line

    def fill(self, room: memoryview) -> int:
        """Move the next bytes into `room`; return how many, 0 at the end of the file.

        Their rows and lines are not counted.
        """
        if self._at == len(self._data):
            self._data, self._at = b"", 0  # free the last block before the next one is fetched
            self._data = self._fetch()
        return self._move(room, len(self._data))

    def fill_beyond(self, room: memoryview) -> int:
        """Move the next bytes into `room`, even behind the end of a part; return how many, 0 at the end of the file."""
        return BlockBuffer.fill(self, room)  # not that of a part

    def put_back(self, data: bytes) -> None:
        """Put bytes that were moved and not judged before those that are ahead."""
        self.go_on(data + self.ahead)

    def go_on(self, ahead: bytes) -> None:
        """Replace what is ahead by this data."""
        self._data, self._at, self._final = ahead, 0, False

    def _move(self, room: memoryview, end: int) -> int:
        """Move the next bytes into `room`, as far as they are before `end` in the data."""
        size = max(min(len(room), end - self._at), 0)
        room[:size] = memoryview(self._data)[self._at : self._at + size]
        self._at += size
        return size

    def _has_more(self) -> bool:
        return self._at < len(self._data) or self._refill()

    def _starts_with(self, beginning: bytes) -> bool:
        while len(self._data) - self._at < len(beginning) and self._refill():
            pass
        return self._data.startswith(beginning, self._at)

    def _is_next(self, byte: bytes) -> bool:
        """Return whether the next byte is this one, fetching a block if necessary."""
        if self._at == len(self._data):
            self._refill()
        return self._data.startswith(byte, self._at)

    def _after_break(self, stop: int) -> int | None:
        """Return the offset behind the line break or the end of the file at `stop`; None if it has not been fetched."""
        data = self._data
        if stop + 1 >= len(data) and not self._final:
            return stop + 1 if data[stop : stop + 1] not in {b"", b"\r"} else None
        return stop + 2 if data.startswith(b"\r\n", stop) else min(stop + 1, len(data))

    def _lines(self, start: int, end: int) -> int:
        """Return the number of line breaks in a part of the data."""
        data, breaks = self._data, self._grammar.breaks
        if breaks == b"\r\n":
            return data.count(b"\n", start, end) + data.count(b"\r", start, end) - data.count(b"\r\n", start, end)
        return data.count(breaks, start, end)

    def _go(self, end: int) -> None:
        self._line += self._lines(self._at, end)
        self._at = end

    def _drop_line(self) -> None:
        """Skip a comment, whatever it contains."""
        self._drop(self._grammar.line)
        while (end := self._after_break(self._at)) is None:
            self._refill()
        self._go(end)

    def _drop_quoted(self, quote: bytes) -> bool:
        """Skip a quoted cell; False if the file ends inside of it."""
        while True:
            self._at += 1
            self._drop(self._grammar.inside)
            if not self._is_next(quote):
                return False
            self._at += 1
            if not (self._grammar.doubles_quote and self._is_next(quote)):
                return True

    def _drop(self, span: re.Pattern[bytes]) -> None:
        """Skip what matches, across blocks, and count its lines."""
        while True:
            end = end_of(span, self._data, self._at)
            # An escape, or CR LF, that the end of the block cuts in two waits for the next block.
            cut = self._data[end : end + 3] in self._grammar.cut_escapes
            at_seam = end == len(self._data)
            if self._final:
                self._go(len(self._data) if cut else end)
                return
            self._go(end - 1 if at_seam and end > self._at and self._data[end - 1] == _CR else end)
            if not (cut or at_seam):
                return
            self._refill()

    def _refill(self) -> bool:
        """Drop what has been read and fetch a block; False at the end of the file."""
        block = self._fetch()
        self._data = self._data[self._at :] + block
        self._at = 0
        return not self._final

    def _fetch(self) -> bytes:
        block = next(self._blocks, b"")
        self._final = not block
        return block


def end_of(span: re.Pattern[bytes], data: bytes, at: int) -> int:
    """Return the end of a match at an offset, which may be empty."""
    match = span.match(data, at)
    return at if match is None else match.end()
