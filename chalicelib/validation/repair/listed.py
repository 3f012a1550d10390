"""The errors that a report lists, and what would mend them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice

from attrs import frozen

from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.repair.changes import Repair
from chalicelib.validation.repair.columns import LONGEST, NONE, ColumnRepairs, Suggestion, column_repairs
from chalicelib.validation.repair.layout import sampled_records
from chalicelib.validation.report import ErrorCode, ValidationError
from chalicelib.validation.sink import Beginning, FileColumns

MOST_SEEN = 2_000
"""How many records without an error in a column are looked at to decide how the column is written."""
_OF_CELLS = frozenset({ErrorCode.TYPE_ERROR, ErrorCode.CONSTRAINT_ERROR})

_Counts = Mapping[tuple[str | None, str], int]
Cell = tuple[int, str]
"""The 1-based position of a column, and the text of a cell."""


@frozen(kw_only=True)
class Repairs:
    """What would mend the listed errors of a file."""

    columns: Mapping[int, ColumnRepairs]

    @property
    def all(self) -> tuple[Repair, ...]:
        """All repairs, by column, and in each in the order in which they are applied."""
        return tuple(repair for _, column in sorted(self.columns.items()) for repair in column.repairs)

    def suggestion(self, cell: Cell | None) -> Suggestion:
        """Return the suggestion for a cell."""
        column = self.columns.get(cell[0]) if cell else None
        return column.suggestions.get(cell[1], NONE) if column and cell else NONE


class ListedErrors:
    """Collects the cells in error, so that what mends them is decided over all of them."""

    def __init__(self) -> None:
        """Start without a cell."""
        self._wrong: dict[int, Counter[str]] = {}
        self._records: list[Sequence[object]] = []
        self._last: Record | None = None

    def add(self, error: ValidationError, record: Record | UnreadableRecord | None) -> Cell | None:
        """Add the cell of an error, and return it; None if no rule mends such an error."""
        if error.code not in _OF_CELLS or error.field is None or not isinstance(record, Record):
            return None
        text = record.cells[error.field - 1] if error.field <= len(record.cells) else None
        if not isinstance(text, str) or not text or len(text) > LONGEST:
            return None
        if record is not self._last and len(self._records) < MOST_SEEN:
            self._records.append(record.cells)
        self._last = record
        self._wrong.setdefault(error.field, Counter())[text] += 1
        return error.field, text

    def repairs(self, beginning: Beginning, columns: FileColumns, counts: _Counts, *, as_data: bool = True) -> Repairs:
        """Return what would mend the errors; `counts` are the exact ones of the file, by column and code."""
        found: dict[int, ColumnRepairs] = {}
        if not self._wrong:
            return Repairs(columns=found)
        sampled = islice(sampled_records(beginning), 1, None)
        records = [*self._records, *(record.cells for record in sampled)]
        for position, wrong in self._wrong.items():
            field = columns.fields[position - 1] if position <= len(columns.fields) else None
            if field is None:
                continue
            name = columns.names[position - 1]
            seen = [cells[position - 1] for cells in records if position <= len(cells)]
            right = (text for text in seen if isinstance(text, str) and len(text) <= LONGEST and text not in wrong)
            total = sum(counts.get((name, code), 0) for code in _OF_CELLS)
            exact = wrong.total() >= total
            found[position] = column_repairs(
                position, name, field, wrong, dict.fromkeys(right), exact=exact, as_data=as_data
            )
        return Repairs(columns=found)
