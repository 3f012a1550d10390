"""The segments of a file that was validated in parts, each of which is split by itself.

A segment has the records of one part report, and the first one what is above the data. Nothing has to be read to split
a segment whose rows are all accepted, or all rejected.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from attrs import frozen

from chalicelib.validation.parts import PartSource, Plan
from chalicelib.validation.parts.source import pieces
from chalicelib.validation.reading.source import BLOCK_BYTES
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.splitting.record_lines import Write
from chalicelib.validation.splitting.splitter import split


class Side(StrEnum):
    """Where the rows of a segment go."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    BOTH = "both"


@frozen(kw_only=True)
class Segment:
    """Consecutive records of a file."""

    start: int
    end: int
    row: int
    """The number of the first record in the file, from 1."""
    rows: int
    side: Side


def segments(parts: Iterable[tuple[int, int]], size: int, rejected: RowSet) -> Iterator[Segment]:
    """Yield the segments of a file, in order. The first one goes to both sides, for its header does.

    `parts` have the exit and the number of records of each part report, in order; `size` is that of the file.
    """
    start, row = 0, 1
    for end, rows in [*parts] or [(size, 0)]:
        count = int.from_bytes(rejected.bits(row, rows)).bit_count()
        alone = {0: Side.ACCEPTED, rows: Side.REJECTED} if start else {}
        yield Segment(start=start, end=end, row=row, rows=rows, side=alone.get(count, Side.BOTH))
        start, row = end, row + rows


def split_segment(  # noqa: PLR0913 - the segment, how to read it, and where its rows go
    source: PartSource,
    plan: Plan,
    segment: Segment,
    rejected: bytes,
    *,
    accept: Write,
    reject: Write,
    native: bool = True,
) -> None:
    """Write the accepted and the rejected rows of a segment, as `split` does those of a file.

    `rejected` has a bit for each row of the segment, as `RowSet.bits` returns them.
    """
    rows = RowSet()
    rows.add_bits(1, rejected)
    is_beginning = segment.start == 0
    split(
        pieces(source, segment.start, segment.end, BLOCK_BYTES),
        plan.dialect if is_beginning else plan.numberless,
        rows,
        accept=accept,
        reject=reject,
        native=native,
        is_beginning=is_beginning,
    )
