"""A second CSV reader, byte by byte over the whole file, with which the record reader is compared."""

import re
from collections.abc import Iterable, Iterator

from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.grammar import (
    NOT_UTF8,
    NUL,
    QUOTE_INSIDE,
    SPACE_AFTER_QUOTE,
    SPACE_BEFORE_QUOTE,
    TEXT_AFTER_QUOTE,
    UNTERMINATED,
)
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import RECORD_BYTES, Record, UnreadableRecord
from chalicelib.validation.reading.source import BLOCK_BYTES, BinaryFile
from chalicelib.validation.report import ErrorCode, Fault

RFC_4180 = Dialect()
Records = list[Record | UnreadableRecord]


def read(
    source: bytes | BinaryFile | Iterable[bytes], *, block_bytes: int = BLOCK_BYTES, record_bytes: int = RECORD_BYTES
) -> Records:
    """Read all records of a file with the record reader, whole if the file is given as bytes."""
    chunks = [source] if isinstance(source, bytes) else source
    return list(RecordReader(chunks, RFC_4180, block_bytes=block_bytes, record_bytes=record_bytes))


def plain_records(data: bytes, record_bytes: int, dialect: Dialect = RFC_4180) -> Iterator[Record | UnreadableRecord]:
    """Read a file's records; larger ones than `record_bytes`, without their line break, are unreadable."""
    if "\x1a" not in dialect.tokens:
        data = re.sub(rb"\x1a+(?:\r\n|\r|\n)?\Z", b"", data)
    reader = _PlainReader(data, dialect)
    comment = (dialect.comment_char or "").encode()
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    row, line = 0, 1
    while at < len(data):
        row, start = row + 1, at
        if comment and data.startswith(comment, at):
            at = reader.after_break(reader.end_of_line(at))
        else:
            cells, stop = reader.cells(at)
            at = reader.after_break(stop)
            record: Record | UnreadableRecord = Record(row, line, cells)
            if cells[-1] is UNTERMINATED:
                field = None if len(data) - start > record_bytes else len(cells)
                record = UnreadableRecord(row, line, field, UNTERMINATED)
            elif stop - start > record_bytes:
                reason = f"the record is larger than {record_bytes} bytes: is a closing quote missing?"
                record = UnreadableRecord(row, line, None, Fault(ErrorCode.OVERSIZED_RECORD, reason))
            is_blank = isinstance(record, Record) and not any(cells)
            if row not in dialect.comment_rows and not (dialect.skip_blank_rows and is_blank):
                yield record
        line += reader.breaks_in(data[start:at])


class _PlainReader:
    def __init__(self, data: bytes, dialect: Dialect) -> None:
        self._data = data
        self._delimiter = dialect.delimiter.encode()
        self._quote = (dialect.quote_char or "").encode()
        self._escape = (dialect.escape_char or "").encode()
        self._terminator = (dialect.line_terminator or "").encode()
        self._doubles = dialect.double_quote
        self._skips_space = dialect.skip_initial_space

    def cells(self, at: int) -> tuple[list[str | Fault], int]:
        """Return the cells of the record at `at` and its end; the last may be UNTERMINATED."""
        cells: list[str | Fault] = []
        while True:
            while self._skips_space and self._data[at : at + 1] == b" ":
                at += 1
            if spaced := self._spaced(at):
                cells.append(SPACE_BEFORE_QUOTE)
                if self._data[spaced : spaced + 1] != self._delimiter:
                    return cells, spaced
                at = spaced + 1
                continue
            quoted, text = b"", b""
            if self._quote and self._data[at : at + 1] == self._quote:
                closed, after, text = self._quoted(at + 1)
                if not closed:
                    return [*cells, UNTERMINATED], len(self._data)
                quoted, at = self._data[at:after], after
            unquoted, has_quote, stop = self._unquoted(at)
            if quoted and stop > at:
                cells.append(TEXT_AFTER_QUOTE if self._data[at:stop].strip(b" ") else SPACE_AFTER_QUOTE)
            elif has_quote:
                cells.append(QUOTE_INSIDE)
            else:
                cells.append(_decoded(text if quoted else unquoted))
            if self._data[stop : stop + 1] != self._delimiter:
                return cells, stop
            at = stop + 1

    def _spaced(self, at: int) -> int:
        """Return where a quoted cell with spaces before it ends; 0 if there is none."""
        start = at
        tokens = (self._delimiter, self._quote, self._terminator)
        if not self._quote or self._escape or self._skips_space or b" " in tokens:
            return 0
        while self._data[at : at + 1] == b" ":
            at += 1
        if at == start or self._data[at : at + 1] != self._quote:
            return 0
        at += 1
        while at < len(self._data) and not self._is_break(self._data[at : at + 1]):
            if self._data[at : at + 1] == self._quote:
                if self._data[at - 1 : at] == self._delimiter:
                    return 0
                if not (self._doubles and self._data[at : at + 2] == self._quote * 2):
                    return self._end_of_spaced(at + 1)
                at += 1
            at += 1
        return 0

    def _end_of_spaced(self, at: int) -> int:
        """Return the end of spaces after a closing quote; 0 if something else follows."""
        while self._data[at : at + 1] == b" ":
            at += 1
        byte = self._data[at : at + 1]
        return at if byte in {b"", self._delimiter} or self._is_break(byte) else 0

    def _quoted(self, at: int) -> tuple[bool, int, bytes]:
        """Return whether a quoted cell ends, its end and its text, from behind its opening quote."""
        text = b""
        while at < len(self._data):
            taken, escaped = self._escaped(at)
            if taken:
                text += escaped
            elif self._doubles and self._data[at : at + 2] == self._quote * 2:
                taken, text = 2, text + self._quote
            elif self._data[at : at + 1] == self._quote:
                return True, at + 1, text
            else:
                taken, text = 1, text + self._data[at : at + 1]
            at += taken
        return False, at, text

    def _unquoted(self, at: int) -> tuple[bytes, bool, int]:
        """Return the text up to a delimiter or line break, whether it contains a quote, and its end."""
        text, has_quote = b"", False
        while at < len(self._data):
            taken, escaped = self._escaped(at)
            byte = self._data[at : at + 1]
            if not taken and (byte == self._delimiter or self._is_break(byte)):
                break
            has_quote = has_quote or (not taken and byte == self._quote)
            text += escaped if taken else byte
            at += taken or 1
        return text, has_quote, at

    def _escaped(self, at: int) -> tuple[int, bytes]:
        """Return the length of an escape and its text; 0 if there is none."""
        if not self._escape or self._data[at : at + 1] != self._escape or at + 1 == len(self._data):
            return 0, b""
        length = 2 if self._data[at + 1 : at + 3] == b"\r\n" else 1
        return 1 + length, self._data[at + 1 : at + 1 + length]

    def _is_break(self, byte: bytes) -> bool:
        return byte == self._terminator if self._terminator else byte in {b"\r", b"\n"}

    def end_of_line(self, at: int) -> int:
        """Return the offset of the next line break."""
        while at < len(self._data) and not self._is_break(self._data[at : at + 1]):
            at += 1
        return at

    def after_break(self, stop: int) -> int:
        """Return the offset behind the line break at `stop`."""
        is_crlf = not self._terminator and self._data[stop : stop + 2] == b"\r\n"
        return min(stop + 1 + is_crlf, len(self._data))

    def breaks_in(self, data: bytes) -> int:
        """Count the line breaks."""
        if self._terminator:
            return data.count(self._terminator)
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n")


def _decoded(raw: bytes) -> str | Fault:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return NOT_UTF8
    return NUL if "\0" in text else text
