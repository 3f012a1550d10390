"""Which cells in error a rule of repair may mend, and which other cells show how their column is written."""

import sys
from collections import defaultdict

from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import ErrorCode, ValidationError

LONGEST = 200
"""In characters. Longer cells get no suggestion."""
MOST_SEEN = 2_000
"""How many records with errors are looked at for other cells, which help to decide how a column is written."""
MOST_BYTES = 8 * 1024 * 1024
"""How much memory these cells take, but for those of one record."""
_ENTRY_BYTES = 100
"""About what an entry of a dictionary takes."""
OF_CELLS = frozenset({ErrorCode.TYPE_ERROR, ErrorCode.CONSTRAINT_ERROR})


def mendable_cell(error: ValidationError, record: Record | UnreadableRecord | None) -> str | None:
    """Return the text of the cell of an error; None if no rule mends such an error."""
    if error.code not in OF_CELLS or error.field is None or not isinstance(record, Record):
        return None
    text = record.cells[error.field - 1] if error.field <= len(record.cells) else None
    return text if isinstance(text, str) and 0 < len(text) <= LONGEST else None


class OtherCells:
    """The different cells of the first records that have mendable ones, by their 1-based positions."""

    def __init__(self) -> None:
        """Start without a record."""
        self.texts: dict[int, dict[str, None]] = defaultdict(dict)
        self._records = 0
        self._bytes = 0

    def add(self, record: Record) -> bool:
        """Look at the cells of another record; return False if there are enough."""
        if self._records >= MOST_SEEN or self._bytes >= MOST_BYTES:
            return False
        self._records += 1
        for position, text in enumerate(record.cells, start=1):
            others = self.texts[position]
            if isinstance(text, str) and len(text) <= LONGEST and text not in others:
                others[text] = None
                self._bytes += sys.getsizeof(text) + _ENTRY_BYTES
        return True
