"""What a dataset asks of Assay beyond Table Schema: the property `assay` of its schema.

`{"assay": {"tolerance": {"rows": "1%"}, "split": true, "load": {"table": "orders", "mode": "append"}}}`
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Self

from attrs import frozen

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import descriptor
from chalicelib.validation.descriptor import Node
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.encodings import encoding_label

_OPTIONS = ("tolerance", "split", "load")
_PERCENTAGE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%", re.ASCII)
_ALL = Decimal(100)
_IDENTIFIER = "[a-z_][a-z0-9_]{0,62}"
_TABLE = re.compile(rf"(?:{_IDENTIFIER}\.)?{_IDENTIFIER}", re.ASCII)
_TABLE_FORM = "lower-case letters, digits and _, at most 63, as in orders or sales.orders"

_WITHOUT_LINES = ("utf-7", "hz", "iso2022")
"""Encodings in which the byte of a line break may be part of something else."""


@frozen(kw_only=True)
class Tolerance:
    """How many faulty rows a valid file may have: a number of rows, or a share of them in percent."""

    rows: int | None = None
    percent: Decimal | None = None

    def allows(self, faulty: int, rows: int) -> bool:
        """Return whether this number of faulty rows is within the tolerance, in a file of that number of rows."""
        if self.percent is not None:
            return 100 * faulty <= self.percent * rows
        return faulty <= (self.rows or 0)


class LoadMode(StrEnum):
    """What happens to the rows that the table has already."""

    APPEND = "append"
    """They stay, but for those that an earlier attempt at the same upload loaded."""
    REPLACE = "replace"
    """They are removed."""
    UPSERT = "upsert"
    """Those with the same primary key are updated."""


@frozen(kw_only=True)
class Load:
    """Asks for the accepted rows in a table of PostgreSQL."""

    table: str
    """`table` or `schema.table`, in lower case."""
    mode: LoadMode = LoadMode.APPEND


@frozen(kw_only=True)
class DatasetOptions:
    """The options of a dataset. Without the property `assay` it has none of them."""

    tolerance: Tolerance | None = None
    split: bool = False
    """Whether accepted and rejected rows are written to two files."""
    load: Load | None = None

    @property
    def marks_rows(self) -> bool:
        """Whether it must be known which rows are faulty."""
        return self.tolerance is not None or self.split or self.load is not None

    @classmethod
    def from_node(cls, node: Node, *, has_primary_key: bool, dialect: Dialect | None) -> Self:
        """Parse the property `assay`; raises SchemaInvalid with the path of what is wrong."""
        _refuse_unknown(node, _OPTIONS)
        load = node.get("load", _load, None)
        if load and load.mode is LoadMode.UPSERT and not has_primary_key:
            path = Node(None, f"{node.path}.load.mode")
            path.refuse("upsert merges rows by the primary key: add a primaryKey to the schema, or choose append")
        split = node.get("split", descriptor.boolean, default=False)
        if split and dialect:
            refuse_unsplittable(dialect)
        return cls(
            tolerance=node.get("tolerance", _tolerance, None),
            split=split,
            load=load,
        )


def refuse_unsplittable(dialect: Dialect) -> None:
    """Raise SchemaInvalid if files of this dialect cannot be split."""
    if max(dialect.comment_rows, default=0) > dialect.rows_above:
        raise SchemaInvalid(
            "$.dialect.commentRows: splitting would give these rows another number: mark comments by a commentChar, or "
            "do without split"
        )
    if dialect.encoding.startswith(_WITHOUT_LINES):
        raise SchemaInvalid(f"$.dialect.encoding: files in {encoding_label(dialect.encoding)} cannot be split")


def _tolerance(node: Node) -> Tolerance:
    _refuse_unknown(node, ("rows",))
    rows = node.child("rows") or node.refuse('expected the member rows: a number such as 100, or a share such as "1%"')
    if isinstance(rows.value, int) and not isinstance(rows.value, bool) and rows.value >= 0:
        return Tolerance(rows=rows.value)
    share = _PERCENTAGE.fullmatch(rows.value) if isinstance(rows.value, str) else None
    if share is None or Decimal(share[1]) > _ALL:
        rows.refuse('expected a whole number of rows, such as 100, or a share of up to 100 percent, such as "1%"')
    return Tolerance(percent=Decimal(share[1]))


def _load(node: Node) -> Load:
    _refuse_unknown(node, ("table", "mode"))
    table = node.child("table") or node.refuse("expected the member table: the name of a table")
    if not _TABLE.fullmatch(table.as_(str)):
        table.refuse(f"expected the name of a table: {_TABLE_FORM}")
    return Load(table=table.value, mode=node.get("mode", _mode, LoadMode.APPEND))


def _mode(node: Node) -> LoadMode:
    return LoadMode(descriptor.one_of(*LoadMode)(node))


def _refuse_unknown(node: Node, known: Sequence[str]) -> None:
    """Refuse members that mean nothing: a misspelt one would silently change what happens to the rows."""
    for name, child in node.members():
        if name not in known:
            child.refuse(f"unknown; {_listed(known)}")


def _listed(known: Iterable[str]) -> str:
    return f"there is {', '.join(known)}"
