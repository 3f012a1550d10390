"""The keys of a file's rows as the kernel keeps them: 128 bits and a place each.

A key is known by a SipHash of it under a secret of this one validation: no file can be made such that two keys are
taken for one, and by chance that is as likely as two equal UUIDs.
"""

import ctypes
import errno
import os
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import IO

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.checking.key_checker import Values
from chalicelib.validation.checking.keys import RowPosition, no_space, temporary_file
from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.scanner import KeyParts, Memory, Scanner
from chalicelib.validation.report import Fault
from chalicelib.validation.schema.field_types import Value, canonical

_HELD_BYTES = 16 * 1024 * 1024
"""What all keys of a file may take in memory before they go to temporary files."""
_ROOM = 2
"""Buffers that may get full besides those that entries fill."""
_WHOLE = 10**18


class Log:
    """The keys of all rows of a file, of one kind."""

    def __init__(self, library: ctypes.CDLL, secret: bytes, held_bytes: int) -> None:
        """Keep so many bytes in memory."""
        self._library = library
        most = max(held_bytes // (c.ENTRY_BYTES * c.HELD), 1)
        sizes = (
            c.ENTRY_BYTES * c.MOST_STRETCHES,
            c.ENTRY_BYTES * c.HELD * c.PARTITIONS,
            c.ENTRY_BYTES * c.HELD * most,
            most,
        )
        self._memory = [Memory(size) for size in sizes]
        stretches, buffers, held, held_of = (each.address for each in self._memory)
        self.state = c.KeyLog(file=-1, is_stretched=1, held_most=most)
        self.state.secret[:] = [int.from_bytes(secret[at : at + 8], "little") for at in (0, 8)]
        self.state.stretches, self.state.buffers = stretches, buffers
        self.state.held, self.state.held_of = held, held_of
        self._file: IO[bytes] | None = None

    def absorb(self, key: c.Key, row: int, line: int) -> None:
        """Take over what a scan noted, which began there; raises TemporarySpaceFull."""
        self._open_in_time()
        self._library.keys_absorb(self.state, key, row, line)
        self.raise_if_full()

    def add(self, parts: Sequence[Value | None], row_position: RowPosition) -> None:
        """Note one key as the reference has it; raises TemporarySpaceFull."""
        self._open_in_time()
        first = parts[0]
        if len(parts) == 1 and isinstance(first, Decimal) and 0 <= first < _WHOLE and first == int(first):
            self._library.keys_add_number(self.state, int(first), *row_position)
        else:
            digests = [self._digest(_written(part)) if part is not None else bytes(16) for part in parts]
            digest = digests[0] if len(parts) == 1 else self._digest(b"".join(digests))
            self._library.keys_add_digest(self.state, digest, *row_position)
        self.raise_if_full()

    def _digest(self, text: bytes) -> bytes:
        digest = ctypes.create_string_buffer(16)
        self._library.digest_of(self.state.secret, text + bytes(8), len(text), digest)
        return digest.raw

    def repeated(self, most: int) -> tuple[int, list[RowPosition]]:
        """Return how many rows have a key that an earlier one has, and the first of them."""
        if self._library.keys_are_apart(self.state):
            return 0, []
        self.open()
        return self._first(most, lambda places: int(self._library.keys_repeated(self.state, places)))

    def dangling(self, referred: "Log", most: int) -> tuple[int, list[RowPosition]]:
        """Return how many rows have a key that none of the others is, and the first of them."""
        self.open()
        referred.open()
        found = self._first(most, lambda places: int(self._library.keys_dangling(self.state, referred.state, places)))
        referred.raise_if_full()
        return found

    def _first(self, most: int, find: Callable[[c.Places], int]) -> tuple[int, list[RowPosition]]:
        most = min(most, self.state.noted)
        room = (ctypes.c_uint64 * (2 * max(most, 1)))()
        places = c.Places(count=0, most=most, at=ctypes.addressof(room))
        total = find(places)
        self.raise_if_full()
        return total, sorted((room[2 * at], room[2 * at + 1]) for at in range(places.count))

    def _open_in_time(self) -> None:
        """Open the temporary file before it is needed."""
        if self.state.held_most - self.state.held_count < 2 * c.PARTITIONS + _ENTRIES_A_SCAN // c.HELD:
            self.open()

    def open(self) -> None:
        """Open the temporary file; raises TemporarySpaceFull."""
        if self._file is None:
            self._file = temporary_file()
            self.state.file = self._file.fileno()

    def raise_if_full(self) -> None:
        """Raise TemporarySpaceFull if the temporary file could not be written, or MemoryError."""
        if self.state.error == errno.ENOMEM:
            raise MemoryError
        if self.state.error:
            raise no_space(os.strerror(self.state.error))

    def close(self) -> None:
        """Let go of the temporary file."""
        if self._file is not None:
            self._file.close()


_ENTRIES_A_SCAN = 4 * 65536


def _written(part: Value) -> bytes:
    """Write a part of a key as the kernel does: a text as it is, all else behind what no text has in it."""
    return part.encode() if isinstance(part, str) else b"\0" + canonical(part).encode(errors="surrogatepass")


class Keys:
    """All keys of a file: those that must be unique, and those that must refer to another row."""

    def __init__(self, library: ctypes.CDLL, columns: Columns, secret: bytes) -> None:
        """Remember the keys of these columns."""
        self._columns = columns
        pairs = [positions for key in columns.foreign_keys for positions in (key.fields, key.reference)]
        self.parts = [KeyParts(positions=key.fields, is_primary=False) for key in columns.keys]
        self.parts += [KeyParts(positions=positions, is_primary=False) for positions in pairs]
        held = _HELD_BYTES // max(len(self.parts), 1)
        self._logs = [Log(library, secret, held) for _ in self.parts]
        self.positions = frozenset(at for key in self.parts for at in key.positions)

    def absorb(self, scanner: Scanner, row: int, line: int) -> None:
        """Take over what a scan noted, which began there; raises TemporarySpaceFull."""
        for key, log in zip(scanner.keys, self._logs, strict=False):
            log.absorb(key, row, line)

    def add(self, values: Values, row_position: RowPosition) -> None:
        """Record the keys of a row as the reference does; raises TemporarySpaceFull."""
        for key, log in zip(self.parts, self._logs, strict=True):
            parts = [values[position] for position in key.positions]
            known = [part for part in parts if not isinstance(part, Fault)]
            if len(known) == len(parts) and None not in known:
                log.add(known, row_position)

    def late_faults(self, most: int) -> Iterator[tuple[int | None, Fault, int, list[RowPosition]]]:
        """Return, after the last row, what is wrong with how many rows because of others, and the first of them."""
        for key, log in zip(self._columns.keys, self._logs, strict=False):
            yield _only(key.fields), key.duplicate, *log.repeated(most)
        rest = self._logs[len(self._columns.keys) :]
        for foreign_key, referring, referred in zip(self._columns.foreign_keys, rest[::2], rest[1::2], strict=True):
            yield _only(foreign_key.fields), foreign_key.dangling, *referring.dangling(referred, most)

    def close(self) -> None:
        """Let go of temporary files."""
        for log in self._logs:
            log.close()


def _only(positions: Sequence[int]) -> int | None:
    """Return the position of a key's one column; None for the row if it has more."""
    return positions[0] if len(positions) == 1 else None
