"""Validates a file: `validate` reads its header and records, and returns the report."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from attrs import evolve, frozen

from chalicelib.validation.checking.checker import unreadable
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.labels import label_errors
from chalicelib.validation.checking.layout import SAMPLE_RECORDS, detect_layout, detect_rows_in_quotes
from chalicelib.validation.fast.engines import Engine, engine_for
from chalicelib.validation.fast.native.engine import NativeChecker
from chalicelib.validation.fast.native.library import library
from chalicelib.validation.fast.portable.engine import PortableChecker
from chalicelib.validation.reading.content import Content
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.encodings import detect_other_encoding
from chalicelib.validation.reading.file_format import detect_double_line_ends, detect_non_csv
from chalicelib.validation.reading.records import (
    END_MARK,
    RECORD_BYTES,
    Record,
    RecordReader,
    UnreadableRecord,
)
from chalicelib.validation.reading.source import BLOCK_BYTES, BinaryFile, blocks, chunks, in_utf8
from chalicelib.validation.report import FILE, MAX_ERRORS, ErrorCode, Fault, ValidationError, ValidationReport
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.schema.dataset_options import DatasetOptions, Tolerance
from chalicelib.validation.schema.table_schema import MAX_COLUMNS, Schema, compiled_schema
from chalicelib.validation.sink import Beginning, ErrorSink, FileColumns
from chalicelib.validation.tally import ErrorTally

_MOST_THREADS = 4
"""By default; each thread holds a block in memory."""
_MAX_BLOCK_BYTES = RECORD_BYTES // 2
"""Larger blocks are split: a record and a block are held at once."""
SAMPLE_BYTES = 64 * 1024
"""How much of a file is examined to recognize what it is."""
_EMPTY_FILE = Fault(ErrorCode.SOURCE_ERROR, "the file is empty")
_NO_HEADER = Fault(ErrorCode.SOURCE_ERROR, "the file ends before its header")
_TOO_WIDE = Fault(ErrorCode.FORMAT_ERROR, f"the header has more than {MAX_COLUMNS:,} columns")


def validate(  # noqa: PLR0913 - keywords with defaults: a call names what it changes
    source: BinaryFile | Iterable[bytes],
    schema: Mapping[str, Any] | Schema | None,
    *,
    dialect: Mapping[str, Any] | Dialect | None = None,
    max_errors: int = MAX_ERRORS,
    watch: Callable[[int], None] | None = None,
    sink: ErrorSink | None = None,
    threads: int | None = None,
    block_bytes: int = BLOCK_BYTES,
    fast: bool = True,
    engine: Engine | str | None = None,
    gzipped: bool = False,
    max_bytes: int | None = None,
    faulty_rows: RowSet | None = None,
    final_check: Callable[[int], Fault | None] | None = None,
) -> ValidationReport:
    """Validate a CSV file against a Table Schema.

    The source is a binary file or an iterable of bytes. It is read once, in bounded memory; keys of many rows go to
    temporary files, 40 bytes for each row and key. The schema is a Table Schema descriptor, a compiled schema, or None
    to check the structure alone. The dialect is a descriptor, too; by default it is that of the schema, or else RFC
    4180 in UTF-8 with a header. The report counts all errors and contains the first `max_errors` of them.

    `watch` is called now and then with the number of errors so far. `sink` receives each error
    with its record, while it has room. If the file as a whole is in error, so that no record is checked, the error is
    in the report alone.

    All engines return the same report; by default the fastest one that is available checks the file. The native one
    scans in as many threads as there are processors, up to four, or in `threads`, in blocks of `block_bytes` or more.
    With `fast=False` the slow reference checks the file.

    A `gzipped` file is decompressed while it is read. A file of more than `max_bytes`, decompressed, is in error, and
    so is a file that cannot be decompressed; the records before that are checked nevertheless.

    The numbers of faulty rows are added to `faulty_rows`. With that argument, or with options of the schema, rows that
    refer to faulty rows alone are faulty, too. `final_check` gets the number of rows when the file has been read to its
    end, and may return a fault of the file.

    Raises SchemaInvalid if the schema or the dialect is wrong. Everything that is wrong with the file is in the report.
    """
    compiled = schema if isinstance(schema, Schema | None) else compiled_schema(schema)
    if dialect is None and compiled is not None:
        dialect = compiled.dialect
    options = compiled.options if compiled else DatasetOptions()
    form = dialect if isinstance(dialect, Dialect) else Dialect.from_descriptor(dialect)
    wanted = Engine(engine) if engine else None if fast else Engine.REFERENCE
    content = Content(chunks(source, block_bytes), gzipped=gzipped, max_bytes=max_bytes)
    block_bytes = min(block_bytes, _MAX_BLOCK_BYTES)
    stream = blocks(content, block_bytes)
    beginning = list(_beginning(stream))
    sample = b"".join(beginning)[:SAMPLE_BYTES]
    if sink:
        sink.begin(Beginning(sample=sample, schema=compiled, dialect=form))
    if fault := _file_fault(sample, form):
        return ValidationReport.from_file_fault(fault)
    reader = RecordReader(chain(beginning, stream), form, block_bytes=block_bytes)
    validation = _Validation(
        content=content,
        reader=reader,
        schema=compiled,
        dialect=form,
        tally=ErrorTally(max_errors, sink),
        sink=sink,
        threads=threads or min(os.cpu_count() or 1, _MOST_THREADS),
        watch=watch,
        engine=wanted,
        faulty_rows=faulty_rows if faulty_rows is not None or not options.marks_rows else RowSet(),
        tolerance=options.tolerance,
        final_check=final_check,
    )
    report = validation.run(sample)
    return evolve(report, unchecked=compiled.unchecked) if compiled else report


@frozen(kw_only=True)
class _Validation:
    """The validation of one file."""

    content: Content
    reader: RecordReader
    schema: Schema | None
    dialect: Dialect
    tally: ErrorTally
    sink: ErrorSink | None
    threads: int
    watch: Callable[[int], None] | None
    engine: Engine | None
    """None for the fastest."""
    faulty_rows: RowSet | None
    tolerance: Tolerance | None
    final_check: Callable[[int], Fault | None] | None

    def run(self, sample: bytes) -> ValidationReport:
        """Read the whole file, which begins with this sample, and return its report."""
        schema, dialect, tally = self.schema, self.dialect, self.tally
        records = iter(self.reader)
        header = read_header(records, dialect) if dialect.header else next(records, None)
        if self.content.fault and (header is None or self.reader.is_cut):
            return ValidationReport.from_file_fault(self.content.fault)
        if header is None:
            return ValidationReport.from_file_fault(_EMPTY_FILE if dialect.header_rows == (1,) else _NO_HEADER)
        if isinstance(header, UnreadableRecord) and (dialect.header or schema is None):
            # Without its columns no row can be checked.
            tally.add([unreadable(header, None)], header)
            return tally.report(row_count=0)
        if dialect.header and isinstance(header, Record):
            if len(header.cells) > MAX_COLUMNS:
                return ValidationReport.from_file_fault(_TOO_WIDE)
            if fault := self._layout_fault(header, sample):
                return ValidationReport.from_file_fault(fault)
            tally.add(label_errors(header, schema, dialect), header)
        first = header if isinstance(header, Record) else Record(header.row, header.line, ())
        columns = Columns.of(first, schema, dialect)
        if self.sink:
            self.sink.set_columns(self._described(columns, first))
        is_right = tally.error_count == 0
        tally.faulty_rows = self.faulty_rows
        row_count, faults = self._check([] if dialect.header else [header], columns)
        report = tally.report(row_count)
        if self.faulty_rows is None or faults or not is_right:
            return report
        rejected = self.faulty_rows.count()
        tolerated = self.tolerance is not None and self.tolerance.allows(rejected, row_count)
        return evolve(report, rejected_rows=rejected, tolerated=tolerated)

    def _described(self, columns: Columns, header: Record) -> FileColumns:
        """Return the columns as a sink receives them."""
        labels = header.cells if self.dialect.header else ()
        return FileColumns(
            names=columns.names,
            fields=columns.fields,
            found=tuple(label if isinstance(label, str) else None for label in labels),
            expected=tuple(field.name for field in self.schema.fields) if self.schema else (),
        )

    def _layout_fault(self, header: Record, sample: bytes) -> Fault | None:
        """Return the fault of a file whose rows are not laid out as declared."""
        is_right = self.schema is not None and next(label_errors(header, self.schema, self.dialect), None) is None
        text = b"".join(in_utf8(iter([sample]), self.dialect.encoding))
        reader = RecordReader([text], evolve(self.dialect, encoding="utf-8"))
        records = (each for each in reader if isinstance(each, Record) and each.row > header.row)
        below = list(islice(records, SAMPLE_RECORDS))
        if fault := detect_rows_in_quotes(header, below, self.dialect):
            return fault
        if is_right:
            return None
        first_line = next(iter(text.decode(errors="replace").lstrip("\ufeff").splitlines()), "")
        return detect_layout(header, below, first_line, self.schema, self.dialect)

    def _check(
        self, begun: Iterable[Record | UnreadableRecord], columns: Columns
    ) -> tuple[int, Sequence[ValidationError]]:
        """Check the records that have been read, and all others; return the number of rows, and errors of the file."""
        checker = self._checker(columns)
        row_count = checker.check(begun, self._is_cut, self.watch)
        faults = [checker.add_late(), self.content.fault, END_MARK if self.reader.has_end_mark else None]
        if self.final_check and not self.content.fault:
            faults.append(self.final_check(row_count))
        errors = [fault.at(column=FILE) for fault in faults if fault]
        self.tally.add_late(errors)
        return row_count, errors

    def _is_cut(self) -> bool:
        """Return whether the last record that was read is incomplete, because the content could not be read further."""
        return self.content.fault is not None and self.reader.is_cut

    def _checker(self, columns: Columns) -> NativeChecker | PortableChecker:
        """Return what checks the records."""
        engine = engine_for(self.engine, columns, self.dialect)
        kernel = library() if engine is Engine.NATIVE else None
        if kernel is not None:
            return NativeChecker(kernel, columns, self.dialect, self.reader, self.tally, threads=self.threads)
        return PortableChecker(columns, self.dialect, self.reader, self.tally, scans=engine is Engine.PORTABLE)


def _beginning(stream: Iterator[bytes]) -> Iterator[bytes]:
    """Take blocks from a stream until there are enough for a sample."""
    size = 0
    while size < SAMPLE_BYTES and (block := next(stream, b"")):
        size += len(block)
        yield block


def _file_fault(sample: bytes, dialect: Dialect) -> Fault | None:
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
