"""From bytes to records: RFC 4180, strictly, wherever the blocks end."""

import csv
import io
import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.grammar import (
    NOT_UTF8,
    NUL,
    QUOTE_INSIDE,
    SPACE_AFTER_QUOTE,
    SPACE_BEFORE_QUOTE,
    TEXT_AFTER_QUOTE,
    UNTERMINATED,
)
from chalicelib.validation.reading.records import Record, RecordReader, UnreadableRecord
from chalicelib.validation.reading.source import BinaryFile
from chalicelib.validation.report import ErrorCode, Fault
from tests.validation.reading.plain_reader import RFC_4180, plain_records

BOM = b"\xef\xbb\xbf"

Records = list[Record | UnreadableRecord]


def read(source: bytes | BinaryFile | Iterable[bytes], **limits: int) -> Records:
    """Read all records of a file, whole if it is given as bytes."""
    return list(RecordReader([source] if isinstance(source, bytes) else source, RFC_4180, **limits))


def oversized(row: int, line: int, record_bytes: int) -> UnreadableRecord:
    """Make the record that stands for one that is larger than `record_bytes`."""
    reason = f"the record is larger than {record_bytes} bytes: is a closing quote missing?"
    return UnreadableRecord(row, line, None, Fault(ErrorCode.OVERSIZED_RECORD, reason))


# --- what is a record, and what is a cell ---------------------------------------------------------------------------

