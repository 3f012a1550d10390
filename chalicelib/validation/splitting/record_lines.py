"""Hands on the bytes of a file record by record, as the reference reads the records."""

from collections.abc import Callable, Iterable, Iterator

from attrs import evolve

from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import RECORD_BYTES
from chalicelib.validation.reading.source import BLOCK_BYTES
from chalicelib.validation.splitting.line_ends import LineEnds

Write = Callable[[bytes], object]

_HELD_BYTES = 2 * RECORD_BYTES + 4 * BLOCK_BYTES
"""More than the reader holds: if there is no line break within them, all are of one record, which is too large."""
_TAIL_BYTES = 1024
"""More than a token has; a multiple of the size of a code unit."""


class RecordLines:
    """The records of a file from some row on. A record is a number of physical lines, which the reader counts."""

    def __init__(self, blocks: Iterable[bytes], dialect: Dialect, encoding: str, row: int) -> None:
        """Read blocks, in which the first record is that of the row after `row`. There is no byte order mark."""
        self._blocks = blocks
        self._ends = LineEnds(dialect, encoding)
        self._held = bytearray()
        """What was read of the file, and not handed on."""
        self._line = 1
        """The number of the line that is held first."""
        self._write: Write = _nothing
        self._is_final = False
        self._reader = _WholeText(self._fed(), evolve(dialect, encoding=encoding))
        self._reader.begin_at(b"", row + 1, 1)

    @property
    def row(self) -> int:
        """The number of the last record that was read."""
        return self._reader.row

    def has_more(self) -> bool:
        """Return whether there is another record, or something that the dialect leaves out."""
        return self._reader.has_more()

    def next(self, write: Write) -> bool:
        """Write the bytes of the next record; return whether it is one of the table's."""
        self._write = write
        record = self._reader.record()
        self._hand_on(self._reader.line)
        if not self._reader.has_more() and self._held:  # the rest of a record without an end
            write(bytes(self._held))
            self._held.clear()
        self._write = _nothing
        return record is not None

    def rest(self) -> bytes:
        """Return what was read of the file after the last record."""
        return bytes(self._held)

    def _fed(self) -> Iterator[bytes]:
        """Feed the reader, and hand on what it has skipped of a record that is too large."""
        for block in self._blocks:
            if self._held:
                self._hand_on(self._reader.line)
            self._held += block
            if len(self._held) > _HELD_BYTES and self._ends.next(self._held, 0, is_final=False) is None:
                cut = (len(self._held) - _TAIL_BYTES) // _TAIL_BYTES * _TAIL_BYTES
                self._write(bytes(self._held[:cut]))
                del self._held[:cut]
            yield block
        self._is_final = True

    def _hand_on(self, line: int) -> None:
        """Write the lines before this one."""
        at = 0
        while self._line < line:
            end = self._ends.next(self._held, at, is_final=self._is_final)
            if end is None:
                if not self._is_final:
                    raise AssertionError("the lines of a file were counted in two ways")
                end = len(self._held)
            at = end
            self._line += 1
        if at:
            self._write(bytes(self._held[:at]))
            del self._held[:at]


class _WholeText(RecordReader):
    """Reads a Ctrl-Z at the end, too: a row in the middle of a file may end in one, and no file that is split does."""

    def _without_end_mark(self, source: Iterator[bytes]) -> Iterator[bytes]:
        return source


def _nothing(_: bytes) -> None:
    """Receive nothing: between two records nothing is handed on."""
    raise AssertionError("bytes between two records")
