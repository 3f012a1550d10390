"""All keys of a file's rows: a log of each."""

import ctypes
from collections.abc import Iterator, Sequence

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_checker import Values
from chalicelib.validation.checking.key_entries import KeyEntries
from chalicelib.validation.checking.keys import RowPosition
from chalicelib.validation.checking.orphans import OrphanRounds
from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.key_log import KeyFile, KeyLog, Late
from chalicelib.validation.fast.native.scanner import Scanner
from chalicelib.validation.report import Fault
from chalicelib.validation.row_set import RowSet

HELD_BYTES = 8 * 1024 * 1024
"""How much memory the keys of a file may take before they go to temporary files."""


class Keys:
    """All keys of a file: unique keys, and for each foreign key the referring and the referred columns."""

    def __init__(
        self, library: ctypes.CDLL, columns: Columns, secret: bytes, files: Sequence[KeyFile] | None = None
    ) -> None:
        """Record the keys of these columns; `secret` are the 16 bytes that key their digests.

        The temporary files are those of `key_files` that processes share, or else new ones.
        """
        self._columns = columns
        self.secret = secret
        self.columns = columns.key_positions
        """The positions of the columns of each key."""
        self._files = files or [KeyFile() for _ in self.columns]
        held = HELD_BYTES // max(len(self.columns), 1)
        self.logs = [KeyLog(library, secret, held, file) for file in self._files]
        """The keys, in the order of `columns`."""
        self.positions = frozenset(at for positions in self.columns for at in positions)
        self.fault: Fault | None = None
        """The fault of a file whose faulty rows cannot be determined; known after `late_faults`."""

    def clear(self) -> None:
        """Forget all keys."""
        for log in self.logs:
            log.clear()
        for file in self._files:
            file.clear()

    def keep_only(self, first: int, end: int, finer: int) -> None:
        """Ignore keys of other partitions from now on, where each of the kernel's is divided into `finer`."""
        for log in self.logs:
            log.state.finer, log.state.first_kept, log.state.end_kept = finer, first, end

    def absorb(self, scanner: Scanner, row: int, line: int) -> None:
        """Move the keys that a scan noted into the logs; the scan started there. Raises TemporarySpaceFull."""
        for key, log in zip(scanner.keys, self.logs, strict=False):
            log.absorb(key, row, line, int(scanner.state.rows))

    def add(self, values: Values, row_position: RowPosition) -> None:
        """Record the keys of a row as the reference does; raises TemporarySpaceFull."""
        for positions, log in zip(self.columns, self.logs, strict=True):
            parts = [values[position] for position in positions]
            known = [part for part in parts if part is not None and not isinstance(part, Fault)]
            if len(known) == len(parts):
                log.add(known, row_position)

    def entries(self) -> tuple[KeyEntries, ...]:
        """Return all keys, to be absorbed elsewhere; raises TemporarySpaceFull."""
        return tuple(log.entries() for log in self.logs)

    def absorb_entries(self, found: Sequence[KeyEntries], row: int, line: int) -> None:
        """Add the keys that were recorded elsewhere, moved by these rows and lines; raises TemporarySpaceFull."""
        for log, entries in zip(self.logs, found, strict=True):
            log.absorb_entries(entries, row, line)

    def late_faults(
        self, most: int, faulty: RowSet | None, last_row: int, processes: int
    ) -> Iterator[tuple[int | None, Fault, int, list[RowPosition]]]:
        """Yield the position and fault of each key, the number of faulty rows, and the first `most` of them.

        Many keys are compared in `processes` processes.
        Where faulty rows are marked, these rows are, too, and then those that refer to faulty ones. `last_row` is the
        last row of the file.
        """
        for fault, late in zip(self._columns.key_faults, self.late(most, faulty, last_row, processes), strict=True):
            yield *fault, *late
        if faulty is not None and self._columns.foreign_keys:
            rounds = OrphanRounds(faulty)
            for found in rounds:
                orphans = self.orphans(most, faulty, found, last_row, processes)
                for fault, late in zip(self._columns.orphan_faults, orphans, strict=True):
                    yield *fault, *late
            self.fault = rounds.fault

    def late(self, most: int, faulty: RowSet | None, last_row: int, processes: int = 1) -> Iterator[Late]:
        """Yield, for each key and then each foreign key, the number of faulty rows and the first `most`; mark all."""
        marks = None if faulty is None else faulty.address(last_row)
        yield from (log.repeated(most, marks, processes) for log in self.logs[: len(self._columns.keys)])
        yield from (referring.dangling(referred, most, marks, processes) for referring, referred in self._references())

    def orphans(self, most: int, faulty: RowSet, found: RowSet, last_row: int, processes: int = 1) -> Iterator[Late]:
        """Yield, for each foreign key, the same of rows that refer only to faulty rows; add them to `found`.

        Rows that are faulty themselves are left out.
        """
        for referring, referred in self._references():
            bits = (found.address(last_row), processes, faulty.address(last_row))
            yield referring.dangling(referred, most, *bits)

    def _references(self) -> Iterator[tuple[KeyLog, KeyLog]]:
        """Yield, for each foreign key, the logs of its referring and of its referred columns."""
        rest = self.logs[len(self._columns.keys) :]
        return zip(rest[::2], rest[1::2], strict=True)

    def close(self) -> None:
        """Close the temporary files."""
        for file in self._files:
            file.close()


def key_files(columns: Columns) -> Sequence[KeyFile]:
    """Open a temporary file for each key, before forks write to it; raises TemporarySpaceFull."""
    files = [KeyFile() for _ in columns.key_positions]
    for file in files:
        file.opened()
    return files


class HandedKeys(Keys):
    """The keys of a part of a file, in files that are shared with the process that absorbs them."""

    def clear(self) -> None:
        """Forget all keys; those that were handed over stay in the files."""
        for log in self.logs:
            log.clear()

    def entries(self) -> tuple[KeyEntries, ...]:
        """Return all keys, to be absorbed elsewhere; raises TemporarySpaceFull."""
        return tuple(log.hand_over() for log in self.logs)


class PassedKeys(Keys):
    """The keys of a part of a file as its scans noted them, to be absorbed elsewhere."""

    def __init__(self, library: ctypes.CDLL, columns: Columns, secret: bytes) -> None:
        """Record the keys of these columns."""
        super().__init__(library, columns, secret)
        self.scans: list[tuple[int, int, Sequence[KeyEntries]]] = []
        """Where each scan started, a row and a line, and what it noted of each key. `entries` has the other keys."""

    def clear(self) -> None:
        """Forget all keys."""
        super().clear()
        self.scans = []

    def absorb(self, scanner: Scanner, row: int, line: int) -> None:
        """Keep the keys that a scan noted; the scan started there."""
        noted = tuple([_noted(key) for key, _ in zip(scanner.keys, self.logs, strict=False)])
        if not all(each.is_empty for each in noted):
            self.scans.append((row, line, noted))


def _noted(key: c.Key) -> KeyEntries:
    """Return what a scan noted of a key, and clear it."""
    entries = ctypes.string_at(key.entries, c.ENTRY_BYTES * key.entries_count)
    stretches = ctypes.string_at(key.stretches, c.ENTRY_BYTES * key.stretches_count)
    key.entries_count = key.stretches_count = 0
    return KeyEntries(stretches=stretches, partitions=(entries,) if entries else ())
