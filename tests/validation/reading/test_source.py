"""Sources are binary; a declared encoding is read, and what cannot be decoded is an error of its cell."""

import io
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import pytest

from chalicelib.validation import Dialect, validate
from chalicelib.validation.reading import source
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import Record
from chalicelib.validation.reading.source import blocks, in_utf8
from tests.validation.reading.plain_reader import RFC_4180, read
from tests.validation.verdicts import Place, found, schema_of

SCHEMA = schema_of({"type": "string", "constraints": {"maxLength": 3}}, {"type": "integer"})


@pytest.mark.parametrize(
    ("declared", "codec", "cell"),
    [
        *((name, "utf-8", "é€😀") for name in ("utf-8", "UTF-8", "utf8", "UTF8", "Utf_8", "ascii")),
        *((name, "utf-8-sig", "é€😀") for name in ("utf-8", "utf-8-sig")),
        *((name, "utf-16", "é€😀") for name in ("utf-16", "UTF-16", "utf16", "utf_16", "utf-16le")),
        *((name, "utf-16-le", "é€😀") for name in ("utf-16le", "UTF-16LE", "utf-16-le")),
        *((name, "utf-16-be", "é€😀") for name in ("utf-16be", "UTF-16BE", "utf-16-be")),
        *((name, "latin-1", "é\x80ÿ") for name in ("latin-1", "latin1", "ISO-8859-1", "iso8859-1")),
        *((name, "cp1252", "é€ÿ") for name in ("windows-1252", "cp1252", "Windows-1252")),
    ],
)
def test_a_declared_encoding_is_read(declared: str, codec: str, cell: str) -> None:
    """Under any of its names, with a byte order mark or without."""
    data = f'a,b\r\n"{cell}",1\r\n{cell}x,y\r\n'.encode(codec)
    expected = [(3, 3, 1, "a", "constraint-error"), (3, 3, 2, "b", "type-error")]
    for size in (1, 3, 1000):
        chunks = [data[at : at + size] for at in range(0, len(data), size)]
        assert expected == found(chunks, SCHEMA, dialect={"encoding": declared})


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_a_byte_order_mark_is_obeyed(codec: str) -> None:
    """UTF-16 with a mark is of either order."""
    data = "\ufeffa,b\n€,1\n".encode(codec)
    assert [] == found(data, SCHEMA, dialect={"encoding": "utf-16"})
    assert [] == found(data, SCHEMA, dialect={"encoding": codec})


