"""A sample, parsed by one dialect."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from attrs import frozen

from chalicelib.validation.inference.sample import Sample
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import Fault, StrayQuote

PROBE_ROWS = 2_000
"""How many records are compared to find the layout."""
_PROBE_BYTES = 1024 * 1024


@frozen(kw_only=True)
class ParsedSample:
    """What a sample looks like in one dialect."""

    dialect: Mapping[str, Any]
    records: Sequence[Record | UnreadableRecord]
    width: int
    """The most frequent number of cells."""
    share: float
    """The share of records with this number of cells."""
    faults: int

    @property
    def rank(self) -> tuple[bool, float, int]:
        """A sort key: records of several cells first, then the most uniform ones, then the widest."""
        return self.width > 1, self.share - self.faults / max(len(self.records), 1), self.width


def parse_sample(sample: Sample, dialect: Mapping[str, Any]) -> ParsedSample:
    """Read the beginning of a sample in one dialect: at most 2,000 records of 1 MiB."""
    probe, size = [], 0
    for block in sample.blocks:
        probe.append(block[: _PROBE_BYTES - size])
        size += len(probe[-1])
        if size >= _PROBE_BYTES:
            break
    is_whole = sample.is_whole and size == sum(map(len, sample.blocks))
    read = complete_records(probe, Dialect.from_descriptor(dialect), is_whole=is_whole)
    records = [each for each in islice(read, PROBE_ROWS) if isinstance(each, UnreadableRecord) or not is_blank(each)]
    widths = Counter(len(each.cells) for each in records if isinstance(each, Record))
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    faults = sum(map(_is_faulty, records))
    return ParsedSample(
        dialect=dialect, records=records, width=width, share=count / max(len(records), 1), faults=faults
    )


def complete_records(
    blocks: Sequence[bytes], dialect: Dialect, *, is_whole: bool
) -> Iterator[Record | UnreadableRecord]:
    """Iterate over the records; the last one is left out unless it is the file's last."""
    previous = None
    for record in RecordReader(list(blocks), dialect):
        if previous is not None:
            yield previous
        previous = record
    if previous is not None and is_whole:
        yield previous


def _is_faulty(record: Record | UnreadableRecord) -> bool:
    if isinstance(record, UnreadableRecord):
        return True
    return any(isinstance(cell, Fault) and json_text(cell) is None for cell in record.cells)


def json_text(cell: Fault) -> str | None:
    """Return the text of a cell of unquoted JSON; None if it is something else."""
    if not isinstance(cell, StrayQuote) or cell.text is None or cell.text[:1] not in {"{", "["}:
        return None
    try:
        json.loads(cell.text)
    except (ValueError, RecursionError):
        return None
    return cell.text


def is_blank(record: Record) -> bool:
    """Return whether all cells are empty."""
    return not any(record.cells)


def width_of(record: Record | UnreadableRecord) -> int:
    """Return the number of cells; 0 if the record cannot be read."""
    return len(record.cells) if isinstance(record, Record) else 0


def cells_of(record: Record | UnreadableRecord) -> Sequence[str | Fault]:
    """Return the cells; none if the record cannot be read."""
    return record.cells if isinstance(record, Record) else ()


def text_of(cell: str | Fault) -> str:
    """Return the text of a cell, that of unquoted JSON included; empty if it cannot be read."""
    return cell if isinstance(cell, str) else json_text(cell) or ""
