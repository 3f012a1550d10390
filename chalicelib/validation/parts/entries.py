"""Collects the errors of a part with their records, as a full report needs them."""

from collections.abc import Collection, Sequence

from attrs import evolve

from chalicelib.validation.excerpt import CELL_CHARACTERS, chosen, excerpt_of
from chalicelib.validation.mendable import OtherCells, mendable_cell
from chalicelib.validation.parts.report import MAX_ENTRIES, MAX_ENTRY_CHARACTERS, Entry
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import Fault, StrayQuote, UndecodableCell, ValidationError
from chalicelib.validation.sink import Beginning, FileColumns, Names

_KEPT_CHARACTERS = CELL_CHARACTERS + 1
"""How much of a cell is kept: enough to show that it is longer than what a report shows, and than a rule mends."""


class Entries:
    """A sink that keeps errors with their records, abridged, up to the limits of a full report."""

    def __init__(self, names: Names, most: int = MAX_ENTRIES) -> None:
        """Keep the errors of a file with columns of these names, `most` of them at the most."""
        self._names = names
        self._most = most
        self._errors: list[ValidationError] = []
        self._record: Record | UnreadableRecord | None = None
        self._listed = 0
        self._characters = 0
        self._entries: list[Entry] = []
        self._others = OtherCells()

    @property
    def room(self) -> int:
        """How many more errors are kept."""
        return 0 if self._characters >= MAX_ENTRY_CHARACTERS else self._most - self._listed

    def begin(self, beginning: Beginning) -> None:
        """Keep nothing: the plan has the beginning of the file."""

    def set_columns(self, columns: FileColumns) -> None:
        """Keep nothing: the plan has the columns."""

    def take(self, error: ValidationError, record: Record | UnreadableRecord | None) -> None:
        """Keep an error, beside those of the same record."""
        if record is not self._record:
            self._end_record()
        self._record = record
        self._errors.append(error)
        self._listed += 1

    def taken(self) -> Sequence[Entry]:
        """Return all errors, after the last one."""
        self._end_record()
        return tuple(self._entries)

    def _end_record(self) -> None:
        if not self._errors:
            return
        errors, record = tuple(self._errors), self._record
        self._errors, self._record = [], None
        wrong = tuple(error.field for error in errors if error.field is not None)
        characters = sum(len(error.message) for error in errors)
        shown: set[int] = set()
        if isinstance(record, Record):
            width = max(len(record.cells), len(self._names))
            for each in {(field,) for field in wrong} | {(), wrong}:
                shown.update(chosen(width, each))
            if any(mendable_cell(error, record) for error in errors) and self._others.add(record):
                shown = set(range(1, len(record.cells) + 1))
        entry = Entry(errors=errors, record=_abridged(record, shown), characters=0)
        if record:
            for field in wrong or (None,):
                cells = excerpt_of(record, self._names, () if field is None else (field,)).cells
                characters += sum(len(cell) for cell in cells if cell)
        self._entries.append(evolve(entry, characters=characters))
        self._characters += characters


def _abridged(record: Record | UnreadableRecord | None, shown: Collection[int]) -> Record | UnreadableRecord | None:
    """Return a record in which the cells at other 1-based positions are empty, and long cells are cut."""
    if not isinstance(record, Record):
        return record
    cells = [_cut(cell) if at in shown else "" for at, cell in enumerate(record.cells, 1)]
    return evolve(record, cells=cells)


def _cut(cell: str | Fault) -> str | Fault:
    match cell:
        case str():
            return cell[:_KEPT_CHARACTERS]
        case StrayQuote(text=str() as text):
            return evolve(cell, text=text[:_KEPT_CHARACTERS])
        case UndecodableCell(raw=raw):
            return evolve(cell, raw=raw[: 4 * _KEPT_CHARACTERS])
    return cell
