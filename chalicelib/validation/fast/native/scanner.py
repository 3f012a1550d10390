"""The state of one scan: its settings, its findings and its scratch memory."""

import ctypes
import mmap
from array import array
from collections.abc import Iterator
from struct import calcsize, iter_unpack
from typing import NamedTuple

from attrs import frozen

from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.key_values import encoding
from chalicelib.validation.fast.native.memory import Memory
from chalicelib.validation.fast.native.scan_table import UNIVERSAL, Table
from chalicelib.validation.fast.native.tables import address_of
from chalicelib.validation.reading.records import RECORD_BYTES

CHUNK = 32 * 1024
"""How many bytes the kernel splits into cells before it judges these, column by column."""
_EVENTS = 4
"""There is room for this number of events for each byte of a chunk, and for each column."""
_MEMO_SLOTS = 16 * 1024
"""How many labels of a column are remembered, unless there are too many columns for that."""
_MEMO_BYTES = 2 * 1024 * 1024
"""How much memory the remembered labels of cells may take."""
_SPACE = 0x20
_ORDINARY, _DELIMITER, _BREAK, _QUOTE, _ESCAPE = range(5)


class Event(NamedTuple):
    """Something that the reference has to look at. Rows and lines count from the start of the scan."""

    row: int
    line: int
    start: int
    length: int
    cell: int
    cell_length: int
    column: int
    kind: int
    flags: int
    detail: int