FILES: Sequence[tuple[str, bytes, Sequence[Sequence[str | Fault]]]] = [
    ("nothing at all", b"", []),
    ("only a BOM", BOM, []),
    ("part of a BOM", BOM[:2], [[NOT_UTF8]]),
    ("a BOM", BOM + b"a,b\n", [["a", "b"]]),
    ("a BOM before a quote", BOM + b'"a",b\n', [["a", "b"]]),
    ("a BOM before a blank line", BOM + b"\na\n", [[""], ["a"]]),
    ("a second BOM is text", BOM + BOM + b"a\n", [["\ufeffa"]]),
    ("a BOM further on is text", b"a\n" + BOM + b"b\n", [["a"], ["\ufeffb"]]),
    ("LF", b"a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
    ("CRLF", b"a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
    ("CR", b"a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
    ("mixed line breaks", b"a\nb\r\nc\rd\n", [["a"], ["b"], ["c"], ["d"]]),
    ("LF CR is two breaks", b"a\n\rb", [["a"], [""], ["b"]]),
    ("CR CR LF is two breaks", b"a\r\r\nb", [["a"], [""], ["b"]]),
    ("no line break at the end", b"a\nb", [["a"], ["b"]]),
    ("CR at the end", b"a\nb\r", [["a"], ["b"]]),
    ("only a line break", b"\n", [[""]]),
    ("only a CR", b"\r", [[""]]),
    ("only a CRLF", b"\r\n", [[""]]),
    ("blank lines are records", b"\n\na\n\n", [[""], [""], ["a"], [""]]),
    ("empty cells", b",\n,,\n", [["", ""], ["", "", ""]]),
    ("a delimiter at the end of the file", b"a,", [["a", ""]]),
    ("a delimiter at the end of a quoted record", b'"a",', [["a", ""]]),
    ("spaces are text", b" a , b \n", [[" a ", " b "]]),
    ("other breaks of Unicode are text", "a\u2028b\x85c\x0bd\x0ce\n".encode(), [["a\u2028b\x85c\x0bd\x0ce"]]),
    ("beyond the BMP", "é,€,😀\n".encode(), [["é", "€", "😀"]]),
    ("a quoted cell", b'"a"\n', [["a"]]),
    ("a quoted cell ends the file", b'a\n"b"', [["a"], ["b"]]),
    ("a quoted delimiter", b'"a,b",c\n', [["a,b", "c"]]),
    ("quoted line breaks stay as they are", b'"a\nb\r\nc\rd",e\n', [["a\nb\r\nc\rd", "e"]]),
    ("a doubled quote", b'"a""b"\n', [['a"b']]),
    ("a doubled quote at either end", b'"""a"""\n', [['"a"']]),
    ("a doubled quote before a delimiter", b'"a"",b",c\n', [['a",b', "c"]]),
    ("quoted and empty", b'""\n', [[""]]),
    ("quoted and empty ends the file", b'a\n""', [["a"], [""]]),
    ("quoted and empty, twice", b'"",""\n', [["", ""]]),
    ("nothing but a quote, quoted", b'""""\n', [['"']]),
    ("nothing but quotes, quoted", b'"""""",a\n', [['""', "a"]]),
    ("quoted after unquoted", b'a,"b",c\r\n', [["a", "b", "c"]]),
    ("spaces inside of quotes", b'" a "\n', [[" a "]]),
    ("a stray quote", b'a"b,c\n', [[QUOTE_INSIDE, "c"]]),
    ("a stray quote at the end", b'a",b\n', [[QUOTE_INSIDE, "b"]]),
    ("a space before the opening quote", b'a, "b"\n', [["a", SPACE_BEFORE_QUOTE]]),
    ("spaces before a quote, and after it", b'a,  "b,c""d" ,e\n', [["a", SPACE_BEFORE_QUOTE, "e"]]),
    ("a space before a quote ends the file", b'a, "b"', [["a", SPACE_BEFORE_QUOTE]]),
    ("a space before a quote that is not closed on the line", b'a, "b\nc"\n', [["a", QUOTE_INSIDE], [QUOTE_INSIDE]]),
    ("a space before a quote, and text behind it", b'a, "b"c,d\n', [["a", QUOTE_INSIDE, "d"]]),
    ("a stray quote does not hide a delimiter", b'a"b,c"\n', [[QUOTE_INSIDE, QUOTE_INSIDE]]),
    ("a stray quote does not hide a line break", b'a"b\nc"\n', [[QUOTE_INSIDE], [QUOTE_INSIDE]]),
    ("doubled quotes in an unquoted cell", b'a""b,c\n', [[QUOTE_INSIDE, "c"]]),
    ("text after the closing quote", b'"a"b,c\n', [[TEXT_AFTER_QUOTE, "c"]]),
    ("a space after the closing quote", b'"a" ,c\n', [[SPACE_AFTER_QUOTE, "c"]]),
    ("text after empty quotes", b'""a,c\n', [[TEXT_AFTER_QUOTE, "c"]]),
    ("quotes after the closing quote", b'"a" "b",c\n', [[TEXT_AFTER_QUOTE, "c"]]),
    ("text after quotes over two lines", b'"a\nb"c,d\ne\n', [[TEXT_AFTER_QUOTE, "d"], ["e"]]),
    ("text after quotes ends the file", b'"a"b', [[TEXT_AFTER_QUOTE]]),
    ("reading goes on after a fault", b'a"\nb\n', [[QUOTE_INSIDE], ["b"]]),
    ("NUL", b"a\0,b\n", [[NUL, "b"]]),
    ("only NUL", b"\0\n", [[NUL]]),
    ("NUL in quotes", b'"\0",b\n', [[NUL, "b"]]),
    ("a lone continuation byte", b"a,\x80,b\n", [["a", NOT_UTF8, "b"]]),
    ("Latin-1", b"caf\xe9,b\n", [[NOT_UTF8, "b"]]),
    ("Latin-1 in quotes", b'"caf\xe9",b\n', [[NOT_UTF8, "b"]]),
    ("truncated UTF-8 before a delimiter", b"\xe2\x82,b\n", [[NOT_UTF8, "b"]]),
    ("truncated UTF-8 ends the file", b"a\n\xf0\x9f\x98", [["a"], [NOT_UTF8]]),
    ("a surrogate", b"\xed\xa0\x80\n", [[NOT_UTF8]]),
    ("a pair of surrogates (CESU-8)", b"\xed\xa0\xbd\xed\xb8\x80\n", [[NOT_UTF8]]),
    ("an overlong slash", b"\xc0\xaf\n", [[NOT_UTF8]]),
    ("an overlong NUL", b"\xc0\x80\n", [[NOT_UTF8]]),
    ("an overlong euro", b"\xf0\x82\x82\xac\n", [[NOT_UTF8]]),
    ("beyond U+10FFFF", b"\xf4\x90\x80\x80\n", [[NOT_UTF8]]),
    ("bytes that are never UTF-8", b"\xfe,\xff\n", [[NOT_UTF8, NOT_UTF8]]),
    ("bad UTF-8 and NUL in one record", b"\xff,\0,c\n", [[NOT_UTF8, NUL, "c"]]),
    ("bad UTF-8 in one record alone", b"\xff\nb\n", [[NOT_UTF8], ["b"]]),
]


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 5, 1000])
@pytest.mark.parametrize(("data", "cells"), [case[1:] for case in FILES], ids=[case[0] for case in FILES])
def test_cells_are_read_as_rfc_4180_has_them(
    data: bytes, cells: Sequence[Sequence[str | Fault]], block_bytes: int
) -> None:
    """Every cell is its text or one fault, and reading goes on after a fault, wherever the blocks end."""
    records = read(io.BytesIO(data), block_bytes=block_bytes)
    assert list(cells) == [record.cells for record in records if isinstance(record, Record)]
    assert list(range(1, len(cells) + 1)) == [record.row for record in records]


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"a\nb\nc\n", [1, 2, 3]),
        (b"a\r\nb\r\nc\r\n", [1, 2, 3]),
        (b"a\rb\rc", [1, 2, 3]),
        (BOM + b"\n\nb", [1, 2, 3]),
        (b'"1\n2"\nb\nc', [1, 3, 4]),
        (b'"1\r\n2"\r\nb\r\nc', [1, 3, 4]),
        (b'"1\r2"\rb\rc', [1, 3, 4]),
        (b'"1\n2\r3\r\n4",x,"4\n5"\rb\n', [1, 6]),
        (b'"1\n\r3"\nb\n', [1, 4]),
        (b'"1\n2"x\nb\n', [1, 3]),
        (b'x"\nb\n', [1, 2]),
        (b'a\n"\n\n\n"\nb', [1, 2, 6]),
    ],
)
def test_line_is_the_physical_line_where_the_record_starts(data: bytes, lines: Sequence[int], block_bytes: int) -> None:
    """Line breaks inside of quotes count as lines; CRLF counts once, on a seam too."""
    assert list(lines) == [record.line for record in read(io.BytesIO(data), block_bytes=block_bytes)]


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    ("data", "row", "line", "field"),
    [
        (b'"', 1, 1, 1),
        (b'"""', 1, 1, 1),
        (b'"a', 1, 1, 1),
        (b'"a""', 1, 1, 1),
        (b'"a,b\nc,d\n', 1, 1, 1),
        (b'a,"b\n', 1, 1, 2),
        (b'a"b,"c', 1, 1, 2),
        (b'a,b\n1,2\n3,"4\n5,6\n7,8\n', 3, 3, 2),
        (b'"a\nb"\n1,2,"\n', 2, 3, 3),
        (b'a,b\r\n"1\r\n2""', 2, 2, 1),
        (b'a\n"\xff\0', 2, 2, 1),
    ],
)
def test_unterminated_quote_is_placed_at_the_cell_that_it_opens(
    data: bytes, row: int, line: int, field: int, block_bytes: int
) -> None:
    """The rest of the file is that cell: one fault, and nothing after it."""
    last = read(io.BytesIO(data), block_bytes=block_bytes)[-1]
    assert UnreadableRecord(row, line, field, UNTERMINATED) == last
    assert row == len(read(data))


