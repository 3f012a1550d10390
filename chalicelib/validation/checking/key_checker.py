"""The keys of a file's rows: what must be unique, and what must refer to another row."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.keys import KeyLog, Place, dangling, key_of, repeated
from chalicelib.validation.report import Fault
from chalicelib.validation.schema.field_types import Value

Values = Mapping[int, Value | Fault | None]
"""The values of a row by the position of their columns: None if it is missing, a Fault if it cannot be known."""
Found = tuple[int | None, Fault]
"""The 0-based position of a column, or None for the row, and what is wrong there."""


class RowKeys(Protocol):
    """Remembers the keys of all rows."""

    @property
    def positions(self) -> frozenset[int]:
        """The columns that are part of a key."""
        ...

    def note(self, values: Values, place: Place) -> Iterator[Found]:
        """Note a row's keys, and return what they lack."""
        ...


class KeyChecker:
    """Remembers the keys of all rows."""

    def __init__(self, columns: Columns) -> None:
        """Remember the keys of these columns."""
        self._fields = columns.fields
        self._seen = [(key, KeyLog()) for key in columns.keys]
        self._references = [(key, KeyLog(), KeyLog()) for key in columns.foreign_keys]
        keys = [key.fields for key in columns.keys]
        keys += [each for key in columns.foreign_keys for each in (key.fields, key.reference)]
        self.positions = frozenset(at for key in keys for at in key)
        """The columns that are part of a key."""

    def note(self, values: Values, place: Place) -> Iterator[Found]:
        """Write a row's keys down, and say what they lack."""
        for key, log in self._seen:
            parts = [values[position] for position in key.fields]
            if not _is_known(parts):
                continue
            if key.incomplete and not any(part is not None for part in parts):
                yield _only(key.fields), key.incomplete
            elif key.incomplete or None not in parts:
                _note(log, parts, place)
        for foreign_key, referring, referred in self._references:
            for positions, log in ((foreign_key.fields, referring), (foreign_key.reference, referred)):
                parts = [values[position] for position in positions]
                if _is_known(parts) and None not in parts:
                    _note(log, parts, place)

    def note_all(self, cells: Mapping[int, Sequence[str]], rows: Sequence[int], lines: Sequence[int]) -> bool:
        """Write the keys of many rows down, if that can be done at once; their cells are all of their fields' types."""
        if self._references or any(len(key.fields) > 1 for key, _ in self._seen):
            return False
        columns = [(log, self._keys_of(key.fields[0], cells[key.fields[0]])) for key, log in self._seen]
        if any(keys is None for _, keys in columns):
            return False
        for log, keys in columns:
            log.add(keys or (), rows, lines)
        return True

    def _keys_of(self, position: int, cells: Sequence[str]) -> Sequence[str | int] | None:
        """Give the keys of a column's cells; None if one is missing, or they have to be looked at one by one."""
        field = self._fields[position]
        if field is None:
            return cells
        return field.type.keys(cells) if field.type.keys and field.missing_values.isdisjoint(cells) else None

    def late(self) -> Iterator[tuple[Place, int | None, Fault]]:
        """Tell, after the last row, which rows are wrong because of others."""
        for key, log in self._seen:
            for place in repeated(log):
                yield place, _only(key.fields), key.duplicate
        for foreign_key, referring, referred in self._references:
            for place in dangling(referring, referred):
                yield place, _only(foreign_key.fields), foreign_key.dangling


def _note(log: KeyLog, parts: Sequence[Value | None], place: Place) -> None:
    row, line = place
    log.add([key_of(parts)], [row], [line])


def _only(positions: Sequence[int]) -> int | None:
    """Give the position of a key's one column; None for the row if it has more."""
    return positions[0] if len(positions) == 1 else None


def _is_known(parts: Sequence[Value | Fault | None]) -> bool:
    """Say whether all values of a key can be told."""
    return not any(isinstance(part, Fault) for part in parts)
