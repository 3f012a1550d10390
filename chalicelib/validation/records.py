"""From bytes to records: RFC 4180, strictly, in bounded memory.

A record ends at CRLF, LF or CR outside of quotes. A quoted cell begins and ends with the quote, and doubles each
quote inside; an unquoted cell has none. What breaks these rules is a fault of the cell where it happens, and reading
goes on after it: a cell whose quoting is broken ends at the next delimiter or line break.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from attrs import frozen

from chalicelib.validation.dialect import Dialect
from chalicelib.validation.report import Fault

BLOCK_BYTES = 256 * 1024
RECORD_BYTES = 4 * 1024 * 1024
"""The largest record that is read; past it, the file gets an error instead of our memory."""

_BOM = b"\xef\xbb\xbf"
_LINE_BREAK = re.compile(rb"\r\n|\r|\n")
_CR = 0x0D


class BinaryFile(Protocol):
    """Anything with a `read` that gives bytes, and none at the end."""

    def read(self, size: int, /) -> bytes:
        """Give at most `size` bytes."""
        ...


@frozen
class Record:
    """A record: its number from 1, the physical line it starts on, and its cells."""

    row: int
    line: int
    cells: Sequence[str | Fault]


@frozen
class UnreadableRecord:
    """A record that cannot be told apart into cells."""

    row: int
    line: int
    field: int | None
    """1-based position of the cell where reading failed, if it is one cell's fault."""
    fault: Fault


