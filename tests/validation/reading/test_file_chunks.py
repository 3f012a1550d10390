"""A regular file is read to where it is scanned, and has the verdict of its bytes."""

import os
from pathlib import Path
from random import Random

import pytest

from chalicelib.validation import validate
from chalicelib.validation.reading import source
from chalicelib.validation.reading.source import FileChunks
from tests.validation.verdicts import schema_of

SCHEMA = schema_of({"type": "integer"}, {"type": "string"}, primaryKey="a")
ROWS = (b"1,x\n", b"2,\x1a\n", b'3,"a\r\nb"\r\n', b"4\n", b"\x1a,\xff\n", b"\x1a\x1a\r\n", b'5,"%b"\n' % (b"y" * 3000))


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a file to be written, which need not be large."""
    monkeypatch.setattr(source, "MIN_BYTES_IN_PARTS", 0)
    monkeypatch.setattr(source, "MAX_END_MARKS", 8)
    return tmp_path / "file.csv"


@pytest.mark.parametrize("block_bytes", [16, 64, 1000, 4096])
@pytest.mark.parametrize("end", [b"", b"\x1a", b"7,x\x1a\x1a\r\n", b"\x1a" * 9, b"8", b'9,"open\n', b"\n" * 40])
def test_a_file_has_the_verdict_of_its_bytes(path: Path, end: bytes, block_bytes: int) -> None:
    """Wherever a Ctrl-Z is, and however the blocks are cut."""
    rng = Random(block_bytes)  # noqa: S311 - the same every time
    data = b"a,b\n" + b"".join(rng.choices(ROWS, k=300)) + end
    path.write_bytes(data)
    expected = validate([data], SCHEMA, engine="reference")
    for engine in ("native", "portable", "reference"):
        assert expected == validate(path, SCHEMA, engine=engine, processes=1, block_bytes=block_bytes)


def test_each_byte_is_read_once(path: Path) -> None:
    """In a chunk, or to where it is needed."""
    data = Random(1).randbytes(10_000)  # noqa: S311 - the same every time
    path.write_bytes(data)
    with path.open("rb") as file:
        chunks = FileChunks(file.fileno(), 1000)
        room = memoryview(bytearray(300))
        first = next(iter(chunks))
        found = [first, *(bytes(room[:size]) for size in iter(lambda: chunks.read_into(room), 0)), *chunks]
    assert data == b"".join(found)
    assert 1000 == len(first)
    assert 300 == len(found[1])
    assert 16 == len(found[-1])  # where Ctrl-Z may be
    assert 10_000 == chunks.size


def test_a_file_that_becomes_shorter_is_no_shorter_file(path: Path) -> None:
    """A verdict on what is left of it would be wrong."""
    path.write_bytes(b"a,b\n" + b"1,x\n" * 100_000)

    def shorten(_errors: int, _bytes: int) -> None:
        os.truncate(path, 5000)

    with pytest.raises(OSError, match="the file became shorter"):
        validate(path, None, processes=1, block_bytes=1000, engine="native", watch=shorten)


def test_a_file_that_becomes_longer_is_read_as_it_was(path: Path) -> None:
    """Otherwise a record that is being written might be read in part."""
    path.write_bytes(b"a,b\n" + b"1,x\n" * 100_000)

    def append(_errors: int, _bytes: int) -> None:
        with path.open("ab") as file:
            file.write(b"2")

    report = validate(path, None, processes=1, block_bytes=1000, engine="native", watch=append)
    assert (100_000, 0) == (report.row_count, report.error_count)