@pytest.mark.parametrize(
    ("encoding", "data", "errors"),
    [
        ("utf-8", b"a,b\nx,1\n\xe9,2\nx,3\n", [(3, 3, 1, "a", "encoding-error")]),
        (
            "windows-1252",
            b"a,b\nx,1\n\x81,2\n\x80\x8dx,\x9d\nx,3\n",
            [(3, 3, 1, "a", "encoding-error"), (4, 4, 1, "a", "encoding-error"), (4, 4, 2, "b", "encoding-error")],
        ),
        (
            "utf-16-le",
            "a,b\nx,1\n?,2\nx,3\n".encode("utf-16-le").replace(b"?\0", b"\0\xd8"),
            [(3, 3, 1, "a", "encoding-error")],
        ),
        (
            "utf-16-be",
            "a,b\nx,1\n?,2\nx,3\n".encode("utf-16-be").replace(b"\0?", b"\xdc\0"),
            [(3, 3, 1, "a", "encoding-error")],
        ),
        (
            "utf-16",
            "a,b\nx,1\n?,2\nx,3\n".encode("utf-16").replace(b"?\0", b"\0\xdc"),
            [(3, 3, 1, "a", "encoding-error")],
        ),
        ("utf-16-le", "a,b\nx,1\nx,2".encode("utf-16-le")[:-1], [(3, 3, 2, "b", "encoding-error")]),
        ("utf-16-le", "a,b\nx,1\nx,\0\n".encode("utf-16-le"), [(3, 3, 2, "b", "encoding-error")]),
        ("utf-16-le", 'a,b\nx"\ud800,1\n'.encode("utf-16-le", errors="surrogatepass"), [(2, 2, 1, "a", "quote-error")]),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_what_cannot_be_decoded_is_an_error_of_its_cell(
    encoding: str, data: bytes, errors: Sequence[Place], size: int
) -> None:
    """Every other cell is read all the same."""
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    assert list(errors) == found(chunks, SCHEMA, dialect={"encoding": encoding})


@pytest.mark.parametrize(
    ("encoding", "name"), [("utf-8", "UTF-8"), ("windows-1252", "windows-1252"), ("utf-16", "UTF-16")]
)
def test_the_message_names_the_encoding_that_was_expected(encoding: str, name: str) -> None:
    """The message says in which encoding to save the file."""
    data = "a,b\n?,1\n".encode("utf-16" if encoding == "utf-16" else "ascii")
    data = data.replace(b"?\0", b"\0\xdc").replace(b"?", b"\x81")
    report = validate([data], SCHEMA, dialect={"encoding": encoding})
    assert [f"not valid {name}: save the file in that encoding"] == [error.message for error in report.errors]


def test_utf_8_is_passed_on_unchanged() -> None:
    """The reader checks it, cell by cell."""
    assert [b"\xff", b"a"] == list(in_utf8(iter([b"\xff", b"a"]), "utf-8"))


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16-le", "utf-16-be"])
def test_characters_that_a_block_cuts_in_two_are_whole(encoding: str) -> None:
    """The bytes may be cut at any offset."""
    text = "a,é\r\nÿ" + "😀" * encoding.startswith("utf-16")
    data = text.encode(encoding)
    for size in range(1, len(data) + 1):
        chunks = (data[at : at + size] for at in range(0, len(data), size))
        assert text == b"".join(in_utf8(chunks, encoding)).decode()


@pytest.mark.parametrize("source", [[b"ab", b"", b"cde", b"f"], io.BytesIO(b"abcdef")])
def test_blocks_are_of_the_size_that_is_wanted_or_more(source: Any) -> None:
    """Only the last block may be shorter."""
    gathered = list(blocks(source, 3))
    assert b"abcdef" == b"".join(gathered)
    assert all(len(block) >= 3 for block in gathered[:-1])


@pytest.mark.parametrize("dialect", [{"encoding": "utf-8"}, {}])
def test_utf_8_is_what_is_read_if_nothing_is_declared(dialect: Mapping[str, Any]) -> None:
    """Without a declared encoding, files are read as UTF-8."""
    assert "utf-8" == Dialect.from_descriptor(dialect).encoding


def test_large_chunks_are_split_into_blocks() -> None:
    """One chunk is checked as the same bytes of a file are: by the fast path, in blocks."""
    assert [100, 100, 50] == [len(block) for block in blocks([bytes(250)], 100)]
    assert [150, 100] == [len(block) for block in blocks([bytes(50), bytes(200)], 100)]


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


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_more_ctrl_z_than_allowed_are_text(end: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the blocks are cut."""
    monkeypatch.setattr(source, "MAX_END_MARKS", 4)
    for count, block_bytes in product(range(1, 14), range(1, 9)):
        reader = RecordReader([b"a\n" + b"\x1a" * count + end], RFC_4180, block_bytes=block_bytes)
        rows = [record.cells for record in reader if isinstance(record, Record)]
        expected = ([["a"]], True) if count + len(end) <= 4 else ([["a"], ["\x1a" * count]], False)
        assert expected == (rows, reader.has_end_mark), (count, block_bytes)


@pytest.mark.parametrize("chunk", [bytearray(b"a\nb\n"), memoryview(b"a\nb\n")])
def test_chunks_may_be_anything_that_holds_bytes(chunk: Any) -> None:
    """Buffers are bytes too."""
    assert read(b"a\nb\n") == read([chunk])


@pytest.mark.parametrize("wrong", [b"a\nb\n", "a\nb\n", ["a\nb\n"], io.StringIO("a\nb\n"), [97]])
def test_text_and_single_numbers_are_no_source(wrong: Any) -> None:
    """A source that would be read wrongly is refused."""
    with pytest.raises(TypeError, match="a binary file or an iterable of bytes"):
        list(RecordReader(wrong, RFC_4180))
