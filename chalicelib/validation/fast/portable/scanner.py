"""Scans data for runs of clean records.

A scan takes time in proportion to the run that it finds, whatever follows the run: data is scanned in windows. The next
window is twice as large, and is scanned if most of the window before was clean.
"""

import re
from functools import lru_cache

from chalicelib.validation.fast.portable.records import Break, RecordLanguage
from chalicelib.validation.reading.records import Run
from chalicelib.validation.regex.automaton import automaton

_WINDOW_BYTES = 4096
"""The size of the first window, besides twice the size of the first record."""


class Scanner:
    """Finds runs of clean records."""

    def __init__(self, language: RecordLanguage) -> None:
        """Scan for the records of a language; raises OverflowError if its automaton would be too large."""
        self._breaks = language.breaks
        self._break = language.break_byte
        self._any_break = re.compile(b"[\r\n]" if language.breaks is not Break.DECLARED else re.escape(self._break))
        self._expressions = [automaton(expression) for expression in language.expressions()]
        self._suspects = _Suspects(language)

    def run(self, data: bytes, start: int, end: int) -> Run:
        """Return the run from the record at `start` on, or its first part; it ends at or before `end`."""
        first_break = self._any_break.search(data, start, end)
        if first_break is None:
            return Run(start, 0)
        window = _WINDOW_BYTES + 2 * (first_break.end() - start)
        stop, goes_on = start, True
        while goes_on:
            limit = min(stop + window, end)
            reached = self._clean_until(data, stop, limit)
            suspect = self._suspects.first(data, stop, reached)
            if suspect is not None:
                reached = self._clean_until(data, stop, suspect)
            goes_on = suspect is None and reached - stop > window // 2 and limit < end
            stop = reached
            window *= 2
        return Run(stop, data.count(self._break, start, stop))

    def _clean_until(self, data: bytes, start: int, end: int) -> int:
        """Return where the clean records from `start` on end."""
        stop = self._matched_until(data, start, end)
        if self._breaks is Break.CR and stop > start and data.startswith(b"\n", stop):
            return self._matched_until(data, start, stop - 1)  # the last carriage return is half of a line break
        return stop

    def _matched_until(self, data: bytes, start: int, end: int) -> int:
        for expression in self._expressions:
            end = expression.match(data, start, end).end()
        return end


class _Suspects:
    """Finds records that match the language but are not clean: comments, and blank rows."""

    def __init__(self, language: RecordLanguage) -> None:
        dialect = language.dialect
        self._break = language.break_byte
        self._comment = (dialect.comment_char or "").encode()
        self._blank = re.compile(_blank_record(language)) if language.allows_blank else None
        self._later_blank = re.compile(re.escape(self._break) + _blank_record(language))
        self._quote = (dialect.quote_char or "").encode()
        between = dialect.delimiter.encode() * (len(language.cells) - 1)
        ends = (b"\n", b"\r\n") if language.breaks is Break.LF else (self._break,)
        self._blanks = () if dialect.skip_initial_space else tuple(self._break + between + end for end in ends)

    def first(self, data: bytes, start: int, end: int) -> int | None:
        """Return the offset of the first one, if there is any."""
        found = []
        if self._comment:
            if data.startswith(self._comment, start):
                return start
            found.append(data.find(self._break + self._comment, start, end))
        if self._blank is not None:
            if self._blank.match(data, start, end):
                return start
            if self._blanks and not (self._quote and data.find(self._quote, start, end) >= 0):
                found += [data.find(needle, start, end) for needle in self._blanks]
            elif match := self._later_blank.search(data, start, end):
                found.append(match.start())
        return min((offset + 1 for offset in found if offset >= 0), default=None)


def _blank_record(language: RecordLanguage) -> bytes:
    """Return the expression of a row without any text."""
    dialect = language.dialect
    space = " *" if dialect.skip_initial_space else ""
    quotes = f"(?:{re.escape(dialect.quote_char * 2)})?" if dialect.quote_char else ""
    others = f"(?:{re.escape(dialect.delimiter)}{space}{quotes}){{{len(language.cells) - 1}}}"
    return f"{space}{quotes}{others}{language.end_expression}".encode()


@lru_cache(maxsize=16)
def scanner_of(language: RecordLanguage) -> Scanner | None:
    """Return a scanner, which is kept for the next file; None if its automaton would be too large."""
    try:
        return Scanner(language)
    except OverflowError:
        return None