# --- records that are too large -------------------------------------------------------------------------------------


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("data", "records"),
    [
        (b"12345\n1234\n", [Record(1, 1, ["12345"]), Record(2, 2, ["1234"])]),
        (b"12345\r\nb", [Record(1, 1, ["12345"]), Record(2, 2, ["b"])]),
        (b"12345\rb", [Record(1, 1, ["12345"]), Record(2, 2, ["b"])]),
        (b"12345", [Record(1, 1, ["12345"])]),
        (BOM + b"12345\n", [Record(1, 1, ["12345"])]),
        (b"123456", [oversized(1, 1, 5)]),
        (b"123456\n", [oversized(1, 1, 5)]),
        (b"123456\rb", [oversized(1, 1, 5), Record(2, 2, ["b"])]),
        (b"123456\r\nb", [oversized(1, 1, 5), Record(2, 2, ["b"])]),
        (b"1,3,5,\nb", [oversized(1, 1, 5), Record(2, 2, ["b"])]),
        (b"a\n1234567890123\n\nb", [Record(1, 1, ["a"]), oversized(2, 2, 5), Record(3, 3, [""]), Record(4, 4, ["b"])]),
        (b"123456\n123456\nb", [oversized(1, 1, 5), oversized(2, 2, 5), Record(3, 3, ["b"])]),
        (b'"123"\nb', [Record(1, 1, ["123"]), Record(2, 2, ["b"])]),
        (b'"1234"\nb', [oversized(1, 1, 5), Record(2, 2, ["b"])]),
        (b'"\n\n\n\n"\nb', [oversized(1, 1, 5), Record(2, 6, ["b"])]),
        (b'"\r\n\r\n\r\n"\r\nb', [oversized(1, 1, 5), Record(2, 5, ["b"])]),
        (b'"\r\n\r\n\r\n\r\n\r\n\r\n\r\n"\r\nb', [oversized(1, 1, 5), Record(2, 9, ["b"])]),
        (b'"\r\r\r\r"\rb', [oversized(1, 1, 5), Record(2, 6, ["b"])]),
        (b'"\n\r\n\r\r\n"\nb', [oversized(1, 1, 5), Record(2, 6, ["b"])]),
        (b'"12""\n34"\nb', [oversized(1, 1, 5), Record(2, 3, ["b"])]),
        (b'1,"2,\n3",4\nb', [oversized(1, 1, 5), Record(2, 3, ["b"])]),
        (b'"12"34"\nb', [oversized(1, 1, 5), Record(2, 2, ["b"])]),
        (b'12"34"5\nb', [oversized(1, 1, 5), Record(2, 2, ["b"])]),
        (b"\0\xff\0\xff\0\xff\nb", [oversized(1, 1, 5), Record(2, 2, ["b"])]),
        (b'123456,"', [UnreadableRecord(1, 1, None, UNTERMINATED)]),
        (b'b\n1,2,3,"4\n5\n6\n', [Record(1, 1, ["b"]), UnreadableRecord(2, 2, None, UNTERMINATED)]),
        (b'"12345678""', [UnreadableRecord(1, 1, None, UNTERMINATED)]),
    ],
)
def test_reading_goes_on_after_a_record_that_is_too_large(data: bytes, records: Records, block_bytes: int) -> None:
    """A record of more than record_bytes, without its line break, is one fault; row and line numbers stay right."""
    assert records == read(io.BytesIO(data), block_bytes=block_bytes, record_bytes=5)


