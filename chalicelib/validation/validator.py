"""Validates a file: `validate` reads its header and records, and returns the report."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from chalicelib.errors import PartsUnsupported
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.fast.engines import Engine, engine_for
from chalicelib.validation.fast.portable.engine import PortableChecker
from chalicelib.validation.opening import SAMPLE_BYTES, Checked, Opening, file_fault
from chalicelib.validation.reading.content import Content
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import RECORD_BYTES
from chalicelib.validation.reading.source import (
    BLOCK_BYTES,
    END_MARK,
    BinaryFile,
    FileChunks,
    blocks,
    chunks,
    whole_file,
)
from chalicelib.validation.report import MAX_ERRORS, Fault, ValidationReport
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.schema.table_schema import Schema, compiled_schema
from chalicelib.validation.sink import Beginning, ErrorSink
from chalicelib.validation.tally import ErrorTally

if TYPE_CHECKING:
    from chalicelib.validation.fast.native.engine import NativeChecker
    from chalicelib.validation.parts.concurrent import Watch

_MAX_BLOCK_BYTES = RECORD_BYTES // 2
"""Larger blocks are split: a record and a block are held at once."""
_SMALL = 64 * 1024
"""The reference checks a file of fewer bytes, multiplied by its columns, before automata for these are compiled."""


def validate(  # noqa: PLR0913 - keywords with defaults: a call names what it changes
    source: BinaryFile | Iterable[bytes] | Path,
    schema: Mapping[str, Any] | Schema | None,
    *,
    dialect: Mapping[str, Any] | Dialect | None = None,
    max_errors: int = MAX_ERRORS,
    watch: "Watch | None" = None,
    sink: ErrorSink | None = None,
    processes: int | None = None,
    block_bytes: int = BLOCK_BYTES,
    fast: bool = True,
    engine: Engine | str | None = None,
    gzipped: bool = False,
    max_bytes: int | None = None,
    faulty_rows: RowSet | None = None,
    final_check: Callable[[int], Fault | None] | None = None,
) -> ValidationReport:
    """Validate a CSV file against a Table Schema.

    The source is a path, a binary file or an iterable of bytes. It is read once, in bounded memory; keys of many rows
    go to temporary files, 32 to 40 bytes for each row and key. The schema is a Table Schema descriptor, a compiled
    schema, or None to check the structure alone. The dialect is a descriptor, too; by default it is that of the schema,
    or else RFC 4180 in UTF-8 with a header. The report counts all errors and contains the first `max_errors` of them.

    A path, or a regular file that is open at its beginning, is validated in parts by `processes` processes, by default
    one for each processor. They are forks of this one, which must have no other thread. Small files and all other
    sources are read from the beginning to the end by this process, `block_bytes` at a time.

    `watch` is called now and then with the numbers of errors and of bytes so far. `sink` receives each error with its
    record, while it has room. If the file as a whole is in error, so that no record is checked, the error is in the
    report alone.

    All engines return the same report; by default the fastest one that is available checks the file. For a file of some
    kilobytes that is the reference, which with `fast=False` checks any file.

    A `gzipped` file is decompressed while it is read. A file of more than `max_bytes`, decompressed, is in error, and
    so is a file that cannot be decompressed; the records before that are checked nevertheless.

    The numbers of faulty rows are added to `faulty_rows`. With that argument, or with options of the schema, rows that
    refer to faulty rows alone are faulty, too. `final_check` gets the number of rows when the file has been read to its
    end, and may return a fault of the file.

    Raises SchemaInvalid if the schema or the dialect is wrong, and OSError if the file cannot be read. Everything that
    is wrong with the file is in the report. A regular file of 4 MiB or more is read up to the size that it has at the
    beginning, and an OSError says that it became shorter meanwhile; but not if it is `gzipped`, or one process reads it
    with `max_bytes`.
    """
    compiled = schema if isinstance(schema, Schema | None) else compiled_schema(schema)
    if dialect is None and compiled is not None:
        dialect = compiled.dialect
    validation = _Validation(
        schema=compiled,
        dialect=dialect if isinstance(dialect, Dialect) else Dialect.from_descriptor(dialect),
        max_errors=max_errors,
        watch=watch,
        sink=sink,
        engine=Engine(engine) if engine else None if fast else Engine.REFERENCE,
        faulty_rows=faulty_rows,
        final_check=final_check,
    )
    with ExitStack() as stack:
        stream = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        file = None if gzipped else whole_file(stream)
        if file is not None and (report := validation.in_parts(file, processes, max_bytes)):
            return report
        block_bytes = min(block_bytes, _MAX_BLOCK_BYTES)
        is_limited = max_bytes is not None  # then `Content` has to see all bytes
        read = _Counted(chunks(stream, block_bytes)) if file is None or is_limited else FileChunks(file, block_bytes)
        content = Content(read, gzipped=gzipped, max_bytes=max_bytes)
        return validation.in_order(content, read, block_bytes)


class _Counted:
    """Chunks, to be iterated once, and how many bytes of them have been read."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.size += len(chunk)
            yield chunk