QUOTE_INSIDE = Fault("quote-error", "a quote inside an unquoted cell: quote the cell and double the quote")
TEXT_AFTER_QUOTE = Fault("quote-error", "text after the closing quote: a quote inside a quoted cell is doubled")
UNTERMINATED = Fault("quote-error", "the quote that opens this cell is never closed")
NOT_UTF8 = Fault("encoding-error", "not valid UTF-8: save the file in that encoding")
NUL = Fault("encoding-error", "a NUL character (U+0000), which is not text")


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
        self._blocks = _blocks(source, block_bytes)
        self._record_bytes = record_bytes
        self._delimiter = dialect.delimiter
        self._quote = dialect.quote_char.encode()
        delimiter, quote = re.escape(dialect.delimiter.encode()), re.escape(self._quote)
        self._up_to_quote_or_break = re.compile(rb"[^\r\n%b]*+" % quote)
        self._up_to_delimiter_or_break = re.compile(rb"[^\r\n%b]*+" % delimiter)
        self._up_to_quote = re.compile(rb"[^%b]*+" % quote)
        self._quoted_cell = re.compile(rb"%b[^%b]*+(?:%b%b[^%b]*+)*+%b" % ((quote,) * 6))
        self._data = b""
        self._at = 0
        """Where in the data the present record starts."""
        self._final = False
        """Whether the data reaches to the end of the file."""
        self._row = 0
        self._line = 1

    def __iter__(self) -> Iterator[Record | UnreadableRecord]:
        """Give each record in turn."""
        while len(self._data) < len(_BOM) and self._refill():
            pass
        if self._data.startswith(_BOM):
            self._at = len(_BOM)
        while self._at < len(self._data) or self._refill():
            self._row += 1
            yield self._read()

    def _read(self) -> Record | UnreadableRecord:
        """Read one record, fetching blocks until all of it is there."""
        while (read := self._scan()) is None:
            if len(self._data) - self._at > self._record_bytes + len(b"\r"):
                return self._skip()
            self._refill()
        return read

    def _scan(self) -> Record | UnreadableRecord | None:
        """Read one record from the data; None if its end is not there yet."""
        data, start = self._data, self._at
        stop = _end(self._up_to_quote_or_break, data, start)
        if data.startswith(self._quote, stop):
            return self._scan_quoted()
        end = self._after_break(stop)
        if end is None:
            return None
        return self._record(self._split(data[start:stop]), stop, end, lines=1)

    def _split(self, raw: bytes) -> Sequence[str | Fault]:
        """Take a record apart that has no quotes."""
        try:
            cells = raw.decode().split(self._delimiter)
        except UnicodeDecodeError:
            return [_decode(cell) for cell in raw.split(self._delimiter.encode())]
        return [NUL if "\0" in cell else cell for cell in cells] if b"\0" in raw else cells

    def _scan_quoted(self) -> Record | UnreadableRecord | None:
        """Read one record, cell by cell, from the data; None if its end is not there yet."""
        data, at, quote = self._data, self._at, self._quote
        cells: list[str | Fault] = []
        while True:
            content, stop = at, at
            if data.startswith(quote, at):
                quoted = self._quoted_cell.match(data, at)
                if quoted is None:
                    return self._unterminated(len(cells) + 1) if self._final else None
                content = quoted.end()
            stop = _end(self._up_to_delimiter_or_break, data, content)
            if stop == len(data) and not self._final:
                return None
            cells.append(self._cell(data[at:content], data[content:stop]))
            if not data.startswith(self._delimiter.encode(), stop):
                break
            at = stop + 1
        end = self._after_break(stop)
        if end is None:
            return None
        return self._record(cells, stop, end, lines=len(_LINE_BREAK.findall(data, self._at, end)))

    def _cell(self, quoted: bytes, unquoted: bytes) -> str | Fault:
        """Read a cell from its quoted part and what stands outside of the quotes; only one may be there."""
        quote = self._quote
        if quoted and unquoted:
            return TEXT_AFTER_QUOTE
        if quote in unquoted:
            return QUOTE_INSIDE
        return _decode(quoted[1:-1].replace(quote + quote, quote) if quoted else unquoted)

    def _after_break(self, stop: int) -> int | None:
        """Give the place after the line break or the end of the file at `stop`; None if it is not there yet."""
        data = self._data
        if stop + 1 >= len(data) and not self._final:
            return stop + 1 if data[stop : stop + 1] == b"\n" else None
        return stop + 2 if data.startswith(b"\r\n", stop) else min(stop + 1, len(data))

    def _record(self, cells: Sequence[str | Fault], stop: int, end: int, *, lines: int) -> Record | UnreadableRecord:
        """Make the record whose text ends at `stop`, and go to `end`, where the next one starts."""
        row, line, size = self._row, self._line, stop - self._at
        self._at = end
        self._line += lines
        return self._oversized(row, line) if size > self._record_bytes else Record(row, line, cells)

    def _oversized(self, row: int, line: int) -> UnreadableRecord:
        reason = f"the record is larger than {self._record_bytes} bytes: is a closing quote missing?"
        return UnreadableRecord(row, line, None, Fault("oversized-record", reason))

    def _unterminated(self, field: int) -> UnreadableRecord:
        """Give up on the rest of the file: all of it is inside of a quoted cell."""
        self._at = len(self._data)
        return UnreadableRecord(self._row, self._line, field, UNTERMINATED)

    def _skip(self) -> UnreadableRecord:
        """Go past a record that is too large to hold, keeping none of it."""
        row, line, field = self._row, self._line, 0
        while True:
            field += 1
            if self._is_next(self._quote) and not self._drop_quoted():
                return UnreadableRecord(row, line, field, UNTERMINATED)
            self._drop(self._up_to_delimiter_or_break)
            if not self._is_next(self._delimiter.encode()):
                break
            self._at += 1
        while (end := self._after_break(self._at)) is None:
            self._refill()
        self._at = end
        self._line += 1
        return self._oversized(row, line)

    def _drop_quoted(self) -> bool:
        """Go past a quoted cell; False if the file ends before it does."""
        while True:
            self._at += 1
            self._drop(self._up_to_quote)
            if not self._is_next(self._quote):
                return False
            self._at += 1
            if not self._is_next(self._quote):
                return True

    def _drop(self, span: re.Pattern[bytes]) -> None:
        """Go past what matches, however many blocks it fills, counting its lines."""
        while True:
            end = _end(span, self._data, self._at)
            at_seam = end == len(self._data) and not self._final
            if at_seam and end > self._at and self._data[end - 1] == _CR:
                end -= 1  # the line feed that belongs to it may begin the next block
            self._line += len(_LINE_BREAK.findall(self._data, self._at, end))
            self._at = end
            if not at_seam:
                return
            self._refill()

    def _is_next(self, byte: bytes) -> bool:
        """Say whether the next byte is this one, fetching a block if need be."""
        if self._at == len(self._data):
            self._refill()
        return self._data.startswith(byte, self._at)

    def _refill(self) -> bool:
        """Drop what has been read and fetch one more block; False at the end of the file."""
        block = next(self._blocks, b"")
        self._final = not block
        self._data = self._data[self._at :] + block
        self._at = 0
        return not self._final


def _end(span: re.Pattern[bytes], data: bytes, at: int) -> int:
    """Give the end of a span that may be empty, and so always matches."""
    match = span.match(data, at)
    return at if match is None else match.end()


def _decode(raw: bytes) -> str | Fault:
    """Read a cell's text."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return NOT_UTF8
    return NUL if "\0" in text else text


def _blocks(source: BinaryFile | Iterable[bytes], size: int) -> Iterator[bytes]:
    """Bring a source into blocks of at least `size` bytes; only the last may be smaller."""
    chunks = iter(lambda: source.read(size), b"") if hasattr(source, "read") else iter(source)
    gathered: list[bytes] = []
    length = 0
    for chunk in chunks:
        if not isinstance(chunk, bytes | bytearray | memoryview):
            raise TypeError("the source must be a binary file or an iterable of bytes")
        gathered.append(bytes(chunk))
        length += len(chunk)
        if length >= size:
            yield b"".join(gathered)
            gathered, length = [], 0
    if length:
        yield b"".join(gathered)
