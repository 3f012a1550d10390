"""The values of one key in all rows of a file, as the kernel keeps them: a digest, a row and a line each."""

import ctypes
import errno
import mmap
import os
from array import array
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from itertools import chain
from typing import IO

from chalicelib.validation import temporary_files
from chalicelib.validation.checking.key_entries import PARTITIONS, KeyEntries
from chalicelib.validation.checking.keys import RowPosition
from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.digests import Digests
from chalicelib.validation.fast.native.memory import Memory
from chalicelib.validation.fast.native.tables import address_of
from chalicelib.validation.schema.field_types import Value

LEAST_ENTRIES = 8 * 1024
"""How many keys are in memory at least: a run of fewer takes too many reads."""
_MIN_SHARED = 200_000
"""How many keys are compared in several processes: fewer take some milliseconds."""
_SHARES = 2
"""How many shares of the partitions there are for each process."""
_MAX_WHOLE = 10**18
"""The kernel keeps smaller whole numbers as they are, and others as digests."""

Late = tuple[int, list[RowPosition]]
"""The number of rows with a faulty key, and the first of them."""


class KeyFile:
    """A temporary file of keys, to which forks of this process may write, too."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._size = mmap.mmap(-1, mmap.PAGESIZE)
        self._pinned = ctypes.c_uint64.from_buffer(self._size)
        self.size_address = ctypes.addressof(self._pinned)
        """The address of the file's size, in memory that forks share."""
        self._file: IO[bytes] | None = None

    def opened(self) -> int:
        """Return the descriptor of the file; raises TemporarySpaceFull."""
        if self._file is None:
            self._file = temporary_files.temporary_file(temporary_files.KEYS)
        return self._file.fileno()

    def clear(self) -> None:
        """Remove everything from the file."""
        self._pinned.value = 0
        if self._file is not None:
            self._file.truncate(0)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


