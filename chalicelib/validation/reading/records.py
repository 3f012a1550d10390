"""What is read of a file: records, records that cannot be read, and runs of clean records."""

from collections.abc import Sequence
from typing import Protocol

import attrs
from attrs import frozen

from chalicelib.validation.report import Fault

RECORD_BYTES = 4 * 1024 * 1024
"""The size of the largest record that is held in memory; a larger one is an error."""
BEGINNING_BYTES = 1024
"""How many bytes are kept of a record that cannot be read."""


@frozen
class Record:
    """A record: its number from 1, the physical line it starts on, and its cells."""

    row: int
    line: int
    cells: Sequence[str | Fault]
    lines: int = attrs.field(default=1, eq=False)
    """The number of its physical lines."""


@frozen
class UnreadableRecord:
    """A record that cannot be split into cells."""

    row: int
    line: int
    field: int | None
    """The 1-based position of the cell at which reading failed, if it is the fault of one cell."""
    fault: Fault
    beginning: bytes = attrs.field(default=b"", eq=False, repr=False)
    """Its first bytes, up to BEGINNING_BYTES."""


@frozen
class CleanRun:
    """Consecutive clean records, of one line each."""

    row: int
    line: int
    rows: int
    data: bytes
    """Contains the records from `start` to `end`."""
    start: int
    end: int


@frozen
class Run:
    """Consecutive clean records of one line each: where they end in the data, and their number."""

    end: int
    rows: int


class RunScanner(Protocol):
    """Finds runs of clean records."""

    def run(self, data: bytes, start: int, end: int) -> Run:
        """Return the longest run that starts with the record at `start` and ends before `end`."""
        ...
