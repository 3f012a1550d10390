"""The rows before and after a row in error, as far as they are in the first bytes of a file.

While a file is checked, most rows are never held. Its first bytes are, so that the neighbours in them cost nothing.
"""

from collections.abc import Collection
from itertools import islice
from typing import TYPE_CHECKING

from chalicelib.validation.excerpt import shown_cells
from chalicelib.validation.opening import SAMPLE_BYTES
from chalicelib.validation.repair.layout import sampled_records
from chalicelib.validation.report import NeighbouringRow
from chalicelib.validation.sink import Beginning

if TYPE_CHECKING:
    from chalicelib.validation.reading.records import Record

MAX_ROWS = 100
"""How many rows in error have their neighbours."""


class Neighbours:
    """Finds the neighbours of the first rows in error."""

    def __init__(self) -> None:
        """Start without a file."""
        self._beginning = Beginning()
        self._records: dict[int, Record] | None = None
        self._rows: set[int] = set()

    def begin(self, beginning: Beginning) -> None:
        """Use the first bytes of this file."""
        self._beginning = beginning

    def of(self, row: int, fields: Collection[int]) -> tuple[NeighbouringRow, ...]:
        """Return the rows before and after a row below the header, with the cells at these 1-based positions."""
        if self._beginning.dialect.header and row == 1:
            return ()
        if row not in self._rows:
            if len(self._rows) >= MAX_ROWS:
                return ()
            self._rows.add(row)
        if self._records is None:
            beginning = self._beginning
            sampled = sampled_records(beginning, is_whole=len(beginning.sample) < SAMPLE_BYTES)
            below = islice(sampled, 1 if beginning.dialect.header else 0, None)
            self._records = {record.row: record for record in below}
        found = (self._records.get(row - 1), self._records.get(row + 1))
        return tuple(NeighbouringRow(row=each.row, cells=shown_cells(each, fields)) for each in found if each)
