"""Plans how a file is validated in parts: what its beginning and its end say is settled once."""

import codecs
import secrets
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from attrs import evolve, field, frozen

from chalicelib.errors import PartsUnsupported
from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_entries import PARTITIONS
from chalicelib.validation.fast.engines import Engine, engine_for
from chalicelib.validation.opening import SAMPLE_BYTES, Opening, file_fault
from chalicelib.validation.parts.reader import PartReader, Place
from chalicelib.validation.parts.source import PartSource
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.reading.source import MAX_END_MARKS, in_utf8, may_end_in_mark, without_end_mark
from chalicelib.validation.report import MAX_ERRORS
from chalicelib.validation.schema.table_schema import Schema, compiled_schema

PART_BYTES = 256 * 1024 * 1024
"""The default size of a part. Starting to validate a part takes some milliseconds."""
_BOM = codecs.BOM_UTF8
_SECRET_BYTES = 16
_PARTITIONED_BYTES = 512 * 1024**3
"""The size of a file for which PARTITIONS are enough: if its keys take as many bytes, each partition has 8 GiB."""


@frozen(kw_only=True)
class Plan:
    """What all parts of a file share."""

    schema: Schema | None
    dialect: Dialect
    sample: bytes
    """The first bytes of the file."""
    header: Record | UnreadableRecord | None
    size: int
    """The number of bytes, without a Ctrl-Z at the end."""
    has_end_mark: bool
    start: Place
    """Where the first record below the header starts; in a file without a header, the first record."""
    ends: Sequence[int]
    """The offset at which each part ends. The first part begins at `start`."""
    engine: Engine
    max_errors: int
    lists_entries: bool
    """Whether the parts list their errors with records, for a full report."""
    marks_rows: bool
    """Whether the parts mark faulty rows."""
    key_partitions: int = PARTITIONS
    """Into how many partitions keys are divided by their digests: PARTITIONS, or a multiple for very large files."""
    secret: bytes = field(factory=lambda: secrets.token_bytes(_SECRET_BYTES), repr=False)
    """16 bytes that key the digests, so that equal key values have equal digests in all parts, and nowhere else."""

    @property
    def opening(self) -> Opening:
        """The beginning of the file."""
        return Opening(schema=self.schema, dialect=self.dialect, sample=self.sample, header=self.header)

    @cached_property
    def columns(self) -> Columns:
        """The columns of the file."""
        return self.opening.columns

    @cached_property
    def numberless(self) -> Dialect:
        """The dialect of all parts but the first, which has all rows that the dialect names by their numbers."""
        return evolve(self.dialect, comment_rows=frozenset())

    def range(self, index: int) -> tuple[int, int]:
        """Return where a part begins and ends."""
        return (self.ends[index - 1] if index else self.start.offset), self.ends[index]


def plan(  # noqa: PLR0913 - keywords with defaults: a call names what it changes
    source: PartSource,
    schema: Mapping[str, Any] | Schema | None,
    *,
    dialect: Mapping[str, Any] | Dialect | None = None,
    part_bytes: int = PART_BYTES,
    max_errors: int = MAX_ERRORS,
    lists_entries: bool = False,
    marks_rows: bool = False,
    engine: Engine | str | None = None,
    gzipped: bool = False,
) -> Plan:
    """Plan how to validate a file in parts of `part_bytes`.

    The arguments are those of `validate`. With `lists_entries`, a sink can receive the errors in `finish`; with
    `marks_rows`, a set the faulty rows. A file that has no rows to be checked has no parts.

    Raises SchemaInvalid if the schema or the dialect is wrong, and PartsUnsupported if the file has to be read from its
    beginning.
    """
    if gzipped:
        raise PartsUnsupported("it is compressed by gzip, and can only be decompressed from its beginning")
    compiled = schema if isinstance(schema, Schema | None) else compiled_schema(schema)
    if dialect is None and compiled is not None:
        dialect = compiled.dialect
    form = dialect if isinstance(dialect, Dialect) else Dialect.from_descriptor(dialect)
    _refuse(form)
    sample = source.read(0, min(SAMPLE_BYTES, source.size))
    size, has_end_mark = _text_size(source, form)
    beginning = Place(offset=len(_BOM) if form.encoding == "utf-8" and sample.startswith(_BOM) else 0)
    reader = PartReader(source, form, beginning, end=size, size=size, limit=size)
    opening = Opening.read(iter(reader), schema=compiled, dialect=form, sample=sample)
    made = Plan(
        schema=compiled,
        dialect=form,
        sample=sample,
        header=opening.header,
        size=size,
        has_end_mark=has_end_mark,
        start=reader.place if form.header else beginning,
        ends=(),
        engine=Engine.REFERENCE,
        max_errors=max_errors,
        lists_entries=lists_entries,
        marks_rows=marks_rows or (compiled is not None and compiled.options.marks_rows),
        key_partitions=PARTITIONS * max(-(-source.size // _PARTITIONED_BYTES), 1),
    )
    if file_fault(sample, form) or opening.fault or not opening.has_columns:
        return made
    ends = [*range(max(made.start.offset, _end_of_numbered(source, made)) + part_bytes, size, part_bytes), size]
    wanted = Engine(engine) if engine else None
    return evolve(made, ends=tuple(ends), engine=engine_for(wanted, made.columns, form))


def _refuse(dialect: Dialect) -> None:
    """Raise PartsUnsupported if a record cannot be found from the middle of a file."""
    if not dialect.is_bytewise:
        raise PartsUnsupported("its dialect has tokens of several characters, or beyond ASCII")
    if dialect.encoding != "utf-8" and not _has_byte_per_character(dialect.encoding):
        raise PartsUnsupported(f"characters of {dialect.encoding} have several bytes")


def _has_byte_per_character(encoding: str) -> bool:
    """Return whether each byte is a character by itself, or none: a decoder waits for no other byte."""
    decoder = codecs.getincrementaldecoder(encoding)
    return all(len(decoder(errors="replace").decode(bytes([byte]))) == 1 for byte in range(256))


def _text_size(source: PartSource, dialect: Dialect) -> tuple[int, bool]:
    """Return the size of a file without the Ctrl-Z at its end, and whether it has one."""
    if not may_end_in_mark(dialect):
        return source.size, False
    tail = source.read(max(source.size - MAX_END_MARKS - len("\r\n"), 0), source.size)
    text = b"".join(in_utf8(iter([tail]), dialect.encoding))
    left_out = len(text) - len(without_end_mark(text))
    return source.size - left_out, left_out > 0


def _end_of_numbered(source: PartSource, plan: Plan) -> int:
    """Return where the records end that the dialect leaves out by their numbers: they belong to the first part."""
    last = max(plan.dialect.comment_rows, default=0)
    reader = PartReader(source, plan.dialect, plan.start, end=plan.size, size=plan.size, limit=plan.size)
    while reader.row < last and reader.has_more():
        reader.record()
    return reader.place.offset
