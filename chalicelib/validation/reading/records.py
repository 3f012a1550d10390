"""Reads records from bytes by strict RFC 4180, in bounded memory.

A record ends at CRLF, LF or CR outside of quotes. A quoted cell begins and ends with a quote, and doubles each quote
inside. An unquoted cell contains no quote. A violation is a fault of its cell, and reading continues: a cell with
broken quoting ends at the next delimiter or line break.

Dialects with other characters and with escapes are read as strictly.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Protocol

import attrs
from attrs import frozen

from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.grammar import NUL, UNTERMINATED, Grammar
from chalicelib.validation.reading.source import BLOCK_BYTES, BinaryFile, blocks, in_utf8
from chalicelib.validation.report import ErrorCode, Fault

RECORD_BYTES = 4 * 1024 * 1024
"""The size of the largest record that is held in memory; a larger one is an error."""

BEGINNING_BYTES = 1024
"""How many bytes are kept of a record that cannot be read."""

_BOM = b"\xef\xbb\xbf"
END_MARK = Fault(ErrorCode.FORMAT_ERROR, "the file ends with Ctrl-Z (0x1A), which is no text: remove it")
_END_MARK = "\x1a"
"""Ctrl-Z, with which old programs end a text file."""
MAX_END_MARKS = 4096
"""How many of them are left out: CP/M filled the last sector with them."""
_CR = 0x0D


@frozen
class Record:
    """A record: its number from 1, the physical line it starts on, and its cells."""

    row: int
    line: int
    cells: Sequence[str | Fault]
    lines: int = attrs.field(default=1, eq=False)
    """The number of its physical lines."""


@frozen
class UnreadableRecord:
    """A record that cannot be split into cells."""

    row: int
    line: int
    field: int | None
    """The 1-based position of the cell at which reading failed, if it is the fault of one cell."""
    fault: Fault
    beginning: bytes = attrs.field(default=b"", eq=False, repr=False)
    """Its first bytes, up to BEGINNING_BYTES."""


@frozen
class CleanRun:
    """Consecutive clean records, of one line each."""

    row: int
    line: int
    rows: int
    data: bytes
    """Contains the records from `start` to `end`."""
    start: int
    end: int


@frozen
class Run:
    """Consecutive clean records of one line each: where they end in the data, and their number."""

    end: int
    rows: int


class RunScanner(Protocol):
    """Finds runs of clean records."""

    def run(self, data: bytes, start: int, end: int) -> Run:
        """Return the longest run that starts with the record at `start` and ends before `end`."""
        ...


class RecordReader:
    """Reads the records of one file, holding one block and one record at a time."""

    def __init__(
        self,
        source: BinaryFile | Iterable[bytes],
        dialect: Dialect,
        *,
        block_bytes: int = BLOCK_BYTES,
        record_bytes: int = RECORD_BYTES,
    ) -> None:
        """Read `source`, a binary file or an iterable of bytes, in blocks of at least `block_bytes`."""
        self._record_bytes = record_bytes
        self._dialect = dialect
        self._grammar = Grammar(dialect)
        tokens = self._grammar.tokens
        self._comment = tokens.replaced((dialect.comment_char or "").encode())
        self.has_end_mark = False
        """Whether the file ended with Ctrl-Z, which is left out. Known at its end."""
        decoded = tokens.replace_in(in_utf8(blocks(source, block_bytes), dialect.encoding))
        self._blocks = self._without_end_mark(decoded) if may_end_in_mark(dialect) else decoded
        self._data = b""
        self._at = 0
        """Where in the data the current record starts."""
        self._final = False
        """Whether the data reaches to the end of the file."""
        self._is_unclosed = False
        """Whether the file ends within a quoted cell."""
        self._row = 0
        self._line = 1

    @property
    def ahead(self) -> bytes:
        """The bytes that have been fetched and not yet read."""
        return self._data[self._at :]

    @property
    def is_cut(self) -> bool:
        """Whether the last record that was read ends with the file, without a line break."""
        at_end = self._final and self._at == len(self._data)
        return at_end and (self._is_unclosed or self._data[-1:] not in self._grammar.breaks)

    @property
    def row(self) -> int:
        """The number of the last record that was read."""
        return self._row

    @property
    def line(self) -> int:
        """The line on which the next record starts."""
        return self._line

    @property
    def last_numbered_row(self) -> int:
        """The last record that the dialect leaves out by its number; 0 if there is none."""
        return max(self._dialect.comment_rows, default=0)

    def has_more(self) -> bool:
        """Return whether there is another record, or a comment."""
        return self._has_more()

    def record(self) -> Record | UnreadableRecord | None:
        """Read the next record; None if it is not one of the table's."""
        return self._next()

    def fetch(self) -> bytes:
        """Return the next block without reading it; empty at the end of the file."""
        return self._fetch()

    def put_back(self, data: bytes) -> None:
        """Return data to the source, so that it is fetched next."""
        if data:
            pieces = (data[at : at + BLOCK_BYTES] for at in range(0, len(data), BLOCK_BYTES))
            self._blocks = chain(pieces, self._blocks)

    def go_past(self, rows: int, lines: int) -> None:
        """Count records that were read elsewhere."""
        self._row += rows
        self._line += lines

    def go_on(self, ahead: bytes) -> None:
        """Continue with this data, which was fetched before and not read."""
        self._data, self._at, self._final = ahead, 0, False

    def begin_at(self, data: bytes, row: int, line: int) -> None:
        """Read on from this data, whose first record has that number and starts on that line."""
        self.go_on(data)
        self._row, self._line = row - 1, line

    def __iter__(self) -> Iterator[Record | UnreadableRecord]:
        """Iterate over the records."""
        self._begin()
        while self._has_more():
            if record := self._next():
                yield record

    def runs(self, scanner: RunScanner) -> Iterator[Record | UnreadableRecord | CleanRun]:
        """Iterate over the remaining records, clean ones in runs."""
        self._begin()
        while self._has_more():
            if record := self._clean_run(scanner) or self._next():
                yield record

    def _without_end_mark(self, source: Iterator[bytes]) -> Iterator[bytes]:
        """Leave out the Ctrl-Z at the end of the file, and a line break behind it."""
        held = b""
        for block in source:
            data = held + block
            text = without_end_mark(data)
            data, held = text, data[len(text) :]
            if data:
                yield data
        self.has_end_mark = bool(held)

    def _begin(self) -> None:
        """Skip the byte order mark, if nothing has been read yet."""
        while self._row == 0 and len(self._data) < len(_BOM) and self._refill():
            pass
        if self._row == 0 and self._at == 0 and self._data.startswith(_BOM):
            self._at = len(_BOM)

    def _has_more(self) -> bool:
        return self._at < len(self._data) or self._refill()

    def _next(self) -> Record | UnreadableRecord | None:
        """Read the next record; None if the dialect leaves it out."""
        self._row += 1
        if self._comment and self._starts_with(self._comment):
            self._drop_line()
            return None
        record = self._read()
        return None if self._is_left_out(record) else record

    def _clean_run(self, scanner: RunScanner) -> CleanRun | None:
        """Skip the clean records that come next, and return them; None if there are none."""
        if self._row < self.last_numbered_row:
            return None
        data, start = self._data, self._at
        # The carriage return at the end of a block may be half of a line break.
        end = len(data) - (data.endswith(b"\r") and not self._final)
        found = scanner.run(data, start, min(end, start + self._record_bytes))
        if not found.rows:
            return None
        row, line = self._row + 1, self._line
        self._at = found.end
        self._row += found.rows
        self._line += found.rows
        return CleanRun(row, line, found.rows, data, start, found.end)

    def _is_left_out(self, record: Record | UnreadableRecord) -> bool:
        """Return whether the dialect leaves a record out."""
        if record.row in self._dialect.comment_rows:
            return True
        return self._dialect.skip_blank_rows and isinstance(record, Record) and not any(record.cells)

    def _starts_with(self, beginning: bytes) -> bool:
        while len(self._data) - self._at < len(beginning) and self._refill():
            pass
        return self._data.startswith(beginning, self._at)

    def _drop_line(self) -> None:
        """Skip a comment, whatever it contains."""
        self._drop(self._grammar.line)
        while (end := self._after_break(self._at)) is None:
            self._refill()
        self._go(end)

    def _read(self) -> Record | UnreadableRecord:
        """Read one record, fetching blocks until it is complete."""
        while (read := self._scan()) is None:
            if len(self._data) - self._at > self._record_bytes + len(b"\r"):
                return self._skip_oversized()
            self._refill()
        return read

    def _scan(self) -> Record | UnreadableRecord | None:
        """Read one record from the data; None if its end has not been fetched."""
        data, start = self._data, self._at
        stop = _end(self._grammar.plain, data, start)
        if stop < len(data) and data[stop] not in self._grammar.breaks:
            return self._scan_cells()
        end = self._after_break(stop)
        if end is None:
            return None
        return self._record(self._split(data[start:stop]), stop, end, lines=1)

    def _split(self, raw: bytes) -> Sequence[str | Fault]:
        """Split a record that has no quotes and no escapes."""
        grammar = self._grammar
        if grammar.skips_space:
            raw = grammar.space.sub(rb"\1", raw)
        try:
            cells = raw.decode().split(self._dialect.delimiter)
        except UnicodeDecodeError:
            return [grammar.decoded(cell) for cell in raw.split(grammar.delimiter)]
        return [NUL.with_bytes(cell.encode()) if "\0" in cell else cell for cell in cells] if b"\0" in raw else cells

    def _scan_cells(self) -> Record | UnreadableRecord | None:
        """Read one record, cell by cell, from the data; None if its end has not been fetched."""
        data, at, grammar = self._data, self._at, self._grammar
        cells: list[str | Fault] = []
        while True:
            while grammar.skips_space and data.startswith(b" ", at):
                at += 1
            content = grammar.end_of_spaced(data, at)
            if content > at:
                cells.append(grammar.spaced_cell(data[at:content]))
                stop = content
                if not data.startswith(grammar.delimiter, stop):
                    break
                at = stop + 1
                continue
            if grammar.quote and data.startswith(grammar.quote, at):
                quoted = grammar.quoted.match(data, at)
                if quoted is None:
                    return self._unterminated(len(cells) + 1) if self._final else None
                content = quoted.end()
            stop = _end(grammar.rest, data, content)
            if data[stop : stop + 3] in grammar.cut_escapes:
                stop = len(data)
            cells.append(grammar.cell(data[at:content], data[content:stop]))
            if not data.startswith(grammar.delimiter, stop):
                break
            at = stop + 1
        end = self._after_break(stop)
        if end is None:
            return None
        return self._record(cells, stop, end, lines=self._lines(self._at, end))

    def _lines(self, start: int, end: int) -> int:
        """Return the number of line breaks in a part of the data."""
        data, breaks = self._data, self._grammar.breaks
        if breaks == b"\r\n":
            return data.count(b"\n", start, end) + data.count(b"\r", start, end) - data.count(b"\r\n", start, end)
        return data.count(breaks, start, end)

    def _after_break(self, stop: int) -> int | None:
        """Return the offset behind the line break or the end of the file at `stop`; None if it has not been fetched."""
        data = self._data
        if stop + 1 >= len(data) and not self._final:
            return stop + 1 if data[stop : stop + 1] not in {b"", b"\r"} else None
        return stop + 2 if data.startswith(b"\r\n", stop) else min(stop + 1, len(data))

    def _record(self, cells: Sequence[str | Fault], stop: int, end: int, *, lines: int) -> Record | UnreadableRecord:
        """Return the record whose text ends at `stop`, and move to `end`, where the next one starts."""
        row, line, start = self._row, self._line, self._at
        self._at = end
        self._line += lines
        if stop - start > self._record_bytes:
            return self._oversized(row, line, self._beginning(start))
        return Record(row, line, cells, lines)

    def _beginning(self, start: int) -> bytes:
        return self._grammar.tokens.restored(self._data[start : start + BEGINNING_BYTES])

    def _oversized(self, row: int, line: int, beginning: bytes) -> UnreadableRecord:
        reason = f"the record is larger than {self._record_bytes} bytes: is a closing quote missing?"
        return UnreadableRecord(row, line, None, Fault(ErrorCode.OVERSIZED_RECORD, reason), beginning)

    def _unterminated(self, field: int) -> UnreadableRecord:
        """Skip the rest of the file, which is inside of a quoted cell."""
        is_oversized = len(self._data) - self._at > self._record_bytes
        beginning = self._beginning(self._at)
        self._at = len(self._data)
        self._is_unclosed = True
        return UnreadableRecord(self._row, self._line, None if is_oversized else field, UNTERMINATED, beginning)

    def _skip_oversized(self) -> UnreadableRecord:
        """Skip a record that is too large for memory."""
        row, line, grammar = self._row, self._line, self._grammar
        beginning = self._beginning(self._at)
        while True:
            self._go(_end(grammar.cells, self._data, self._at))
            while grammar.skips_space and self._is_next(b" "):
                self._at += 1
            if grammar.quote and self._is_next(grammar.quote) and not self._drop_quoted(grammar.quote):
                self._is_unclosed = True
                return UnreadableRecord(row, line, None, UNTERMINATED, beginning)
            self._drop(grammar.rest)
            if not self._is_next(grammar.delimiter):
                break
            self._at += 1
        while (end := self._after_break(self._at)) is None:
            self._refill()
        self._go(end)
        return self._oversized(row, line, beginning)

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
            end = _end(span, self._data, self._at)
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

    def _go(self, end: int) -> None:
        self._line += self._lines(self._at, end)
        self._at = end

    def _is_next(self, byte: bytes) -> bool:
        """Return whether the next byte is this one, fetching a block if necessary."""
        if self._at == len(self._data):
            self._refill()
        return self._data.startswith(byte, self._at)

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


def may_end_in_mark(dialect: Dialect) -> bool:
    """Return whether a Ctrl-Z at the end of a file is no part of its text."""
    return _END_MARK not in "".join(dialect.tokens)


def without_end_mark(data: bytes) -> bytes:
    """Return data without the Ctrl-Z at its end, and a line break behind it."""
    mark = _END_MARK.encode()
    text = data.removesuffix(b"\n").removesuffix(b"\r").rstrip(mark) if mark in data[-3:] else data
    return text if data.startswith(mark, len(text)) and len(data) - len(text) <= MAX_END_MARKS else data


def _end(span: re.Pattern[bytes], data: bytes, at: int) -> int:
    """Return the end of a match, which may be empty."""
    match = span.match(data, at)
    return at if match is None else match.end()
