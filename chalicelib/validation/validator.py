"""Validates a file: `validate` reads its header and records, and returns the report."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from attrs import evolve, frozen

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.fast.engines import Engine, engine_for
from chalicelib.validation.fast.native.engine import NativeChecker
from chalicelib.validation.fast.native.library import library
from chalicelib.validation.fast.portable.engine import PortableChecker
from chalicelib.validation.opening import SAMPLE_BYTES, Checked, Opening, file_fault
from chalicelib.validation.reading.content import Content
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.records import END_MARK, RECORD_BYTES, RecordReader
from chalicelib.validation.reading.source import BLOCK_BYTES, BinaryFile, blocks, chunks
from chalicelib.validation.report import MAX_ERRORS, Fault, ValidationReport
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.schema.table_schema import Schema, compiled_schema
from chalicelib.validation.sink import Beginning, ErrorSink
from chalicelib.validation.tally import ErrorTally

_MOST_THREADS = 4
"""By default; each thread holds a block in memory."""
_MAX_BLOCK_BYTES = RECORD_BYTES // 2
"""Larger blocks are split: a record and a block are held at once."""


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
    form = dialect if isinstance(dialect, Dialect) else Dialect.from_descriptor(dialect)
    wanted = Engine(engine) if engine else None if fast else Engine.REFERENCE
    content = Content(chunks(source, block_bytes), gzipped=gzipped, max_bytes=max_bytes)
    block_bytes = min(block_bytes, _MAX_BLOCK_BYTES)
    stream = blocks(content, block_bytes)
    beginning = list(_beginning(stream))
    sample = b"".join(beginning)[:SAMPLE_BYTES]
    if sink:
        sink.begin(Beginning(sample=sample, schema=compiled, dialect=form))
    if fault := file_fault(sample, form):
        return ValidationReport.from_file_fault(fault)
    reader = RecordReader(chain(beginning, stream), form, block_bytes=block_bytes)
    opening = Opening.read(iter(reader), schema=compiled, dialect=form, sample=sample)
    if content.fault and (opening.header is None or reader.is_cut):
        report = ValidationReport.from_file_fault(content.fault)
        return evolve(report, unchecked=compiled.unchecked) if compiled else report
    tally = ErrorTally(max_errors, sink)
    validation = _Validation(
        content=content,
        reader=reader,
        opening=opening,
        tally=tally,
        threads=threads or min(os.cpu_count() or 1, _MOST_THREADS),
        watch=watch,
        engine=wanted,
        final_check=final_check,
    )
    return opening.verdict(validation.check, tally, sink, faulty_rows)


@frozen(kw_only=True)
class _Validation:
    """The validation of one file."""

    content: Content
    reader: RecordReader
    opening: Opening
    tally: ErrorTally
    threads: int
    watch: Callable[[int], None] | None
    engine: Engine | None
    """None for the fastest."""
    final_check: Callable[[int], Fault | None] | None

    def check(self, columns: Columns) -> Checked:
        """Check all records."""
        checker = self._checker(columns)
        header = self.opening.header
        row_count = checker.check(
            [] if self.opening.dialect.header or header is None else [header], self._is_cut, self.watch
        )
        faults = [checker.add_late(), self.content.fault, END_MARK if self.reader.has_end_mark else None]
        if self.final_check and not self.content.fault:
            faults.append(self.final_check(row_count))
        return Checked(row_count=row_count, faults=[fault for fault in faults if fault])

    def _is_cut(self) -> bool:
        """Return whether the last record that was read is incomplete, because the content could not be read further."""
        return self.content.fault is not None and self.reader.is_cut

    def _checker(self, columns: Columns) -> NativeChecker | PortableChecker:
        """Return what checks the records."""
        dialect = self.opening.dialect
        engine = engine_for(self.engine, columns, dialect)
        kernel = library() if engine is Engine.NATIVE else None
        if kernel is not None:
            return NativeChecker(kernel, columns, dialect, self.reader, self.tally, threads=self.threads)
        return PortableChecker(columns, dialect, self.reader, self.tally, scans=engine is Engine.PORTABLE)


def _beginning(stream: Iterator[bytes]) -> Iterator[bytes]:
    """Take blocks from a stream until there are enough for a sample."""
    size = 0
    while size < SAMPLE_BYTES and (block := next(stream, b"")):
        size += len(block)
        yield block
