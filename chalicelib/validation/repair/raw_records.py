"""Records as they are written in a file: the bytes of each cell, with quotes, and of each line end."""

import codecs
import re
from collections.abc import Iterator, Sequence

from attrs import evolve, frozen

from chalicelib.errors import FieldInvalid
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.grammar import Grammar
from chalicelib.validation.reading.records import RECORD_BYTES

BOM = codecs.BOM_UTF8


@frozen
class RawRecord:
    """A record, in UTF-8; joined by delimiters, its cells are the record as it is in the file."""

    cells: Sequence[bytes]
    end: bytes
    """The line break; empty at the end of the file."""
    is_verbatim: bool = False
    """Whether this is a comment, or the rest of a file whose last quote is never closed: its one cell is no cell."""


class RawRecords:
    """Iterates over the records of a file in UTF-8, whose byte order mark has been left out."""

    def __init__(self, blocks: Iterator[bytes], dialect: Dialect) -> None:
        """Read blocks of bytes; raises FieldInvalid if the dialect has a token that is not one ASCII character."""
        if not dialect.is_bytewise:
            raise FieldInvalid("dialect", "files with tokens of several characters are not repaired")
        self._blocks = blocks
        self._grammar = Grammar(evolve(dialect, encoding="utf-8"))
        self._comment = (dialect.comment_char or "").encode()
        self._data = b""
        self._at = 0
        self._is_final = False

    def __iter__(self) -> Iterator[RawRecord]:
        """Iterate over the records, and comments."""
        while self._at < len(self._data) or self._refill():
            while (record := self._next()) is None:
                if len(self._data) - self._at > 2 * RECORD_BYTES:
                    raise FieldInvalid(
                        "file", f"a record is larger than {RECORD_BYTES:,} bytes: is a quote not closed?"
                    )
                self._refill()
            yield record

    def _refill(self) -> bool:
        block = next(self._blocks, b"")
        self._is_final = not block
        self._data = self._data[self._at :] + block
        self._at = 0
        return bool(block)

    def _next(self) -> RawRecord | None:
        """Return the next record; None if its end has not been read."""
        data, at, grammar = self._data, self._at, self._grammar
        if self._comment:
            if len(data) - at < len(self._comment) and not self._is_final:
                return None
            if data.startswith(self._comment, at):
                return self._ended([data[at : (stop := _end(grammar.line, data, at))]], stop, is_verbatim=True)
        stop = _end(grammar.plain, data, at)
        if stop == len(data) or data[stop] in grammar.breaks:
            return self._ended(data[at:stop].split(grammar.delimiter), stop)
        return self._quoted(at)

    def _quoted(self, at: int) -> RawRecord | None:
        """Return the next record, of which a cell has a quote or an escape."""
        data, grammar = self._data, self._grammar
        cells: list[bytes] = []
        while True:
            start = at
            while grammar.skips_space and data.startswith(b" ", at):
                at += 1
            content = grammar.end_of_spaced(data, at)
            if content == at and grammar.quote and data.startswith(grammar.quote, at):
                quoted = grammar.quoted.match(data, at)
                if quoted is None:
                    return self._ended([data[self._at :]], len(data), is_verbatim=True) if self._is_final else None
                content = quoted.end()
            stop = _end(grammar.rest, data, content)
            if data[stop : stop + 3] in grammar.cut_escapes:
                stop = len(data)
            cells.append(data[start:stop])
            if not data.startswith(grammar.delimiter, stop):
                return self._ended(cells, stop)
            at = stop + 1

    def _ended(self, cells: Sequence[bytes], stop: int, *, is_verbatim: bool = False) -> RawRecord | None:
        """Return the record that ends at `stop`, with its line break; None if that has not been read."""
        data = self._data
        if stop + 2 > len(data) and not self._is_final and data[stop : stop + 1] in {b"", b"\r"}:
            return None
        length = 0 if stop == len(data) else 2 if data.startswith(b"\r\n", stop) else 1
        if self._grammar.breaks != b"\r\n":
            length = min(len(data) - stop, 1)
        self._at = stop + length
        return RawRecord(cells, data[stop : self._at], is_verbatim)


def _end(span: re.Pattern[bytes], data: bytes, at: int) -> int:
    match = span.match(data, at)
    return at if match is None else match.end()
