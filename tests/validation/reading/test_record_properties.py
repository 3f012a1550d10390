"""Random bytes in random dialects are read as a second, plain reader reads them, wherever the blocks end."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import Record
from tests.validation.reading.plain_reader import plain_records, read

BOM = b"\xef\xbb\xbf"

TEXTS = st.text(
    st.one_of(
        st.sampled_from(',"\r\n x'),
        st.characters(codec="utf-8", exclude_characters="\0\ufeff"),
    ),
    max_size=6,
)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(TEXTS, min_size=width, max_size=width), min_size=1, max_size=5)
)
FRAGMENTS = st.lists(
    st.sampled_from(
        [b'"', b'"', b",", b"\n", b"\r", b"\r\n", b"a", b"bc", b"\0", b"\xff", "é".encode(), "€".encode(), BOM]
    ),
    max_size=25,
).map(b"".join)


@given(
    table=TABLES,
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    newline=st.sampled_from(["\r\n", "\n", "\r"]),
    start=st.sampled_from([b"", BOM]),
    ended=st.booleans(),
)
def test_what_the_csv_module_writes_is_read_back(
    *, table: list[list[str]], quoting: Any, newline: str, start: bytes, ended: bool
) -> None:
    """A written table has its cells, row for row, whatever ends its lines and whether the last is ended."""
    records = []
    for row in table:
        written = io.StringIO(newline="")
        csv.writer(written, quoting=quoting, lineterminator="\r\n").writerow(row)  # quotes both CR and LF
        records.append(written.getvalue().removesuffix("\r\n"))
    data = start + (newline.join(records) + newline * ended).encode()
    assert table == [list(record.cells) for record in read(data) if isinstance(record, Record)]


@given(data=FRAGMENTS, record_bytes=st.integers(1, 30))
def test_reader_agrees_with_a_plain_one(data: bytes, record_bytes: int) -> None:
    """Any bytes are read as the byte-by-byte reader of the whole file reads them."""
    assert list(plain_records(data, record_bytes)) == read(data, record_bytes=record_bytes)


@given(data=FRAGMENTS, record_bytes=st.integers(1, 30), chunks=st.lists(st.integers(0, 9)), block=st.integers(1, 9))
def test_chopping_a_file_changes_nothing(data: bytes, record_bytes: int, chunks: list[int], block: int) -> None:
    """Rows, lines, cells and faults are the same whatever blocks the bytes come in."""
    expected = read(data, record_bytes=record_bytes)
    assert expected == read(_chopped(data, chunks), block_bytes=block, record_bytes=record_bytes)
    assert expected == read(io.BytesIO(data), block_bytes=1, record_bytes=record_bytes)


@given(
    cells=st.lists(st.lists(st.sampled_from([b"\r\n", b"\r\n", b"\r", b"\n", b'""', b","])).map(b"".join), min_size=1),
    record_bytes=st.integers(1, 9),
    block=st.integers(1, 9),
)
def test_lines_of_records_that_are_too_large_are_counted(cells: list[bytes], record_bytes: int, block: int) -> None:
    """A record that is skipped has as many lines as one that is read, wherever the blocks end."""
    data = b",".join(b'"%b"' % cell for cell in cells) + b"\r\nb\n"
    expected = list(plain_records(data, record_bytes))
    assert expected == read(io.BytesIO(data), block_bytes=block, record_bytes=record_bytes)


DIALECTS = st.builds(
    Dialect,
    delimiter=st.sampled_from(",,;\t"),
    quote_char=st.sampled_from(['"', '"', "'", None]),
    double_quote=st.booleans(),
    escape_char=st.sampled_from([None, "\\", "!"]),
    line_terminator=st.sampled_from([None, None, "$"]),
    skip_initial_space=st.booleans(),
    comment_char=st.sampled_from([None, "#", "##"]),
    comment_rows=st.frozensets(st.integers(1, 4), max_size=2),
    skip_blank_rows=st.booleans(),
)
DIALECT_FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *(b'"', b'"', b"'", b",", b",", b";", b"\t", b"\\", b"!", b"$", b"#", b"##", b" ", b"\n", b"\r", b"\r\n"),
            *(b"a", b"bc", b"\0", b"\xff", "é".encode(), BOM),
        ]
    ),
    max_size=25,
).map(b"".join)


@given(data=DIALECT_FRAGMENTS, dialect=DIALECTS, record_bytes=st.integers(1, 30), block=st.integers(1, 9))
def test_reader_agrees_with_a_plain_one_whatever_the_dialect(
    data: bytes, dialect: Dialect, record_bytes: int, block: int
) -> None:
    """Any bytes in any dialect, in blocks of any size, are read as the byte-by-byte reader reads the whole file."""
    expected = list(plain_records(data, record_bytes, dialect))
    for block_bytes in (1, block, 1000):
        reader = RecordReader(io.BytesIO(data), dialect, block_bytes=block_bytes, record_bytes=record_bytes)
        assert expected == list(reader)


def _chopped(data: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    """Cut the data into chunks of these sizes and one of what is left."""
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size
    yield data[at:]


@given(data=st.binary(max_size=60), block=st.integers(1, 9))
def test_arbitrary_bytes_are_read_as_the_plain_reader_reads_them(data: bytes, block: int) -> None:
    """There are no bytes that cannot be read."""
    assert list(plain_records(data, 1000)) == read(io.BytesIO(data), block_bytes=block, record_bytes=1000)
