"""The columns and keys of a file, as all its scans use them."""

import ctypes
from array import array
from collections.abc import Hashable, Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from chalicelib.validation.checking.columns import Columns
from chalicelib.validation.fast.native import library as c
from chalicelib.validation.fast.native.digests import Digests
from chalicelib.validation.fast.native.judging import Judgement, judgement
from chalicelib.validation.fast.native.key_values import fill_values
from chalicelib.validation.fast.native.memory import Memory
from chalicelib.validation.fast.native.tables import Ends, address_of
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.schema.table_schema import Field

if TYPE_CHECKING:
    from chalicelib.validation.fast.native.json_judging import Json

UNIVERSAL = "\r\n"
"""The characters of line breaks, if the dialect has no line terminator."""
CELLS_BEFORE_PAIRS = 64 * 1024
"""How many cells an automaton judges, in all columns that share it, before it reads two bytes a step."""
_MOST_PAIRS = 8
"""How many automata can do so, the first ones of the file. Each takes 512 KiB in each process, or 1 MiB with quotes."""
_MOST_KEY_COLUMNS = 64


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
            unquoted=f"{dialect.delimiter}{dialect.line_terminator or UNIVERSAL}".encode(),
            quoted=(dialect.quote_char or dialect.line_terminator or UNIVERSAL).encode(),
        )
        shared = {_rules(field): field for field in columns.fields}
        judgements = {rules: judgement(field, ends) for rules, field in shared.items()}
        self.judgements = [judgements[_rules(field)] for field in columns.fields]
        """Of each column; those with equal rules share one."""
        filled = {made: _filled(made) for made in judgements.values()}
        self._pairs = _add_pairs(filled.values())
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
        self._kept = [fill_values(self.columns[at], self.fields[at]) for at in self.key_columns]
        self.memos = memos
        """The number of columns of which the kernel remembers labels that the reference gave."""

    def update_labels(self, at: int) -> None:
        """Copy the meaning of a column's labels to the kernel, for all columns that share them."""
        for other, made in enumerate(self.judgements):
            if made is self.judgements[at]:
                _fill_labels(self.columns[other], made)


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


def _add_pairs(columns: Iterable[c.Column]) -> Memory | None:
    """Reserve memory for steps of two bytes, for the first columns that are SHIFTS; return it, to be kept alive."""
    by_shifts = [column for column in columns if column.kind == c.SHIFTS][:_MOST_PAIRS]
    if not by_shifts:
        return None
    memory = Memory(*[ctypes.sizeof(c.Pairs)] * len(by_shifts))
    for column, address in zip(by_shifts, memory.addresses, strict=True):
        c.Pairs.from_address(address).cells_before = CELLS_BEFORE_PAIRS
        column.pairs = address
    return memory


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
