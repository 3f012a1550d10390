"""From bytes to records: RFC 4180, strictly, wherever the blocks end."""

import io
from collections.abc import Sequence

import pytest

from chalicelib.validation.reading.grammar import (
    NOT_UTF8,
    NUL,
    QUOTE_INSIDE,
    SPACE_AFTER_QUOTE,
    SPACE_BEFORE_QUOTE,
    TEXT_AFTER_QUOTE,
    UNTERMINATED,
)
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import Fault
from tests.validation.reading.plain_reader import read

BOM = b"\xef\xbb\xbf"

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
