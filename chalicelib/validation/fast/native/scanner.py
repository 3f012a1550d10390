"""The table that all scans of a file share, and the memory of one scan."""

import ctypes
import mmap
from array import array
from collections.abc import Hashable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from itertools import accumulate, chain
from struct import calcsize, iter_unpack
from typing import TYPE_CHECKING, NamedTuple

from attrs import frozen

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.digests import Digests
from chalicelib.validation.fast.native.judging import Judgement, judgement
from chalicelib.validation.fast.native.tables import Ends, address_of
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.records import RECORD_BYTES
from chalicelib.validation.schema.field_types.field_type import texts_as_keys
from chalicelib.validation.schema.table_schema import Field

if TYPE_CHECKING:
    from chalicelib.validation.fast.native.json_judging import Json

CHUNK = 32 * 1024
"""How many bytes the kernel splits into cells before it judges these, column by column."""
_EVENTS = 4
"""There is room for this number of events for each byte of a chunk, and for each column."""
_MEMO_SLOTS = 4096
_MEMO_BYTES = 2 * 1024 * 1024
"""How much memory the remembered labels of cells may take."""
_MOST_KEY_COLUMNS = 64
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


class Table:
    """The columns and keys of a file, as all its scans use them."""

    def __init__(
        self,
        columns: Columns,
        dialect: Dialect,
        keys: Sequence[Sequence[int]],
        digests: Digests,
        *,
        marks_rows: bool = False,
    ) -> None:
        """Compile the columns; `keys` has the positions of the columns of each key."""
        self.dialect = dialect
        self.marks_rows = marks_rows
        self.keys = keys
        self.secret = digests.secret
        self.fields = columns.fields
        ends = Ends(
            unquoted=f"{dialect.delimiter}{dialect.line_terminator or _UNIVERSAL}".encode(),
            quoted=(dialect.quote_char or dialect.line_terminator or _UNIVERSAL).encode(),
        )
        shared = {_rules(field): field for field in columns.fields}
        judgements = {rules: judgement(field, ends) for rules, field in shared.items()}
        self.judgements = [judgements[_rules(field)] for field in columns.fields]
        """Of each column; those with equal rules share one."""
        filled = {made: _filled(made) for made in judgements.values()}
        self._listed = [_fill_json(filled[made], made.json, digests) for made in judgements.values() if made.json]
        self.key_columns = sorted({at for positions in keys for at in positions})
        self.columns = (c.Column * max(len(self.fields), 1))()
        memos = 0
        for at, made in enumerate(self.judgements):
            self.columns[at] = filled[made]
            column = self.columns[at]
            column.key_column = self.key_columns.index(at) if at in self.key_columns else -1
            column.memo = memos if made.may_ask else -1
            memos += made.may_ask
            field = self.fields[at]
            column.is_json = field is not None and field.type.is_json
        self.memos = memos
        """The number of columns of which the kernel remembers labels that the reference gave."""

    def update_labels(self, at: int) -> None:
        """Copy the meaning of a column's labels to the kernel, for all columns that share them."""
        for other, made in enumerate(self.judgements):
            if made is self.judgements[at]:
                _fill_labels(self.columns[other], made)


_UNIVERSAL = "\r\n"


def suits(columns: Columns, dialect: Dialect) -> bool:
    """Return whether the kernel can read a dialect, and has room for the keys."""
    special = (dialect.delimiter, dialect.quote_char, dialect.escape_char, dialect.line_terminator)
    keyed = {at for positions in columns.key_positions for at in positions}
    return (
        all(each is None or (len(each) == 1 and each.isascii()) for each in special)
        and len(keyed) <= _MOST_KEY_COLUMNS
        and len(columns.fields) > 0
    )


def _rules(field: Field | None) -> Hashable:
    """Return what fields have in common whose cells are judged in the same way."""
    return None if field is None else (id(field.type), id(field.constraints), field.missing_values, field.required)


