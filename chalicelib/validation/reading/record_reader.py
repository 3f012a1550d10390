"""Reads records from bytes by strict RFC 4180, in bounded memory.

A record ends at CRLF, LF or CR outside of quotes. A quoted cell begins and ends with a quote, and doubles each quote
inside. An unquoted cell contains no quote. A violation is a fault of its cell, and reading continues: a cell with
broken quoting ends at the next delimiter or line break.

Dialects with other characters and with escapes are read as strictly.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence

from chalicelib.validation.reading.block_buffer import BlockBuffer, end_of
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.grammar import UNTERMINATED, Grammar
from chalicelib.validation.reading.records import (
    BEGINNING_BYTES,
    RECORD_BYTES,
    CleanRun,
    Record,
    RunScanner,
    UnreadableRecord,
)
from chalicelib.validation.reading.source import (
    BLOCK_BYTES,
    END_MARK_BYTE,
    BinaryFile,
    FileChunks,
    blocks,
    in_utf8,
    may_end_in_mark,
    without_end_mark,
)
from chalicelib.validation.report import ErrorCode, Fault

_BOM = b"\xef\xbb\xbf"


class RecordReader(BlockBuffer):
    """Reads the records of one file, holding one block and one record at a time."""

    def __init__(
        self,
        source: BinaryFile | Iterable[bytes],
        dialect: Dialect,
        *,
        block_bytes: int = BLOCK_BYTES,
        record_bytes: int = RECORD_BYTES,
        file: FileChunks | None = None,
    ) -> None:
        """Read `source`, a binary file or an iterable of bytes, in blocks of at least `block_bytes`.

        If these are the chunks of `file`, `fill` reads the file itself.
        """
        self._record_bytes = record_bytes
        self._dialect = dialect
        grammar = Grammar(dialect)
        self._comment = grammar.tokens.replaced((dialect.comment_char or "").encode())
        self._file = file if dialect.encoding == "utf-8" else None
        self._delivered = 0
        """How many bytes the blocks and `fill` have delivered; `file.size` if none are held back on the way."""
        self.has_end_mark = False
        """Whether the file ended with Ctrl-Z, which is left out. Known at its end."""
        decoded = grammar.tokens.replace_in(in_utf8(blocks(source, block_bytes), dialect.encoding))
        super().__init__(self._without_end_mark(decoded) if may_end_in_mark(dialect) else decoded, grammar)
        self._is_unclosed = False
        """Whether the file ends within a quoted cell."""
        self._row = 0
        self.most_cells = sys.maxsize
        """How many cells of a record are returned, the first ones."""

    @property
    def is_cut(self) -> bool:
        """Whether the last record that was read ends with the file, without a line break."""
        at_end = self._final and self._at == len(self._data)
        return at_end and (self._is_unclosed or self._data[-1:] not in self._grammar.breaks)

    @property
    def has_ended(self) -> bool:
        """Whether nothing of the file is left to be fetched or moved; known when `fill` has returned 0."""
        return self._final

    @property
    def row(self) -> int:
        """The number of the last record that was read."""
        return self._row

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

    def fill(self, room: memoryview) -> int:
        """Move the next bytes into `room`; return how many, 0 at the end of the file.

        They come from the file itself, if none are held on the way.
        """
        if self._file and self._at == len(self._data) and self._delivered == self._file.size:
            size = self._file.read_into(room)
            self._delivered += size
            if size:
                return size
        return super().fill(room)

    def go_past(self, rows: int, lines: int) -> None:
        """Count records that were read elsewhere."""
        self._row += rows
        self._line += lines

    def go_to_end(self, last: bytes) -> None:
        """Continue at the end of the file, whose last byte this is."""
        self._data, self._at, self._final = last, len(last), True

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
        held = before = b""
        for block in source:
            data = held + block
            text = without_end_mark(data)
            if not text and before == END_MARK_BYTE:  # more of a run that is too long
                text = data
            held = data[len(text) :]
            if text:
                yield text
                before = text[-1:]
        self.has_end_mark = bool(held)

    def _fetch(self) -> bytes:
        block = super()._fetch()
        self._delivered += len(block)
        return block

    def _begin(self) -> None:
        """Skip the byte order mark, if nothing has been read yet."""
        while self._row == 0 and len(self._data) < len(_BOM) and self._refill():
            pass
        if self._row == 0 and self._at == 0 and self._data.startswith(_BOM):
            self._at = len(_BOM)

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
        stop = end_of(self._grammar.plain, data, start)
        if stop < len(data) and data[stop] not in self._grammar.breaks:
            return self._scan_cells()
        end = self._after_break(stop)
        if end is None:
            return None
        return self._record(self._grammar.split(data[start:stop], self.most_cells), stop, end, lines=1)

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
            stop = end_of(grammar.rest, data, content)
            if data[stop : stop + 3] in grammar.cut_escapes:
                stop = len(data)
            cells.append(grammar.cell(data[at:content], data[content:stop]))
            del cells[self.most_cells :]
            if not data.startswith(grammar.delimiter, stop):
                break
            at = stop + 1
        end = self._after_break(stop)
        if end is None:
            return None
        return self._record(cells, stop, end, lines=self._lines(self._at, end))

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
            self._go(end_of(grammar.cells, self._data, self._at))
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
