"""Guesses where the first record of a part starts.

What a guess is based on does not matter for the report: a part whose guess was wrong is read again from the right
place. It has to be right nearly always, and cheap.
"""

import re
from collections.abc import Iterator
from itertools import islice

from chalicelib.validation.parts.plan import Plan
from chalicelib.validation.parts.source import PartSource
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import RECORD_BYTES, Record, UnreadableRecord
from chalicelib.validation.reading.source import in_utf8

_WINDOW_BYTES = 64 * 1024
"""How much is examined at first."""
_MAX_TRIES = 64
"""How many lines are tried."""


def guessed_entry(source: PartSource, plan: Plan, start: int, end: int) -> int:
    """Return where the first record at or behind `start` starts, or `end` if there is no line break up to there.

    It may be behind `end`. Line breaks are sought in 4 MiB at most.

    Outside of quotes a record starts behind a line break, and has a cell for each column. Records of other widths may
    come before it. If no line looks like that, `start` is taken to be inside of a quoted cell; and if that does not
    help, the first line break is taken to end a record. If the first 64 KiB contain no line break, nothing is tried:
    the first line break behind them is taken, because trying long records takes longer than reading the part again.
    """
    size = _WINDOW_BYTES
    while True:
        block = source.read(start - 1, min(start - 1 + size, plan.size))
        data = b"".join(in_utf8(iter([block]), plan.dialect.encoding))
        window = _Window(data, plan.dialect, len(plan.columns.fields))
        found = window.entry() if size == _WINDOW_BYTES else next(window.lines(), None)
        if found is not None:
            before = data[:found]
            skipped = len(before) if plan.dialect.encoding == "utf-8" else len(before.decode(errors="surrogatepass"))
            return start - 1 + skipped
        if start - 1 + size >= end or size >= RECORD_BYTES:
            return end
        size *= 4


class _Window:
    """The bytes from the one before a part on."""

    def __init__(self, data: bytes, dialect: Dialect, width: int) -> None:
        self._data = data
        self._dialect = dialect
        self._width = width
        self._reader = RecordReader((), dialect)
        """Reads single records."""

    def entry(self) -> int | None:
        """Return the offset of the first record; None if no line ends here."""
        lines = list(islice(self.lines(), _MAX_TRIES))
        if not lines:
            return None
        for at in lines:
            if self._is_record(self._data[at:]):
                return lines[0] if self._leads(lines[0], at) else at
        if (quoted := self._after_quoted_cell()) is not None and self._is_record(self._data[quoted:]):
            return quoted
        return lines[0]

    def lines(self) -> Iterator[int]:
        """Yield where lines start, besides the data itself."""
        terminator = self._dialect.line_terminator
        line_break = re.escape(terminator.encode()) if terminator else rb"\r\n|\n|\r"
        return (match.end() for match in re.finditer(line_break, self._data))

    def _is_record(self, data: bytes) -> bool:
        """Return whether data begins with a complete record that has a cell for each column, without faults."""
        self._reader.begin_at(data, 1, 1)
        record = self._reader.record()
        if not isinstance(record, Record) or self._reader.is_cut:
            return False
        return len(record.cells) == self._width and _is_readable(record)

    def _leads(self, start: int, end: int) -> bool:
        """Return whether records without faults, of any width, lead from one offset to another."""
        self._reader.begin_at(self._data[start:], 1, 1)
        at = start
        while at < end:
            record = self._reader.record()
            if isinstance(record, UnreadableRecord) or (record and not _is_readable(record)):
                return False
            at = len(self._data) - len(self._reader.ahead)
        return at == end

    def _after_quoted_cell(self) -> int | None:
        """Return where the next record starts if the part begins inside of a quoted cell; None if it does not end."""
        quote = (self._dialect.quote_char or "").encode()
        if not quote:
            return None
        self._reader.begin_at(quote + self._data[1:], 1, 1)
        self._reader.record()
        return None if self._reader.is_cut else len(self._data) - len(self._reader.ahead)


def _is_readable(record: Record) -> bool:
    """Return whether all cells have a text."""
    return all(isinstance(cell, str) for cell in record.cells)
