"""Scan data: how far it is clean, and how many records and lines that is."""

import re
from collections.abc import Iterator
from functools import lru_cache

from chalicelib.validation.fast.language.records import Break, RecordLanguage
from chalicelib.validation.reading.records import Run
from chalicelib.validation.regex.automaton import automaton


class Scanner:
    """Finds runs of clean records."""

    def __init__(self, language: RecordLanguage) -> None:
        """Scan for the records of a language."""
        self.language = language
        self._expressions = [automaton(expression) for expression in language.expressions()]
        self._break = language.break_byte
        self._suspects = _Suspects(language)

    def run(self, data: bytes, start: int, end: int) -> Run:
        """Return the longest run that starts with the record at `start` and ends at or before `end`."""
        stop = self._clean_until(data, start, end)
        if self.language.breaks is Break.CR and stop > start and data.startswith(b"\n", stop):
            stop = self._clean_until(data, start, stop - 1)  # the last carriage return is half of a line break
        suspect = self._suspects.first(data, start, stop)
        if suspect is not None:
            # What looks like the start of a record may be inside a quoted cell; then the run ends before that record.
            stop = self._clean_until(data, start, suspect)
        lines = data.count(self._break, start, stop)
        return Run(stop, lines - self._inside_quotes(data, start, stop), lines)

    def _clean_until(self, data: bytes, start: int, end: int) -> int:
        for expression in self._expressions:
            end = expression.match(data, start, end).end()
        return end

    def _inside_quotes(self, data: bytes, start: int, end: int) -> int:
        """Count the line breaks inside cells."""
        quote = (self.language.dialect.quote_char or "").encode()
        if not (self.language.has_long_cells and data.find(quote, start, end) >= 0):
            return 0
        # Only quotes and line breaks matter here. Two quotes with nothing between them change nothing.
        counted = data[start:end].translate(None, _all_but(quote + self._break)).replace(quote + quote, b"")
        return sum(map(len, counted.split(quote)[1::2]))


@lru_cache
def _all_but(kept: bytes) -> bytes:
    return bytes(code for code in range(256) if code not in kept)


class _Suspects:
    """Finds records that match the language but may not be clean: comments, and blank rows."""

    def __init__(self, language: RecordLanguage) -> None:
        dialect = language.dialect
        self._break = language.break_byte
        self._comment = (dialect.comment_char or "").encode()
        self._blank = _blank_record(language) if language.allows_blank else None
        self._quote = (dialect.quote_char or "").encode()
        between = dialect.delimiter.encode() * (len(language.cells) - 1)
        ends = (b"\n", b"\r\n") if language.breaks is Break.LF else (self._break,)
        self._blanks = () if dialect.skip_initial_space else tuple(self._break + between + end for end in ends)

    def first(self, data: bytes, start: int, end: int) -> int | None:
        """Return the offset of the first one, if there is any; it may be inside a quoted cell."""
        found = []
        if self._comment:
            if data.startswith(self._comment, start):
                return start
            found.append(data.find(self._break + self._comment, start, end))
        if self._blank is not None:
            if self._blank.match(data, start, end):
                return start
            found += self._blank_rows(self._blank, data, start, end)
        return min((offset + 1 for offset in found if offset >= 0), default=None)

    def _blank_rows(self, blank: re.Pattern[bytes], data: bytes, start: int, end: int) -> Iterator[int]:
        if self._blanks and not (self._quote and data.find(self._quote, start, end) >= 0):
            yield from (data.find(needle, start, end) for needle in self._blanks)
        elif match := re.compile(re.escape(self._break) + blank.pattern).search(data, start, end):
            yield match.start()


def _blank_record(language: RecordLanguage) -> re.Pattern[bytes]:
    """Return the expression of a row without any text."""
    dialect = language.dialect
    space = " *" if dialect.skip_initial_space else ""
    quotes = f"(?:{re.escape(dialect.quote_char * 2)})?" if dialect.quote_char else ""
    others = f"(?:{re.escape(dialect.delimiter)}{space}{quotes}){{{len(language.cells) - 1}}}"
    return re.compile(f"{space}{quotes}{others}{language.end_expression}".encode())