class KeyLog:
    """The values of one key in all rows of a file."""

    def __init__(self, library: ctypes.CDLL, secret: bytes, held_bytes: int, file: KeyFile) -> None:
        """Keep some in about `held_bytes` of memory, and the others in a temporary file."""
        self._library = library
        self._digests = Digests(library, secret)
        most = max(held_bytes // (2 * c.ENTRY_BYTES), LEAST_ENTRIES)
        self._stretches = Memory(c.ENTRY_BYTES * c.MOST_STRETCHES)
        self._buffer = Memory(c.ENTRY_BYTES * most, is_filled=True)
        self._sorted = Memory(ctypes.sizeof(c.Run) + c.ENTRY_BYTES * most, is_filled=True)
        self.state = c.KeyLog(file=-1, is_stretched=1, most=most)
        self.state.secret[:] = self._digests.secret
        self.state.stretches, self.state.buffer = self._stretches.address, self._buffer.address
        self.state.sorted, self.state.file_size = self._sorted.address, file.size_address
        self._file = file

    def clear(self) -> None:
        """Forget all keys; what is in the file stays there."""
        state = self.state
        state.error = state.noted = state.stretches_count = state.used = state.is_sorted = state.last_run = 0
        state.is_stretched = 1
        ctypes.memset(state.in_runs, 0, ctypes.sizeof(state.in_runs))

    def absorb(self, key: c.Key, row: int, line: int, rows: int) -> None:
        """Move what a scan of this number of rows noted into the log; it started there. Raises TemporarySpaceFull."""
        self._open_in_time(rows)
        self._library.keys_absorb(self.state, key, row, line)
        self.raise_if_full()

    def add(self, parts: Sequence[Value], row_position: RowPosition) -> None:
        """Add one key, given as the values of its parts; raises TemporarySpaceFull."""
        self._open_in_time(1)
        first = parts[0]
        if len(parts) == 1 and isinstance(first, Decimal) and 0 <= first < _MAX_WHOLE and first == int(first):
            self._library.keys_add_number(self.state, int(first), *row_position)
        else:
            digests = [self._digests.of_key(part) for part in parts]
            digest = digests[0] if len(parts) == 1 else self._digests.of_text(b"".join(digests))
            self._library.keys_add_digest(self.state, digest, *row_position)
        self.raise_if_full()

    def entries(self) -> KeyEntries:
        """Return all keys; raises TemporarySpaceFull."""
        partitions = tuple(map(self._partition, range(PARTITIONS)))
        self.raise_if_full()
        return KeyEntries(stretches=self._stretches_alone(), partitions=partitions)

    def _stretches_alone(self) -> bytes:
        """Return the consecutive numbers, unless they have become digests."""
        count = self.state.stretches_count if self.state.is_stretched else 0
        return ctypes.string_at(self.state.stretches, c.ENTRY_BYTES * count)

    def _partition(self, number: int) -> bytes:
        room = bytearray(c.ENTRY_BYTES * int(self._library.keys_entries(self.state, number, None)))
        if room:
            self._library.keys_entries(self.state, number, (ctypes.c_char * len(room)).from_buffer(room))
        return bytes(room)

    def absorb_entries(self, found: KeyEntries, row: int, line: int) -> None:
        """Add keys of another log with the same secret, moved by these rows and lines; raises TemporarySpaceFull."""
        self._open_in_time(found.count)
        for partition in filter(None, found.partitions):
            self._library.keys_absorb(self.state, _scanned(entries=partition), row, line)
        self._library.keys_absorb(self.state, _scanned(stretches=found.stretches), row, line)
        if found.last_run:
            self.open()
            self._library.keys_absorb_runs(self.state, found.last_run, row, line)
        self.raise_if_full()

    def hand_over(self) -> KeyEntries:
        """Return all keys, for another log with the same file; raises TemporarySpaceFull."""
        if self.state.used:
            self.open()
        last_run = int(self._library.keys_hand_over(self.state))
        self.raise_if_full()
        return KeyEntries(stretches=self._stretches_alone(), last_run=last_run)

    def repeated(self, most: int, marks: int | None, processes: int) -> Late:
        """Return the rows whose key an earlier row has. `marks` is the address of bits to set, a bit for each row."""
        if self._library.keys_are_apart(self.state):
            return 0, []
        self.write_out()
        find = partial(self._library.keys_repeated, self.state)
        return self._first(most, find, processes, marks=marks)

    def dangling(
        self, referred: "KeyLog", most: int, marks: int | None, processes: int, rejected: int | None = None
    ) -> Late:
        """Return the rows whose key is not in `referred`, where rejected rows neither count nor are referred to."""
        self.write_out()
        referred.write_out()
        find = partial(self._library.keys_dangling, self.state, referred.state)
        return self._first(most, find, processes, marks=marks, rejected=rejected)

    def _first(self, most: int, find: Callable[[c.FirstRows], int], processes: int, **bits: int | None) -> Late:
        """Compare the partitions in several processes, if there are many keys. They set the same bits."""
        most = min(most, self.state.noted)
        shares = _SHARES * processes if processes > 1 and self.state.noted >= _MIN_SHARED else 1

        def compare(share: int, _: object) -> Late:
            room = (ctypes.c_uint64 * (2 * max(most, 1)))()
            first_rows = c.FirstRows(count=0, most=most, at=ctypes.addressof(room), share=share, shares=shares, **bits)
            total = int(find(first_rows))
            self.raise_if_full()
            return total, [(room[2 * at], room[2 * at + 1]) for at in range(first_rows.count)]

        found = [compare(0, None)] if shares == 1 else _compared(compare, shares, processes)
        rows = sorted(row for _, first in found for row in first)
        return sum(total for total, _ in found), rows[:most]

    def _open_in_time(self, rows: int) -> None:
        """Open the temporary file if the keys of these rows might need it, and the stretches as digests."""
        stretched = self.state.noted if self.state.is_stretched else 0
        if self.state.used + stretched + rows > self.state.most:
            self.open()

    def open(self) -> None:
        """Open the temporary file; raises TemporarySpaceFull."""
        self.state.file = self._file.opened()

    def write_out(self) -> None:
        """Turn all keys into digests; raises TemporarySpaceFull."""
        self._open_in_time(0)
        self._library.keys_write_out(self.state)
        self.raise_if_full()

    def raise_if_full(self) -> None:
        """Raise TemporarySpaceFull if the temporary file could not be written, or MemoryError."""
        if self.state.error == errno.ENOMEM:
            raise MemoryError
        if self.state.error:
            raise temporary_files.no_space(temporary_files.KEYS, os.strerror(self.state.error))


def _scanned(entries: bytes = b"", stretches: bytes = b"") -> c.Key:
    """Return keys as a scan notes them; the caller keeps the bytes alive."""
    return c.Key(
        entries=address_of(entries),
        entries_count=len(entries) // c.ENTRY_BYTES,
        stretches=address_of(stretches),
        stretches_count=len(stretches) // c.ENTRY_BYTES,
    )


def _compared(compare: Callable[[int, object], Late], shares: int, processes: int) -> Sequence[Late]:
    """Return the results of all shares, which several processes compare."""
    from chalicelib.validation.processes import in_order  # noqa: PLC0415 - few files have that many keys

    with in_order(compare, shares, processes, pack=_packed, unpack=_unpacked) as results:
        return list(results)


def _packed(late: Late) -> bytes:
    total, rows = late
    return array("Q", [total, *chain.from_iterable(rows)]).tobytes()


def _unpacked(data: bytes) -> Late:
    total, *rows = array("Q", data)
    return total, list(zip(rows[::2], rows[1::2], strict=True))
