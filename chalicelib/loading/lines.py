r"""The lines that COPY reads, made of a file's accepted rows.

Runs of records whose cells PostgreSQL reads as the same values are passed on as they stand, behind the upload and the
row. The other records are read cell by cell. Nulls are empty cells, quoted or not, if no value is an empty text;
otherwise they are written `\N`, and every value is quoted.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from attrs import field, frozen

from chalicelib.errors import LoadInconsistent, ValueUnloadable
from chalicelib.loading.copy_format import CopyFormat, LoadedColumn
from chalicelib.loading.literals import OutOfBounds
from chalicelib.loading.verbatim import verbatim_scanner
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.fast.portable.scanner import Scanner
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import CleanRun, Record, UnreadableRecord
from chalicelib.validation.report import Fault, StrayQuote

_NULL = r"\N"
_IN_PREFIX = re.compile(".?[A-Za-z0-9_-]")
_BATCH_BYTES = 64 * 1024
"""How many bytes of records are sent at once."""


@frozen(kw_only=True)
class CopyLines:
    """The lines of one file, of which the header has been read."""

    reader: RecordReader
    begun: Sequence[Record | UnreadableRecord]
    """Records that have been read already."""
    dialect: Dialect
    columns: Columns
    loaded: tuple[LoadedColumn, ...]
    upload_id: str
    form: CopyFormat = field(init=False)
    _pattern: bytes = field(init=False)
    """Of a line, with its row and its record."""

    @form.default
    def _form(self) -> CopyFormat:
        is_null_empty = all("" in column.field.missing_values for column in self.loaded)
        delimiter, quote = self.dialect.delimiter, self.dialect.quote_char or '"'
        # An upload id and a row number are written without quotes.
        if not self.dialect.is_bytewise or delimiter == quote or _IN_PREFIX.match(delimiter + quote):
            delimiter, quote = ",", '"'
        return CopyFormat(delimiter=delimiter, quote=quote, null="" if is_null_empty else _NULL)

    @_pattern.default
    def _with_prefix(self) -> bytes:
        delimiter = self.form.delimiter.replace("%", "%%")
        return f"{self.upload_id}{delimiter}%d{delimiter}%b\n".encode()

    def _scanner(self) -> Scanner | None:
        """Return the scanner for records that are passed on as they stand; None if none of them can be."""
        if self.form.null or len(self.loaded) != len(self.columns.fields):
            return None
        return verbatim_scanner(self.loaded, self.form, self.dialect, self.reader.ahead)

    def blocks(self, rejected: Iterable[int]) -> Iterator[tuple[bytes, int]]:
        """Yield blocks of lines, and how many rows each has; `rejected` are row numbers, ascending.

        Raises ValueUnloadable for a value that PostgreSQL cannot hold, and LoadInconsistent for a record that no
        accepted row can be.
        """
        scanner = self._scanner()
        records = self.reader.runs(scanner) if scanner else iter(self.reader)
        skipped = _Skipped(rejected)
        written: list[bytes] = []
        size = 0
        for record in chain(self.begun, records):
            if isinstance(record, CleanRun):
                yield b"".join(written), len(written)
                written, size = [], 0
                yield from self._run(record, skipped)
            elif record.row not in skipped:
                written.append(self._record(record))
                size += len(written[-1])
            if size >= _BATCH_BYTES:
                yield b"".join(written), len(written)
                written, size = [], 0
        yield b"".join(written), len(written)

    def _run(self, run: CleanRun, skipped: "_Skipped") -> Iterator[tuple[bytes, int]]:
        """Yield the lines of a run, in pieces: PostgreSQL is to work on one while the next one is made."""
        data, start, row = run.data, run.start, run.row
        line_break = b"\r" if data.find(b"\n", start, run.end) < 0 else b"\n"
        while start < run.end:
            end = data.find(line_break, min(start + _BATCH_BYTES, run.end - 1), run.end) + 1
            piece = data[start:end]
            if b"\r" in piece:
                piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            lines = piece.split(b"\n")
            lines.pop()  # what follows the last line break
            rows = range(row, row + len(lines))
            left_out = skipped.within(rows)
            numbered = zip(rows, lines, strict=True)
            kept = [each for each in numbered if each[0] not in left_out] if left_out else numbered
            yield b"".join(map(self._pattern.__mod__, kept)), len(lines) - len(left_out)
            start, row = end, rows.stop

    def _record(self, record: Record | UnreadableRecord) -> bytes:
        """Return the line of one record."""
        if isinstance(record, UnreadableRecord) or len(record.cells) != len(self.columns.fields):
            raise LoadInconsistent(f"row {record.row} is accepted, and cannot be read: replay the upload")
        cells = [self._cell(record, column) for column in self.loaded]
        return self.form.delimiter.join([self.upload_id, str(record.row), *cells]).encode() + b"\n"

    def _cell(self, record: Record, column: LoadedColumn) -> str:
        cell = record.cells[column.position]
        if isinstance(cell, StrayQuote) and column.field.type.is_json and cell.text is not None:
            cell = cell.text
        if isinstance(cell, Fault):
            raise LoadInconsistent(f"row {record.row} is accepted, and has a fault: replay the upload")
        if cell in column.field.missing_values:
            return self.form.null
        try:
            text = column.type.write(cell)
        except OutOfBounds as error:
            raise ValueUnloadable(f"row {record.row}, column {column.field.name}: {error}") from None
        quote = self.form.quote
        return f"{quote}{text.replace(quote, quote * 2)}{quote}"


class _Skipped:
    """The rows that are left out, which are asked for in ascending order."""

    def __init__(self, rows: Iterable[int]) -> None:
        self._rows = iter(rows)
        self._next = next(self._rows, None)

    def __contains__(self, row: int) -> bool:
        return bool(self.within(range(row, row + 1)))

    def within(self, rows: range) -> frozenset[int]:
        """Return those of a range of rows."""
        found = []
        while self._next is not None and self._next < rows.stop:
            if self._next in rows:
                found.append(self._next)
            self._next = next(self._rows, None)
        return frozenset(found)
