"""Checks the keys of a file: unique keys, primary keys and foreign keys."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_entries import KeyEntries
from chalicelib.validation.checking.keys import KeyLog, RowPosition, dangling, key_of, repeated
from chalicelib.validation.checking.orphans import OrphanRounds
from chalicelib.validation.report import Fault
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.schema.field_types import Value

Values = Mapping[int, Value | Fault | None]
"""The values of a row by the position of their columns: None if missing, a Fault if unknown."""
Found = tuple[int | None, Fault]
"""The 0-based position of a column, or None for the row, and a fault."""
Late = tuple[RowPosition, int | None, Fault]
"""The row, the 0-based position of a column, or None, and a fault."""


class RowKeys(Protocol):
    """Records the keys of all rows."""

    @property
    def positions(self) -> frozenset[int]:
        """The columns that are part of a key."""
        ...

    def add(self, values: Values, row_position: RowPosition) -> None:
        """Record the keys of a row whose values are all there."""
        ...


class KeyChecker:
    """Records the keys of all rows, and compares them at the end."""

    def __init__(self, columns: Columns, new_log: Callable[[], KeyLog] = KeyLog) -> None:
        """Record the keys of these columns, in logs that `new_log` returns."""
        self._columns = columns
        self._seen = [(key, new_log()) for key in columns.keys]
        self._references = [(key, new_log(), new_log()) for key in columns.foreign_keys]
        self.logs = [log for _, log in self._seen]
        """Of all keys, and then two for each foreign key: of the referring and of the referred columns."""
        self.logs += [log for _, referring, referred in self._references for log in (referring, referred)]
        self.positions = frozenset(at for positions in columns.key_positions for at in positions)
        """The columns that are part of a key."""
        self.fault: Fault | None = None
        """The fault of a file whose faulty rows cannot be determined; known after `late_faults`."""

    def add(self, values: Values, row_position: RowPosition) -> None:
        """Record the keys of a row whose values are all there."""
        for key, log in self._seen:
            parts = [values[position] for position in key.fields]
            if _is_known(parts) and None not in parts:
                _add(log, parts, row_position)
        for foreign_key, referring, referred in self._references:
            for positions, log in ((foreign_key.fields, referring), (foreign_key.reference, referred)):
                parts = [values[position] for position in positions]
                if _is_known(parts) and None not in parts:
                    _add(log, parts, row_position)

    def add_all(self, cells: Mapping[int, Sequence[str]], rows: Sequence[int], lines: Sequence[int]) -> bool:
        """Record the keys of many rows at once, whose cells are all valid; False if that is impossible."""
        if self._references or any(len(key.fields) > 1 for key, _ in self._seen):
            return False
        columns = [(log, self._keys_of(key.fields[0], cells[key.fields[0]])) for key, log in self._seen]
        if any(keys is None for _, keys in columns):
            return False
        for log, keys in columns:
            log.add(keys or (), rows, lines)
        return True

    def _keys_of(self, position: int, cells: Sequence[str]) -> Sequence[str | int] | None:
        """Return the keys of a column's cells; None if one is missing, or if they have to be parsed one by one."""
        field = self._columns.fields[position]
        if field is None:
            return cells
        return field.type.keys(cells) if field.type.keys and field.missing_values.isdisjoint(cells) else None

    def absorb_entries(self, found: Sequence[KeyEntries], row: int, line: int) -> None:
        """Add the keys that were recorded elsewhere, moved by these rows and lines."""
        for log, entries in zip(self.logs, found, strict=True):
            log.absorb_entries(entries, row, line)

    def late_faults(self, faulty: RowSet | None = None) -> Iterator[Late]:
        """Iterate, after the last row, over the rows with repeated or dangling keys.

        They are added to the `faulty` rows, if there is such a set, and so are then the rows that refer to faulty ones.
        """
        for late in self._late_faults():
            if faulty is not None:
                faulty.add(late[0][0])
            yield late
        if faulty is not None and self._references:
            yield from self._orphans(faulty)

    def _orphans(self, faulty: RowSet) -> Iterator[Late]:
        rounds = OrphanRounds(faulty)
        for found in rounds:
            for fault, rows in zip(self._columns.orphan_faults, self.orphan_rows(faulty), strict=True):
                for row_position in rows:
                    found.add(row_position[0])
                    yield row_position, *fault
        self.fault = rounds.fault

    def late_rows(self) -> Iterator[Iterator[RowPosition]]:
        """Yield the faulty rows of each key, and then of each foreign key, after the last row."""
        yield from (repeated(log) for _, log in self._seen)
        yield from (dangling(referring, referred) for _, referring, referred in self._references)

    def orphan_rows(self, faulty: RowSet) -> Iterator[Iterator[RowPosition]]:
        """Yield, for each foreign key, the rows that refer only to faulty rows and are not faulty themselves."""
        yield from (dangling(referring, referred, faulty) for _, referring, referred in self._references)

    def _late_faults(self) -> Iterator[Late]:
        for fault, rows in zip(self._columns.key_faults, self.late_rows(), strict=True):
            yield from ((row_position, *fault) for row_position in rows)


def _add(log: KeyLog, parts: Sequence[Value | None], row_position: RowPosition) -> None:
    row, line = row_position
    log.add([key_of(parts)], [row], [line])


def _is_known(parts: Sequence[Value | Fault | None]) -> bool:
    """Return whether all values of a key are known."""
    return not any(isinstance(part, Fault) for part in parts)
