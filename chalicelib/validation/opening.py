"""The opening of a file: its header and columns, and what is wrong with the file as a whole."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Self

from attrs import evolve, frozen

from chalicelib.validation.checking.checker import unreadable
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.labels import label_errors
from chalicelib.validation.checking.layout import SAMPLE_RECORDS, detect_layout, detect_rows_in_quotes
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.encodings import detect_other_encoding
from chalicelib.validation.reading.file_format import detect_double_line_ends, detect_non_csv
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.reading.source import in_utf8
from chalicelib.validation.report import FILE, ErrorCode, Fault, ValidationError, ValidationReport
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.schema.dataset_options import DatasetOptions
from chalicelib.validation.schema.table_schema import MAX_COLUMNS, Schema
from chalicelib.validation.sink import ErrorSink, FileColumns
from chalicelib.validation.tally import ErrorTally

SAMPLE_BYTES = 64 * 1024
"""How much of a file is examined to recognize what it is."""
_EMPTY_FILE = Fault(ErrorCode.SOURCE_ERROR, "the file is empty")
_NO_HEADER = Fault(ErrorCode.SOURCE_ERROR, "the file ends before its header")
_TOO_WIDE = Fault(ErrorCode.FORMAT_ERROR, f"the header has more than {MAX_COLUMNS:,} columns")


@frozen(kw_only=True)
class Checked:
    """What was found in the rows of a file, besides their errors."""

    row_count: int
    faults: Sequence[Fault] = ()
    """The faults of the file that were found at its end."""


@frozen(kw_only=True)
class Opening:
    """The beginning of a file, from its first byte to the end of its header."""

    schema: Schema | None
    dialect: Dialect
    sample: bytes
    """The first bytes of the file, up to SAMPLE_BYTES."""
    header: Record | UnreadableRecord | None
    """In a file without a header, its first record; None if the file has ended."""

    @classmethod
    def read(
        cls, records: Iterator[Record | UnreadableRecord], *, schema: Schema | None, dialect: Dialect, sample: bytes
    ) -> Self:
        """Read the header of a file from its records."""
        header = read_header(records, dialect) if dialect.header else next(records, None)
        return cls(schema=schema, dialect=dialect, sample=sample, header=header)

    @property
    def fault(self) -> Fault | None:
        """The fault of a file whose rows are not checked."""
        if self.header is None:
            return _EMPTY_FILE if self.dialect.header_rows == (1,) else _NO_HEADER
        if not self.dialect.header or isinstance(self.header, UnreadableRecord):
            return None
        return _TOO_WIDE if len(self.header.cells) > MAX_COLUMNS else self._layout_fault(self.header)

    @property
    def has_columns(self) -> bool:
        """Whether the columns are known. Without them no row can be checked."""
        if isinstance(self.header, UnreadableRecord):
            return not self.dialect.header and self.schema is not None
        return self.header is not None

    @property
    def columns(self) -> Columns:
        """The columns, if they are known."""
        return Columns.of(self._first, self.schema, self.dialect)

    @cached_property
    def _label_errors(self) -> Sequence[ValidationError]:
        return tuple(label_errors(self._first, self.schema, self.dialect))

    @property
    def _first(self) -> Record:
        header = self.header
        return header if isinstance(header, Record) else Record(1, 1, ())

    def verdict(
        self,
        check: Callable[[Columns], Checked],
        tally: ErrorTally,
        sink: ErrorSink | None,
        faulty_rows: RowSet | None,
    ) -> ValidationReport:
        """Return the report on a file whose rows `check` checks, and adds their errors to the tally.

        The numbers of faulty rows are added to `faulty_rows`, or to a set of its own if options of the schema need it.
        """
        report = self._verdict(check, tally, sink, faulty_rows)
        return evolve(report, unchecked=self.schema.unchecked) if self.schema else report

    def _verdict(
        self, check: Callable[[Columns], Checked], tally: ErrorTally, sink: ErrorSink | None, faulty_rows: RowSet | None
    ) -> ValidationReport:
        if fault := self.fault:
            return ValidationReport.from_file_fault(fault)
        if isinstance(self.header, UnreadableRecord) and not self.has_columns:
            tally.add([unreadable(self.header, None)], self.header)
            return tally.report(row_count=0)
        if self.dialect.header:
            tally.add(self._label_errors, self._first)
        columns = self.columns
        if sink:
            sink.set_columns(self._described(columns))
        is_right = tally.error_count == 0
        options = self.schema.options if self.schema else DatasetOptions()
        tally.faulty_rows = faulty_rows if faulty_rows is not None or not options.marks_rows else RowSet()
        checked = check(columns)
        tally.add_late([fault.at(column=FILE) for fault in checked.faults])
        report = tally.report(checked.row_count)
        if tally.faulty_rows is None or checked.faults or not is_right:
            return report
        rejected = tally.faulty_rows.count()
        tolerated = options.tolerance is not None and options.tolerance.allows(rejected, checked.row_count)
        return evolve(report, rejected_rows=rejected, tolerated=tolerated)

    def _described(self, columns: Columns) -> FileColumns:
        """Return the columns as a sink receives them."""
        labels = self._first.cells if self.dialect.header else ()
        return FileColumns(
            names=columns.names,
            fields=columns.fields,
            found=tuple(label if isinstance(label, str) else None for label in labels),
            expected=tuple(field.name for field in self.schema.fields) if self.schema else (),
        )

    def _layout_fault(self, header: Record) -> Fault | None:
        """Return the fault of a file whose rows are not laid out as declared."""
        is_right = self.schema is not None and not self._label_errors
        text = b"".join(in_utf8(iter([self.sample]), self.dialect.encoding))
        reader = RecordReader([text], evolve(self.dialect, encoding="utf-8"))
        records = (each for each in reader if isinstance(each, Record) and each.row > header.row)
        below = list(islice(records, SAMPLE_RECORDS))
        if fault := detect_rows_in_quotes(header, below, self.dialect):
            return fault
        if is_right:
            return None
        first_line = next(iter(text.decode(errors="replace").lstrip("\ufeff").splitlines()), "")
        return detect_layout(header, below, first_line, self.schema, self.dialect)


def file_fault(sample: bytes, dialect: Dialect) -> Fault | None:
    """Return the fault of a file that is not CSV, or not in the declared encoding."""
    return (
        detect_non_csv(sample, dialect)
        or detect_other_encoding(sample, dialect.encoding)
        or detect_double_line_ends(sample, dialect)
    )


def read_header(records: Iterator[Record | UnreadableRecord], dialect: Dialect) -> Record | UnreadableRecord | None:
    """Read the records that make up the header and join their labels; None if the file ends before it."""
    if dialect.header_rows == (1,):
        return next(records, None)  # the first record that the dialect does not leave out
    header: Record | None = None
    for record in records:
        if record.row in dialect.header_rows:
            if isinstance(record, UnreadableRecord):
                return record
            header = record if header is None else _joined(header, record, dialect.header_join)
        if record.row >= max(dialect.header_rows, default=0):
            break
    return header


def _joined(header: Record, below: Record, separator: str) -> Record:
    """Join each label with the label below it, unless the two are equal.

    The last label of a shorter record is joined with all further labels below.
    """
    width = max(len(header.cells), len(below.cells))
    upper = [*header.cells, *list(header.cells)[-1:] * (width - len(header.cells))]
    lower = [*below.cells, *[""] * (width - len(below.cells))]
    cells = [_join(above, label, separator) for above, label in zip(upper, lower, strict=True)]
    return Record(header.row, header.line, cells)


def _join(above: str | Fault, label: str | Fault, separator: str) -> str | Fault:
    if isinstance(above, Fault) or label in {"", above}:
        return above
    if isinstance(label, Fault) or not above:
        return label
    return separator.join((above, label))
