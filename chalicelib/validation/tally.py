"""Counts the errors of a file, keeps the first ones, and passes them to a sink."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from heapq import nsmallest
from types import MappingProxyType

from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import ValidationError, ValidationReport, position_in_file
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.sink import ErrorSink


class ErrorTally:
    """The errors of one file."""

    faulty_rows: RowSet | None = None
    """The rows that have errors; None as long as they are not to be marked, as while the header is checked."""

    def __init__(self, keep: int, sink: ErrorSink | None = None) -> None:
        """Keep at most `keep` errors."""
        if keep < 0:
            raise ValueError("the number of errors to keep is negative")
        self._keep = keep
        self._kept: list[ValidationError] = []
        self._counts: Counter[tuple[str | None, str]] = Counter()
        self._sink = sink
        self.error_count = 0
        """The number of errors so far."""

    def add(self, errors: Iterable[ValidationError], record: Record | UnreadableRecord | None = None) -> None:
        """Count errors, which come in the order of the file, and keep those for which there is room."""
        for error in errors:
            self._count(error)
            if error.row is not None:
                self.mark(error.row)
            if len(self._kept) < self._keep:
                self._kept.append(error)
            self.pass_on(error, record)

    def mark(self, row: int) -> None:
        """Mark a row as faulty."""
        if self.faulty_rows is not None:
            self.faulty_rows.add(row)

    @property
    def is_full(self) -> bool:
        """Whether further errors are only counted."""
        return len(self._kept) >= self._keep and not self.wants_records

    @property
    def wants_records(self) -> bool:
        """Whether the sink has room for errors and their records."""
        return bool(self._sink and self._sink.room)

    @property
    def room(self) -> int:
        """How many more errors are kept or passed to the sink before they are only counted."""
        return max(self._keep - len(self._kept), self._sink.room if self._sink else 0)

    @property
    def late_room(self) -> int:
        """How many late errors are kept or passed to the sink rather than only counted."""
        return max(self._keep, self._sink.room if self._sink else 0)

    def count(self, error: ValidationError, times: int) -> None:
        """Count errors that differ from this one only by their rows."""
        self._counts[error.column, error.code] += times
        self.error_count += times

    def add_late(self, errors: Iterable[ValidationError]) -> None:
        """Count errors that come in any order, and keep them in place of later ones."""
        room = self._sink.room if self._sink else 0
        # At least one, because iterating is what counts the errors.
        first = nsmallest(max(self._keep, room, 1), map(self._count, errors), key=position_in_file)
        self._kept = sorted([*self._kept, *first[: self._keep]], key=position_in_file)[: self._keep]
        for error in first:
            self.pass_on(error, None)

    def report(self, row_count: int) -> ValidationReport:
        """Return the report on a file with this number of rows."""
        return ValidationReport(
            error_count=self.error_count,
            errors=tuple(self._kept),
            row_count=row_count,
            # In an order that does not depend on how the file was read.
            counts=MappingProxyType(dict(sorted(self._counts.items(), key=_by_column))),
        )

    def absorb(self, errors: Sequence[ValidationError], counts: Mapping[tuple[str | None, str], int]) -> None:
        """Add errors that were counted elsewhere, and the first of them."""
        self._kept += errors[: max(self._keep - len(self._kept), 0)]
        self._counts.update(counts)
        self.error_count += sum(counts.values())

    def pass_on(self, error: ValidationError, record: Record | UnreadableRecord | None) -> None:
        """Pass an error to the sink, if it has room."""
        if self._sink and self._sink.room:
            self._sink.take(error, record)

    def _count(self, error: ValidationError) -> ValidationError:
        self.count(error, 1)
        return error


def _by_column(count: tuple[tuple[str | None, str], int]) -> tuple[str, str]:
    (column, code), _ = count
    return column or "", code
