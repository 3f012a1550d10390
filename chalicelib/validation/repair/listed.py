"""The errors that a report lists, and what would mend them."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import islice

from attrs import field, frozen

from chalicelib.validation.mendable import LONGEST, OF_CELLS, OtherCells, mendable_cell
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.repair.changes import Repair
from chalicelib.validation.repair.column_cells import CountedTexts
from chalicelib.validation.repair.columns import NONE, ColumnRepairs, Suggestion, column_repairs
from chalicelib.validation.repair.layout import sampled_records
from chalicelib.validation.report import ValidationError
from chalicelib.validation.sink import Beginning, FileColumns

_REMEMBERED = 1_024
"""How many cells are remembered with their suggestions."""

MOST_COLUMNS = 1_000
"""In how many columns errors are mended: the first ones that have any. To decide takes milliseconds a column."""

_Counts = Mapping[tuple[str | None, str], int]
Cell = tuple[int, str]
"""The 1-based position of a column, and the text of a cell."""


@frozen(kw_only=True)
class Repairs:
    """What would mend the listed errors of a file."""

    columns: Mapping[int, ColumnRepairs]
    _remembered: Callable[[Cell], Suggestion] = field(init=False)

    @_remembered.default
    def _remember(self) -> Callable[[Cell], Suggestion]:
        columns = self.columns
        return lru_cache(_REMEMBERED)(lambda cell: columns[cell[0]].suggestion(cell[1]))

    @property
    def all(self) -> tuple[Repair, ...]:
        """All repairs, by column, and in each in the order in which they are applied."""
        return tuple(repair for _, column in sorted(self.columns.items()) for repair in column.repairs)

    def suggestion(self, cell: Cell | None) -> Suggestion:
        """Return the suggestion for a cell in error."""
        return self._remembered(cell) if cell and cell[0] in self.columns else NONE


class ListedErrors:
    """Collects the cells in error, so that what mends them is decided over all of them."""

    def __init__(self) -> None:
        """Start without a cell."""
        self._wrong: dict[int, CountedTexts] = defaultdict(CountedTexts)
        self._others = OtherCells()
        self._last: Record | None = None

    def add(self, error: ValidationError, record: Record | UnreadableRecord | None) -> Cell | None:
        """Add the cell of an error, and return it; None if no rule mends such an error."""
        text = mendable_cell(error, record)
        if text is None or error.field is None or not isinstance(record, Record):
            return None
        if error.field not in self._wrong and len(self._wrong) >= MOST_COLUMNS:
            return None
        if record is not self._last:
            self._others.add(record)
        self._last = record
        self._wrong[error.field].add(text)
        return error.field, text

    def repairs(self, beginning: Beginning, columns: FileColumns, counts: _Counts, *, as_data: bool = True) -> Repairs:
        """Return what would mend the errors; `counts` are the exact ones of the file, by column and code."""
        found: dict[int, ColumnRepairs] = {}
        if not self._wrong:
            return Repairs(columns=found)
        sampled = [record.cells for record in islice(sampled_records(beginning), 1, None)]
        for position, wrong in self._wrong.items():
            rules = columns.fields[position - 1] if position <= len(columns.fields) else None
            if rules is None:
                continue
            name = columns.names[position - 1]
            seen = (cells[position - 1] for cells in sampled if position <= len(cells))
            others = dict(self._others.texts.get(position, ()))
            others |= dict.fromkeys(text for text in seen if isinstance(text, str) and len(text) <= LONGEST)
            for text in wrong:
                others.pop(text, None)
            total = sum(counts.get((name, code), 0) for code in OF_CELLS)
            exact = wrong.total >= total
            found[position] = column_repairs(position, name, rules, wrong, others.keys(), exact=exact, as_data=as_data)
        return Repairs(columns=found)
