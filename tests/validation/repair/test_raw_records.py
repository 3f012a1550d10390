"""Records as they are written in a file."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import FieldInvalid
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import Record
from chalicelib.validation.repair.raw_records import RawRecord, RawRecords

DIALECTS: list[Mapping[str, Any]] = [
    {},
    {"delimiter": ";", "skipInitialSpace": True},
    {"quoteChar": "'", "doubleQuote": False, "escapeChar": "\\"},
    {"quoteChar": None},
    {"lineTerminator": "|", "delimiter": ";"},
    {"commentChar": "#"},
]
TEXTS = st.text(alphabet="a1 ,;\"'\\\r\n|#\u00fc", max_size=40)


def raw(data: bytes, dialect: Dialect, size: int) -> list[RawRecord]:
    """Read records from blocks of this size."""
    return list(RawRecords(iter([data[at : at + size] for at in range(0, len(data), size)]), dialect))


@given(text=TEXTS, size=st.integers(1, 50), number=st.integers(0, len(DIALECTS) - 1))
def test_records_together_are_the_file(text: str, size: int, number: int) -> None:
    """Every byte is part of a cell, a delimiter or a line end, wherever blocks end."""
    dialect = Dialect.from_descriptor(DIALECTS[number])
    data = text.encode()
    records = raw(data, dialect, size)
    assert data == b"".join(dialect.delimiter.encode().join(it.cells) + it.end for it in records)


@given(text=TEXTS, size=st.integers(1, 50), number=st.integers(0, len(DIALECTS) - 1))
def test_records_are_those_that_are_checked(text: str, size: int, number: int) -> None:
    """The reader that the reference checker uses finds the same number of cells in each record."""
    dialect = Dialect.from_descriptor(DIALECTS[number])
    data = text.encode()
    read = [record for record in RecordReader([data], dialect) if isinstance(record, Record)]
    found = [record for record in raw(data, dialect, size) if not record.is_verbatim]
    assert [len(record.cells) for record in read] == [len(record.cells) for record in found]


def test_dialect_with_long_tokens_is_refused() -> None:
    """They are not found byte by byte."""
    with pytest.raises(FieldInvalid, match="dialect: files with tokens of several characters are not repaired"):
        raw(b"a||b", Dialect(delimiter="||"), 10)
