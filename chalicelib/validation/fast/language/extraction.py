"""Extract single columns from a run of clean records."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

from chalicelib.validation.fast.language.records import RecordLanguage
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.records import CleanRun, Record


class Extraction:
    """Extracts the cells of some columns."""

    def __init__(self, language: RecordLanguage, positions: Sequence[int]) -> None:
        """Extract the columns at these 0-based positions, which are sorted."""
        self._dialect = language.dialect
        self._positions = tuple(positions)
        self._width = len(language.cells)
        self._break = language.break_byte
        self._quote = (language.dialect.quote_char or "").encode()

    def columns(self, run: CleanRun) -> tuple[Mapping[int, Sequence[str]], Sequence[int]]:
        """Return the cells of each column by its position, and the line on which each record starts."""
        data = run.data[run.start : run.end]
        lines: Sequence[int] = range(run.line, run.line + run.rows)
        if self._dialect.skip_initial_space or (self._quote and self._quote in data):
            columns, ends = self._matched(data)
            if run.rows != run.lines:
                breaks = (data.count(self._break, start, end) for start, end in pairwise([0, *ends]))
                lines = list(accumulate(breaks, initial=run.line))[:-1]
        else:
            columns = self._split(data)
        return dict(zip(self._positions, map(_texts, columns), strict=True)), lines

    def _split(self, data: bytes) -> Iterable[Sequence[bytes]]:
        """Split records in which no delimiter and no line break is part of a cell."""
        delimiter = self._dialect.delimiter.encode()
        if self._break == b"\n" and b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
        cells = data.replace(self._break, delimiter).split(delimiter)
        cells.pop()  # what follows the last line break
        return (cells[position :: self._width] for position in self._positions)

    def _matched(self, data: bytes) -> tuple[Iterable[Sequence[bytes]], Iterable[int]]:
        """Match records one by one; return the offset at which each ends, too."""
        form = _record(self._dialect, self._positions, self._width)
        matches = list(form.finditer(data))
        columns = zip(*(match.groups() for match in matches), strict=True)
        return ([self._unquoted(cell) for cell in column] for column in columns), (match.end() for match in matches)

    def _unquoted(self, cell: bytes) -> bytes:
        if self._quote and cell.startswith(self._quote):
            return cell[1:-1].replace(self._quote * 2, self._quote)
        return cell


def select_records(
    language: RecordLanguage, run: CleanRun, lines: Sequence[int], offsets: Sequence[int]
) -> Iterator[Record]:
    """Yield the records of a run at these sorted offsets; `lines` are those on which the records of the run start."""
    ends = [*(line - run.line for line in lines[1:]), run.lines]
    parts = run.data[run.start : run.end].split(language.break_byte)
    texts = [b"".join(part + language.break_byte for part in parts[lines[at] - run.line : ends[at]]) for at in offsets]
    taken = CleanRun(run.row, run.line, len(texts), run.lines, b"".join(texts), 0, sum(map(len, texts)))
    columns, _ = Extraction(language, range(len(language.cells))).columns(taken)
    for at, cells in zip(offsets, zip(*columns.values(), strict=True), strict=True):
        yield Record(run.row + at, lines[at], cells)


def _texts(cells: Sequence[bytes]) -> Sequence[str]:
    """Decode cells all at once; no cell contains a NUL."""
    return b"\0".join(cells).decode().split("\0")


@lru_cache
def _record(dialect: Dialect, positions: Sequence[int], width: int) -> re.Pattern[bytes]:
    """Return the expression of a record, with a group for each column to extract."""
    delimiter = re.escape(dialect.delimiter)
    breaks = re.escape(dialect.line_terminator or "\r\n")
    space = " *+" if dialect.skip_initial_space else ""
    cell = f"[^{delimiter}{breaks}]*+"
    if dialect.quote_char:
        quote = re.escape(dialect.quote_char)
        cell = f"(?:{quote}(?:[^{quote}]|{quote}{quote})*+{quote}|{cell})"
    between = [f"({cell})" if at in positions else cell for at in range(positions[-1] + 1)]
    rest = f"(?:{delimiter}{space}{cell}){{{width - 1 - positions[-1]}}}"
    end = r"(?:\r\n|\n|\r)" if dialect.line_terminator is None else breaks
    return re.compile((space + f"{delimiter}{space}".join(between) + rest + end).encode())