def test_large_records_within_the_limit_are_read_whole() -> None:
    """Many blocks make up one record if it is not too large."""
    cell = "€uro\n" * 2000
    data = f'a,"{cell}",b\nnext\n'.encode()
    expected = [Record(1, 1, ["a", cell, "b"]), Record(2, 2002, ["next"])]
    assert expected == read(io.BytesIO(data), block_bytes=64, record_bytes=len(data))


@pytest.mark.parametrize(
    ("opening", "filling"),
    [
        (b"a,", b"x" * 2048),
        (b"a,", b"x,\xff\0" * 512),
        (b'a,"', b"x" * 2048),
        (b'a,"', b"\r\n" * 1024),
        (b'a,"', b'""' * 1024),
    ],
)
def test_memory_is_bounded_by_a_block_and_a_record(opening: bytes, filling: bytes) -> None:
    """A quarter of a megabyte in one record takes no more than a few times the largest record that is read."""

    def chunks() -> Iterator[bytes]:
        yield opening
        yield from repeat(filling, 128)

    reader = RecordReader(chunks(), RFC_4180, block_bytes=2048, record_bytes=2048)
    tracemalloc.start()
    records = list(reader)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 1 == len(records)
    assert peak < 128 * 1024


# --- sources --------------------------------------------------------------------------------------------------------


def test_empty_chunks_do_not_end_a_file() -> None:
    """An iterable may have nothing to give at a time."""
    assert read(b"a,b\nc\n") == read([b"", b"a,", b"", b"", b"b\nc", b"", b"\n", b""], block_bytes=1)


def test_short_reads_do_not_end_a_file() -> None:
    """A binary file may give less than it is asked for."""

    class Trickle(io.BytesIO):
        """A file that gives one byte at a time."""

        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, 1))

    assert read(b"a,b\nc\n") == read(Trickle(b"a,b\nc\n"), block_bytes=4)


@pytest.mark.parametrize("chunk", [bytearray(b"a\nb\n"), memoryview(b"a\nb\n")])
def test_chunks_may_be_anything_that_holds_bytes(chunk: Any) -> None:
    """Buffers are bytes too."""
    assert read(b"a\nb\n") == read([chunk])


@pytest.mark.parametrize("source", [b"a\nb\n", "a\nb\n", ["a\nb\n"], io.StringIO("a\nb\n"), [97]])
def test_text_and_single_numbers_are_no_source(source: Any) -> None:
    """A source that would be read wrongly is refused."""
    with pytest.raises(TypeError, match="a binary file or an iterable of bytes"):
        list(RecordReader(source, RFC_4180))


# --- properties -----------------------------------------------------------------------------------------------------

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