class Scanner:
    """The state of one scan: its settings, its findings and its scratch memory."""

    def __init__(
        self, library: ctypes.CDLL, table: Table, most_bytes: int, *, record_bytes: int = RECORD_BYTES
    ) -> None:
        """Reserve the memory that `struct scan` names, for scans of at most `most_bytes`."""
        self._library = library
        self.table = table
        width = len(table.fields)
        dialect = table.dialect
        scan = self.state = c.Scan(columns_count=width, columns=table.columns, record_bytes=record_bytes, chunk=CHUNK)
        scan.delimiter, scan.quote, scan.escape, scan.terminator = (
            ord(each) if each else 0
            for each in (dialect.delimiter, dialect.quote_char, dialect.escape_char, dialect.line_terminator)
        )
        scan.doubles_quote, scan.skips_space = dialect.double_quote, dialect.skip_initial_space
        scan.skips_blank = dialect.skip_blank_rows
        comment = (dialect.comment_char or "").encode()
        scan.comment, scan.comment_length = comment, len(comment)
        for byte in (dialect.line_terminator or UNIVERSAL).encode():
            scan.class_of[byte] = _BREAK
        for character, kind in ((scan.quote, _QUOTE), (scan.escape, _ESCAPE), (scan.delimiter, _DELIMITER)):
            if character:
                scan.class_of[character] = kind
        scan.secret[:] = table.secret
        self._memory: list[Memory] = []
        # A record has at least one byte.
        self._faulty = Memory(most_bytes // 8 + 1) if table.marks_rows else None
        scan.faulty = self._faulty.address if self._faulty else None
        self._reserve(record_bytes)
        self._reserve_keys(table)
        self._events_address = int(scan.events)
        self.counts = (ctypes.c_uint64 * (width * c.LABELS)).from_address(scan.counts)
        self.short_rows = (ctypes.c_uint64 * width).from_address(scan.short_rows)

    def _reserve(self, record_bytes: int) -> None:
        scan, width = self.state, len(self.table.fields)
        entries = scan.chunk + c.PADDING
        scan.events_cap = _EVENTS * (scan.chunk + width) + c.PADDING
        scan.most_events = scan.events_cap
        slots = _MEMO_SLOTS
        while slots > c.MEMO_WAYS and slots * self.table.memos * c.MEMO_BYTES > _MEMO_BYTES:
            slots //= 2
        scan.memo_slots = slots
        sizes = {
            "counts": 8 * width * c.LABELS,
            "short_rows": 8 * width,
            "events": calcsize(c.EVENT) * scan.events_cap,
            "memos": c.MEMO_BYTES * slots * self.table.memos,
            **dict.fromkeys(("ends", "first", "row_of"), 4 * entries),
            "separators": 4 * (entries + c.PADDING),
            "line_of": 8 * entries,
            **dict.fromkeys(("codes", "has_doubled"), entries),
            "key_codes": entries * len(self.table.key_columns),
            "sorted": 8 * c.SORTED_CELLS,
            "usual": width,
            "cells": c.CELL_BYTES * width,
            "labels": width,
            "text": record_bytes + c.PADDING,
            "digests": 16 * width + c.PADDING,
            "key_cells": c.KEY_CELL_BYTES * len(self.table.key_columns),
        }
        memory = Memory(*sizes.values())
        self._memory.append(memory)
        for name, address in zip(sizes, memory.addresses, strict=True):
            setattr(scan, name, address)
        scan.separators += 4 * c.PADDING  # separators[-1] is written to

    def _reserve_keys(self, table: Table) -> None:
        scan = self.state
        scan.entries_cap = 2 * scan.chunk + c.PADDING
        scan.keys_count, scan.key_columns_count = len(table.keys), len(table.key_columns)
        self._key_columns = array("Q", table.key_columns)
        scan.key_columns = address_of(self._key_columns)
        self.keys = (c.Key * max(len(table.keys), 1))()
        scan.keys = self.keys
        for key, positions in zip(self.keys, table.keys, strict=False):
            key_columns = [table.key_columns.index(at) for at in positions]
            encodings = [encoding(table.fields[at]) for at in positions]
            key.parts = (c.KeyPart * len(positions))(*map(c.KeyPart, key_columns, encodings))
            key.parts_count = len(positions)
            memory = Memory(*[c.ENTRY_BYTES * scan.entries_cap] * 2)
            self._memory.append(memory)
            key.entries, key.stretches = memory.addresses

    def scan(self, address: int, start: int, end: int) -> int:
        """Judge the whole records from `start` to `end`; return where the first one starts that was not judged."""
        return int(self._library.scan(self.state, address, start, end))

    def scan_one(self, address: int, start: int, end: int) -> int:
        """Judge the record that starts at `start`; return where it ends, or `start` if it was not judged."""
        return int(self._library.scan_one(self.state, address, start, end))

    def events(self) -> Iterator[Event]:
        """Yield the events so far, and forget them. Faults, if they are events, come in the order of the file."""
        count, self.state.events_count = self.state.events_count, 0
        events = (ctypes.c_char * (count * calcsize(c.EVENT))).from_address(self._events_address)
        return map(Event._make, iter_unpack(c.EVENT, events))

    def remember(self, column: int, text: bytes, label: int) -> None:
        """Remember the label of a cell's text."""
        self._library.remember(self.state, column, text + bytes(8), len(text), label)

    def take_faulty(self) -> bytes:
        """Return the marks of the rows since the last call of `take_progress`, a bit each, and remove them."""
        if self._faulty is None:
            return b""
        size = -(-self.state.rows // 8)
        bits = self._faulty.map[:size]
        self._faulty.map[:size] = bytes(size)
        return bits

    def reset(self) -> None:
        """Forget everything that was found, but not the remembered labels."""
        self.take_faulty()
        self.take_progress()
        scan = self.state
        scan.events_count = scan.blank_rows = scan.extra_cells = 0
        ctypes.memset(scan.counts, 0, ctypes.sizeof(self.counts))
        ctypes.memset(scan.short_rows, 0, ctypes.sizeof(self.short_rows))
        for key in self.keys:
            key.entries_count = key.stretches_count = 0

    def take_progress(self) -> tuple[int, int, int]:
        """Return the number of records, rows and lines since the last call; a comment is a record and no row."""
        scan = self.state
        progress = scan.rows, scan.table_rows, scan.lines
        scan.rows = scan.table_rows = scan.lines = 0
        return progress


@frozen(eq=False)
class ScannedData:
    """A scanner, and the data that it scans."""

    scanner: Scanner
    data: bytes | mmap.mmap
    address: int
    """The address of the data. Of these, PADDING bytes follow what is scanned."""