def _filled(made: Judgement) -> c.Column:
    """Return a column of the kernel that judges so, but for JSON."""
    column = c.Column()
    _fill_labels(column, made)
    column.kind, column.least, column.most, column.empty = made.kind, made.least, made.most, made.empty
    column.too_short[:], column.too_long[:] = made.too_short, made.too_long
    if made.tables is None:
        return column
    packed = made.tables
    column.rows[:] = [address_of(each) for each in packed.rows]
    column.class_of[:] = [address_of(each) for each in packed.class_of]
    column.layers, column.stride, column.start = packed.layers, packed.stride, packed.start
    column.kinds, column.points_count = packed.kinds, len(packed.points)
    for name in ("layered", "last", "next", "ascii", "label", "points", "kind_of"):
        setattr(column, name, address_of(getattr(packed, name)))
    return column


def _fill_labels(column: c.Column, made: Judgement) -> None:
    column.faults = made.labels.fault_mask
    column.to_key[:] = bytes(made.labels.to_key)


def _fill_json(column: c.Column, made: "Json", digests: Digests) -> "array[int]":
    """Fill in how JSON is judged; return the digests of the values that are allowed, to be kept alive."""
    column.json, column.wrong_json = made.kind, made.wrong
    column.least_parts, column.most_parts = made.least, made.most
    column.of_json[:] = made.labels
    if made.shape is not None:
        column.shapes, column.shape = made.shape.address, made.shape.root
    found = {array("Q", digests.of_json(value)).tobytes() for value in made.listed or ()}
    listed = array("Q", chain.from_iterable(sorted(tuple(array("Q", each)) for each in found)))
    if made.listed is not None:
        column.listed, column.listed_count = address_of(listed), len(listed) // 2
    return listed


def _encoding(field: Field | None) -> int:
    """Return how a field's values are written as part of a key."""
    if field is None or field.type.keys is texts_as_keys:
        return c.AS_TEXT
    kind = field.type
    if kind.keys is not None or kind.name == "year":
        return c.AS_INTEGER
    if kind.is_plain_json:
        return c.AS_JSON
    if kind.name == "number" and kind.parse("1.5") == Decimal("1.5"):  # with the usual marks
        return c.AS_NUMBER
    usual = {"date": c.AS_DATE, "datetime": c.AS_MOMENT, "time": c.AS_TIME} if kind.format == "default" else {}
    return usual.get(kind.name, c.AS_PYTHON_DOES)


class Memory:
    """Zeroed memory for arrays, of this process alone. A page takes no physical memory before it is written to."""

    def __init__(self, *sizes: int, is_filled: bool = False) -> None:
        """Reserve arrays of these sizes in bytes, each aligned to 64, with at least 64 unused bytes behind it.

        Memory that `is_filled` from its beginning consists of large pages, which are faster to come by.
        """
        starts = list(accumulate((-(-size // 64) * 64 + 64 for size in sizes), initial=0))
        self.map = mmap.mmap(-1, starts.pop(), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        if is_filled and hasattr(mmap, "MADV_HUGEPAGE"):
            with suppress(OSError):  # of a system without such pages
                self.map.madvise(mmap.MADV_HUGEPAGE)
        self._pinned = ctypes.c_char.from_buffer(self.map)
        self.address = ctypes.addressof(self._pinned)
        self.addresses = [self.address + start for start in starts]


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
        for byte in (dialect.line_terminator or _UNIVERSAL).encode():
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
        while slots > 1 and slots * self.table.memos * c.MEMO_BYTES > _MEMO_BYTES:
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
            encodings = [_encoding(table.fields[at]) for at in positions]
            key.parts = (c.KeyPart * len(positions))(*map(c.KeyPart, key_columns, encodings))
            key.parts_count = len(positions)
            memory = Memory(*[c.ENTRY_BYTES * scan.entries_cap] * 2)
            self._memory.append(memory)
            key.entries, key.stretches = memory.addresses

    def scan(self, address: int, start: int, end: int) -> int:
        """Judge the whole records from `start` to `end`; return where the first one starts that was not judged."""
        return int(self._library.scan(self.state, address, start, end))

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
