"""Records the keys of runs of clean records."""

import re
from collections.abc import Iterable, Mapping, Sequence

from chalicelib.validation.checking.cells import check_cell
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_checker import KeyChecker
from chalicelib.validation.fast.portable.records import RecordLanguage
from chalicelib.validation.reading.records import CleanRun


class RunKeys:
    """Extracts the columns of keys from runs, and records the keys."""

    def __init__(self, columns: Columns, language: RecordLanguage, keys: KeyChecker) -> None:
        """Record the keys of these columns, of records of this language."""
        self._columns = columns
        self._keys = keys
        self._dialect = language.dialect
        self._positions = sorted(keys.positions)
        self._break = language.break_byte
        self._quote = (language.dialect.quote_char or "").encode()
        self._record = _record(language, self._positions) if self._positions else None

    def add(self, run: CleanRun) -> None:
        """Record the keys of a run's records."""
        if self._record is None:
            return
        cells = self._cells(run.data[run.start : run.end], self._record)
        rows, lines = range(run.row, run.row + run.rows), range(run.line, run.line + run.rows)
        if self._keys.add_all(cells, rows, lines):
            return
        fields = self._columns.fields
        for offset, row_position in enumerate(zip(rows, lines, strict=True)):
            self._keys.add({at: check_cell(texts[offset], fields[at])[0] for at, texts in cells.items()}, row_position)

    def _cells(self, data: bytes, record: re.Pattern[bytes]) -> Mapping[int, Sequence[str]]:
        """Return the cells of each column of a key, by its position."""
        if self._dialect.skip_initial_space or (self._quote and self._quote in data):
            matched = zip(*(match.groups() for match in record.finditer(data)), strict=True)
            columns: Iterable[Sequence[bytes]] = ([self._unquoted(cell) for cell in column] for column in matched)
        else:
            columns = self._split(data)
        return dict(zip(self._positions, map(_texts, columns), strict=True))

    def _split(self, data: bytes) -> Iterable[Sequence[bytes]]:
        """Split records in which no delimiter and no line break is part of a cell."""
        delimiter, width = self._dialect.delimiter.encode(), len(self._columns.fields)
        if self._break == b"\n" and b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
        cells = data.replace(self._break, delimiter).split(delimiter)
        cells.pop()  # what follows the last line break
        return (cells[position::width] for position in self._positions)

    def _unquoted(self, cell: bytes) -> bytes:
        if self._quote and cell.startswith(self._quote):
            return cell[1:-1].replace(self._quote * 2, self._quote)
        return cell


def _texts(cells: Sequence[bytes]) -> Sequence[str]:
    """Decode cells all at once; no cell contains a NUL."""
    return b"\0".join(cells).decode().split("\0")


def _record(language: RecordLanguage, positions: Sequence[int]) -> re.Pattern[bytes]:
    """Return the expression of a record, with a group for each column of a key."""
    dialect, width = language.dialect, len(language.cells)
    delimiter = re.escape(dialect.delimiter)
    breaks = re.escape(dialect.line_terminator or "\r\n")
    space = " *+" if dialect.skip_initial_space else ""
    cell = f"[^{delimiter}{breaks}]*+"
    if dialect.quote_char:
        quote = re.escape(dialect.quote_char)
        cell = f"(?:{quote}(?:[^{quote}]++|{quote}{quote}|)*+{quote}|{cell})"
    between = [f"({cell})" if at in positions else cell for at in range(positions[-1] + 1)]
    rest = f"(?:{delimiter}{space}{cell}){{{width - 1 - positions[-1]}}}"
    end = r"(?:\r\n|\n|\r)" if dialect.line_terminator is None else breaks
    return re.compile((space + f"{delimiter}{space}".join(between) + rest + end).encode())
