"""Encodings: those of Python are read, and a file in another one than declared is recognized."""

import io
import random

import pytest

from chalicelib.validation import validate
from chalicelib.validation.reading.encodings import python_encoding
from tests.validation.verdicts import found, schema_of

SCHEMA = schema_of({"name": "id", "type": "integer"}, {"name": "name"})
TABLE = "id,name\n" + "".join(f"{row},{name}\n" for row, name in enumerate(["Müller", "Köln", "Straße", "plain"]))
OTHER = "windows-1252 or a similar encoding"
FILE_IS_OTHER = f"the file is not UTF-8, but looks like {OTHER}: save it in UTF-8, or declare its encoding"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("windows-1250", "Łódź"),
        ("iso-8859-15", "€ and Œ"),
        ("shift_jis", "東京"),
        ("gb18030", "北京"),
        ("euc-kr", "서울"),
        ("cp437", "é½"),
        ("koi8-r", "Москва"),
        ("mac-roman", "café"),
        ("utf-32", "é"),
        ("utf-7", "é"),
        ("iso2022_jp", "東京"),
    ],
)
def test_encodings_of_python_are_read(encoding: str, text: str) -> None:
    """Blocks may have any size; an undecodable byte is an error of its cell."""
    schema = schema_of({"constraints": {"enum": [text]}}, {"type": "integer"})
    data = f"a,b\n{text},1\n{text},2\n".encode(encoding)
    for size in (1, 3, 1 << 20):
        report = validate(io.BytesIO(data), schema, dialect={"encoding": encoding}, block_bytes=size)
        assert () == report.errors


@pytest.mark.parametrize("name", ["UTF-8", "utf8", "U8", "ascii", "us-ascii", "utf-8-sig"])
def test_parts_of_utf_8_are_read_as_utf_8(name: str) -> None:
    """ASCII is a part of it, and a byte order mark may begin it."""
    assert "utf-8" == python_encoding(name)


def test_file_in_another_single_byte_encoding_has_one_error() -> None:
    """It is an error of the file, not of each cell with a letter beyond ASCII."""
    report = validate([TABLE.encode("latin-1")], SCHEMA)
    assert [("file", "encoding-error", FILE_IS_OTHER)] == [(it.column, it.code, it.message) for it in report.errors]


@pytest.mark.parametrize(
    "names", ["Müller Núñez", "GRÖSSE NÚÑEZ", "Größe weiß", "Íñigo Ordóñez", "São Conceição", "créée agréé"]
)
def test_adjacent_letters_of_western_words_show_another_encoding(names: str) -> None:
    """Two such words suffice, as without adjacent letters."""
    rows = "".join(f"{row},{name}\n" for row, name in enumerate(names.split()))
    report = validate([f"id,name\n{rows}".encode("windows-1252")], SCHEMA)
    assert [("file", "encoding-error", FILE_IS_OTHER)] == [(it.column, it.code, it.message) for it in report.errors]


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("windows-1250", "Dvořák Novák"),
        ("windows-1250", "Příliš Nováček"),
        ("windows-1254", "Küçük Göğüş"),
        ("windows-1257", "rēķins ēķi"),
    ],
)
def test_adjacent_letters_of_other_words_are_errors_of_their_cells(encoding: str, names: str) -> None:
    """Read as windows-1252 they would be wrong letters, and few of them do not show the encoding."""
    rows = "".join(f"{row},{name}\n" for row, name in enumerate(names.split()))
    report = validate([f"id,name\n{rows}".encode(encoding)], SCHEMA)
    assert [("name", "encoding-error")] * 2 == [(error.column, error.code) for error in report.errors]


def test_file_in_a_multi_byte_encoding_has_one_error() -> None:
    """Without words of ASCII letters, many undecodable bytes show it."""
    rows = "".join(f"{row},東京都\n" for row in range(10))
    report = validate([f"id,name\n{rows}".encode("shift_jis")], SCHEMA)
    assert [("file", "encoding-error")] == [(error.column, error.code) for error in report.errors]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (b"id,name\n1,M\xfcller\n2,x\n", [2]),
        (b"id,name\n1,\xff\xff\xff\n2,\xff\n", [2, 3]),
        ("id,name\n1,é\n".encode() + b"2,M\xfcller\n3,K\xf6ln\n4,Stra\xdfe\n", [3, 4, 5]),
        (b"id,name\n1,M\xfcller\n2,\xfc\xfc\xfc\n", [2, 3]),
        ("id,name\n1,Müller\n".encode() + b"2,N\xfa\xf1ez\n3,Gr\xf6\xdfe\n", [3, 4]),
    ],
)
def test_few_undecodable_cells_are_errors_of_their_cells(data: bytes, rows: list[int]) -> None:
    """So are those of a file that has characters of UTF-8."""
    assert [(row, row, 2, "name", "encoding-error") for row in rows] == found(data, SCHEMA)


def test_long_run_of_letters_is_searched_once() -> None:
    """A search that began at each letter of a megabyte would take hours."""
    data = b"id,name\n1,\xff\n2," + b"a" * 2**20 + b"\n"
    assert [(2, 2, 2, "name", "encoding-error")] == found(data, SCHEMA)


def test_character_that_a_sample_cuts_in_two_is_no_other_encoding() -> None:
    """A sample may end within a character."""
    rows = "".join(f"{row},{random.Random(row).choice('abc')}é\n" for row in range(9_000))  # noqa: S311 - no secret
    for shift in range(4):
        assert [] == found(f"id,name\n{'1,x' + 'x' * shift}\n{rows}", SCHEMA)


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252", "utf-16"])
def test_byte_order_mark_of_utf_8_in_another_encoding_has_one_error(encoding: str) -> None:
    """The mark says that the file is UTF-8."""
    report = validate([b"\xef\xbb\xbfid,name\n1,x\n"], SCHEMA, dialect={"encoding": encoding})
    (error,) = report.errors
    label = encoding.upper() if encoding != "windows-1252" else encoding
    expected = f"the file is UTF-8, by its byte order mark: save it in {label}, or declare UTF-8"
    assert ("file", "encoding-error", expected) == (error.column, error.code, error.message)


def test_ascii_that_is_declared_as_utf_16_has_one_error() -> None:
    """Read as UTF-16 it would have labels of Chinese characters."""
    (error,) = validate([b"id,name\n1,x\n2,y\n"], SCHEMA, dialect={"encoding": "utf-16"}).errors
    assert ("file", "encoding-error") == (error.column, error.code)