@frozen(kw_only=True)
class _Validation:
    """What a file is validated against, and what receives the errors; the arguments of `validate`."""

    schema: Schema | None
    dialect: Dialect
    max_errors: int
    watch: "Watch | None"
    sink: ErrorSink | None
    engine: Engine | None
    """None for the fastest."""
    faulty_rows: RowSet | None
    final_check: Callable[[int], Fault | None] | None

    def in_parts(self, file: int, processes: int | None, max_bytes: int | None) -> ValidationReport | None:
        """Return the report of a file that several processes read; None if it has to be read from its beginning."""
        from chalicelib.validation import parts  # noqa: PLC0415 - other sources do without all that reads files in parts
        from chalicelib.validation.parts import concurrent  # noqa: PLC0415
        from chalicelib.validation.parts.report import MAX_ENTRIES  # noqa: PLC0415
        from chalicelib.validation.processes import usable  # noqa: PLC0415

        source, count = parts.OpenFile(file), usable(processes)
        if count == 1 or source.size > (max_bytes or source.size):
            return None
        if self.sink and self.sink.room > MAX_ENTRIES:
            return None
        try:
            plan = parts.plan(
                source,
                self.schema,
                dialect=self.dialect,
                part_bytes=concurrent.FIRST_PART_BYTES,
                max_errors=self.max_errors,
                lists_entries=self.sink is not None,
                marks_rows=self.faulty_rows is not None,
                engine=self.engine,
            )
        except PartsUnsupported:
            return None
        return concurrent.validate(
            source,
            plan,
            count,
            watch=self.watch,
            sink=self.sink,
            faulty_rows=self.faulty_rows,
            final_check=self.final_check,
        )

    def in_order(self, content: Content, read: _Counted | FileChunks, block_bytes: int) -> ValidationReport:
        """Return the report of content that is read from its beginning to its end."""
        stream = blocks(content, block_bytes)
        beginning = list(_beginning(stream))
        sample = b"".join(beginning)[:SAMPLE_BYTES]
        if self.sink:
            self.sink.begin(Beginning(sample=sample, schema=self.schema, dialect=self.dialect))
        if fault := file_fault(sample, self.dialect):
            return ValidationReport.from_file_fault(fault)
        file = read if isinstance(read, FileChunks) else None
        reader = RecordReader(chain(beginning, stream), self.dialect, block_bytes=block_bytes, file=file)
        opening = Opening.read(iter(reader), schema=self.schema, dialect=self.dialect, sample=sample)
        if content.fault and (opening.header is None or reader.is_cut):
            report = ValidationReport.from_file_fault(content.fault)
            return evolve(report, unchecked=self.schema.unchecked) if self.schema else report
        tally = ErrorTally(self.max_errors, self.sink)
        below = _BelowHeader(validation=self, content=content, read=read, reader=reader, opening=opening, tally=tally)
        return opening.verdict(below.check, tally, self.sink, self.faulty_rows)


@frozen(kw_only=True)
class _BelowHeader:
    """What follows the header of content that is read from its beginning to its end."""

    validation: _Validation
    content: Content
    read: _Counted | FileChunks
    reader: RecordReader
    opening: Opening
    tally: ErrorTally

    def check(self, columns: Columns) -> Checked:
        """Check all records."""
        checker = self._checker(columns)
        header = self.opening.header
        row_count = checker.check(
            [] if self.opening.dialect.header or header is None else [header],
            self._is_cut,
            self._watch if self.validation.watch else None,
        )
        faults = [checker.add_late(), self.content.fault, END_MARK if self.reader.has_end_mark else None]
        if self.validation.final_check and not self.content.fault:
            faults.append(self.validation.final_check(row_count))
        return Checked(row_count=row_count, faults=[fault for fault in faults if fault])

    def _watch(self, count_errors: Callable[[], int]) -> None:
        if self.validation.watch:
            self.validation.watch(count_errors(), self.read.size)

    def _is_cut(self) -> bool:
        """Return whether the last record that was read is incomplete, because the content could not be read further."""
        return self.content.fault is not None and self.reader.is_cut

    def _checker(self, columns: Columns) -> "NativeChecker | PortableChecker":
        """Return what checks the records."""
        dialect = self.opening.dialect
        engine = engine_for(self.validation.engine or self._engine_if_small(columns), columns, dialect)
        if engine is Engine.NATIVE:
            from chalicelib.validation.fast.native.engine import NativeChecker  # noqa: PLC0415 - small files do without
            from chalicelib.validation.fast.native.library import library  # noqa: PLC0415

            if kernel := library():
                native = NativeChecker(kernel, columns, dialect, marks_rows=self.tally.faulty_rows is not None)
                native.begin(self.reader, self.tally)
                return native
        return PortableChecker(columns, dialect, self.reader, self.tally, scans=engine is Engine.PORTABLE)

    def _engine_if_small(self, columns: Columns) -> Engine | None:
        """Return the engine that needs no preparation, if the file is too small for another one to make up for it."""
        size = len(self.opening.sample)
        return Engine.REFERENCE if size < SAMPLE_BYTES and size * len(columns.fields) < _SMALL else None


def _beginning(stream: Iterator[bytes]) -> Iterator[bytes]:
    """Take blocks from a stream until there are enough for a sample."""
    size = 0
    while size < SAMPLE_BYTES and (block := next(stream, b"")):
        size += len(block)
        yield block
