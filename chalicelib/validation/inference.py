"""A schema to start from, proposed from a sample file.

The narrowest type that fits every cell wins; what it says is no more than what the sample shows.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any

from attrs import define, field

from chalicelib.errors import SampleUnusable
from chalicelib.validation.descriptor import Node
from chalicelib.validation.reading.content import Content
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.file_format import detect_non_csv
from chalicelib.validation.reading.records import Record, RecordReader
from chalicelib.validation.reading.source import BLOCK_BYTES, BinaryFile, blocks, chunks
from chalicelib.validation.report import Fault
from chalicelib.validation.schema.field_types import FieldType, field_type

SAMPLE_ROWS = 100_000
"""How many rows are looked at."""

_CANDIDATES: Sequence[Mapping[str, Any]] = (
    {"type": "boolean", "trueValues": ["true", "True", "TRUE"], "falseValues": ["false", "False", "FALSE"]},
    {"type": "integer", "format": "decimal"},
    {"type": "number", "format": "decimal"},
    {"type": "number"},
    {"type": "date"},
    {"type": "datetime"},
    {"type": "time"},
    {"type": "yearmonth"},
    {"type": "string", "format": "email"},
    {"type": "string", "format": "uuid"},
    {"type": "object"},
    {"type": "array"},
)
"""From the narrowest to the widest; what none of them fits is text."""
_TEXT: Mapping[str, Any] = MappingProxyType({"type": "string"})
_DELIMITERS = (",", ";", "\t", "|")


@define
class _Column:
    """What a column's cells may still be."""

    name: str
    candidates: list[tuple[Mapping[str, Any], FieldType]] = field(
        factory=lambda: [(candidate, field_type(Node(candidate))) for candidate in _CANDIDATES]
    )
    has_values: bool = False
    has_gaps: bool = False

    def see(self, cell: object) -> None:
        """Rule out what a cell is not."""
        if not isinstance(cell, str) or not cell:
            self.has_gaps = True
            return
        self.has_values = True
        self.candidates = [each for each in self.candidates if each[1].parse(cell) is not None]

    def descriptor(self) -> dict[str, Any]:
        """Propose a field."""
        kind = self.candidates[0][0] if self.candidates and self.has_values else _TEXT
        required = {"constraints": {"required": True}} if self.has_values and not self.has_gaps else {}
        return {"name": self.name, **kind, **required}


def infer(source: BinaryFile | Iterable[bytes], *, gzipped: bool = False) -> dict[str, Any]:
    """Propose a Table Schema, with the dialect if it is not the default one.

    Looks at the first rows only. Raises SampleUnusable if there is nothing to go by.
    """
    content = Content(chunks(source, BLOCK_BYTES), gzipped=gzipped)
    sample = list(islice(blocks(content, BLOCK_BYTES), 64))
    if content.fault:
        raise SampleUnusable(content.fault.message)
    if not sample:
        raise SampleUnusable("the file is empty")
    if fault := detect_non_csv(sample[0], Dialect()):
        raise SampleUnusable(fault.message)
    dialect = _dialect(sample)
    records = iter(RecordReader(sample, dialect))
    header = next(records, None)
    if not isinstance(header, Record):
        raise SampleUnusable("the header cannot be read")
    labels = [label if isinstance(label, str) else "" for label in header.cells]
    if any(isinstance(label, Fault) for label in header.cells):
        raise SampleUnusable("a label cannot be read: is the file in UTF-8?")
    if len(set(labels)) < len(labels):
        raise SampleUnusable("two columns have the same label, or none")
    columns = [_Column(label or f"field{position}") for position, label in enumerate(labels, start=1)]
    for record in islice(records, SAMPLE_ROWS):
        if isinstance(record, Record) and any(record.cells):
            for position, column in enumerate(columns):
                column.see(record.cells[position] if position < len(record.cells) else None)
    declared = {} if dialect == Dialect() else {"dialect": {"delimiter": dialect.delimiter}}
    return {**declared, "fields": [column.descriptor() for column in columns]}


def _dialect(sample: Sequence[bytes]) -> Dialect:
    """Take the delimiter that makes the most columns of the header."""

    def width(delimiter: str) -> int:
        first = next(iter(RecordReader(sample, Dialect(delimiter=delimiter))), None)
        return len(first.cells) if isinstance(first, Record) else 0

    return Dialect(delimiter=max(_DELIMITERS, key=width))
