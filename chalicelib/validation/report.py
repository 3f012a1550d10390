"""What validation finds out about a file."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from heapq import nsmallest
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs
from attrs import frozen

if TYPE_CHECKING:
    from chalicelib.validation.reading.records import Record, UnreadableRecord
    from chalicelib.validation.sink import ErrorSink

FILE = "file"
"""The column of an error that concerns the file as a whole."""


@frozen
class Fault:
    """What is wrong, wherever it may be: a code, and what was expected in words."""

    code: str
    message: str

    def at(
        self, *, row: int | None = None, line: int | None = None, field: int | None = None, column: str | None = None
    ) -> "ValidationError":
        """Say where it is."""
        return ValidationError(row=row, line=line, field=field, column=column, code=self.code, message=self.message)


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""What JSON can hold, but a database cannot."""


def _shown(text: str, longest: int) -> str:
    """Keep text within bounds, and to what can be stored."""
    text = text if len(text) <= longest else text[: longest - 1] + "…"
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _name(text: str | None) -> str | None:
    return None if text is None else _shown(text, 200)


def _code(text: str) -> str:
    return _shown(text, 100)


def _sentence(text: str) -> str:
    return _shown(text, 500)


@frozen
class Unreadable(Fault):
    """What is wrong with a cell that has no text, and what stands there instead."""

    raw: bytes = attrs.field(default=b"", eq=False, repr=False)

    def of(self, raw: bytes) -> "Unreadable":
        """Say the same of these bytes."""
        return Unreadable(self.code, self.message, raw)


@frozen
class StrayQuote(Fault):
    """A quote inside an unquoted cell, which is no fault where the column holds JSON."""

    text: str | None = attrs.field(default=None, eq=False)
    """The cell, quotes and all; None if it cannot be decoded."""


@frozen(kw_only=True)
class ValidationError:
    """One offence, and where it is.

    Row is the 1-based number of the record, the header being row 1, as a spreadsheet shows it. Line is the 1-based
    physical line on which that record starts. Field is the 1-based position of the column, column its name; the
    column is `file`, and the rest None, where the whole file is meant. The message says what was expected and never
    repeats what the cell contains.
    """

    row: int | None = None
    line: int | None = None
    column: str | None = attrs.field(default=None, converter=_name)
    field: int | None = None
    code: str = attrs.field(converter=_code)
    message: str = attrs.field(converter=_sentence)


@frozen(kw_only=True)
class ValidationReport:
    """The verdict on a file.

    `error_count` is exact. `errors` holds the first of them, in the order of the file. `row_count` is the number of
    records below the header, faulty ones included.
    """

    error_count: int
    errors: tuple[ValidationError, ...]
    row_count: int
    counts: Mapping[tuple[str | None, str], int] = attrs.field(factory=dict)
    """How many errors there are in each column, by its name, of each code, however few are kept.

    The column is None where it has no name, or a row as a whole is meant; `file` is the file as a whole.
    """

    @property
    def counts_by_code(self) -> Mapping[str, int]:
        """How many errors there are of each code."""
        codes: Counter[str] = Counter()
        for (_, code), count in self.counts.items():
            codes[code] += count
        return codes

    @property
    def counts_by_column(self) -> Mapping[str, int]:
        """How many errors there are in each column that has a name; `file` is the file as a whole."""
        columns: Counter[str] = Counter()
        for (column, _), count in self.counts.items():
            if column is not None:
                columns[column] += count
        return columns

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong with the file."""
        return self.error_count == 0

    @staticmethod
    def of_file(fault: Fault) -> "ValidationReport":
        """Report on a file that one thing is wrong with, as a whole, so that its rows were not looked at."""
        tally = ErrorTally(keep=1)
        tally.add([fault.at(column=FILE)])
        return tally.report(row_count=0)


class ErrorTally:
    """Counts all errors, keeps the first ones of the file, and passes on what there is a sink for."""

    def __init__(self, keep: int, sink: "ErrorSink | None" = None) -> None:
        """Keep at most `keep` errors."""
        if keep < 0:
            raise ValueError("the number of errors to keep is negative")
        self._keep = keep
        self._kept: list[ValidationError] = []
        self._counts: Counter[tuple[str | None, str]] = Counter()
        self._sink = sink
        self.error_count = 0
        """How many errors there are so far."""

    def add(self, errors: Iterable[ValidationError], record: "Record | UnreadableRecord | None" = None) -> None:
        """Count errors that come in the order of the file, and keep those for which there is room."""
        for error in errors:
            self._count(error)
            if len(self._kept) < self._keep:
                self._kept.append(error)
            self._pass_on(error, record)

    @property
    def is_full(self) -> bool:
        """Whether errors that come now are only counted."""
        return len(self._kept) >= self._keep and not self.wants_records

    @property
    def wants_records(self) -> bool:
        """Whether somebody wants to see the records that errors are in."""
        return bool(self._sink and self._sink.room)

    def count(self, error: ValidationError, times: int) -> None:
        """Count errors that are like this one but for their rows."""
        self._counts[error.column, error.code] += times
        self.error_count += times

    def add_late(self, errors: Iterable[ValidationError]) -> None:
        """Count errors that come in any order, and keep them in place of later ones."""
        room = self._sink.room if self._sink else 0
        # One at least, for it is the asking that counts them.
        first = nsmallest(max(self._keep, room, 1), map(self._count, errors), key=order_of)
        self._kept = sorted([*self._kept, *first[: self._keep]], key=order_of)[: self._keep]
        for error in first:
            self._pass_on(error, None)

    def report(self, row_count: int) -> ValidationReport:
        """Sum up what was found in so many rows."""
        return ValidationReport(
            error_count=self.error_count,
            errors=tuple(self._kept),
            row_count=row_count,
            counts=MappingProxyType(dict(self._counts)),
        )

    def _pass_on(self, error: ValidationError, record: "Record | UnreadableRecord | None") -> None:
        if self._sink and self._sink.room:
            self._sink.take(error, record)

    def _count(self, error: ValidationError) -> ValidationError:
        self.count(error, 1)
        return error


def order_of(error: ValidationError) -> tuple[int, int]:
    """Give the order of errors in a file: by row, what concerns a row as a whole first, then by column."""
    return error.row or 0, error.field or 0
