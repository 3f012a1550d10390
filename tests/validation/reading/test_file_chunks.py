"""A regular file that is read by its descriptor has the report of its bytes."""

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
    monkeypatch.setattr(source, "MIN_WHOLE_FILE_BYTES", 0)
    monkeypatch.setattr(source, "MAX_END_MARKS", 8)
    return tmp_path / "file.csv"


@pytest.mark.parametrize("block_bytes", [8, 16, 64, 1000, 4096])
@pytest.mark.parametrize(
    "end",
    [
        b"",
        b"\x1a",
        b"7,x\x1a\x1a\r\n",
        b"\x1a" * 9,
        b"\x1a" * 20,
        b"x\x1a\x1a\x1a\x1a\n\x1a",
        b"8",
        b'9,"open\n',
        b"\n" * 40,
    ],
)
def test_report_of_a_path_equals_that_of_its_bytes(path: Path, end: bytes, block_bytes: int) -> None:
    """It does not depend on where a Ctrl-Z is, and where blocks end."""
    rng = Random(block_bytes)  # noqa: S311 - the same every time
    data = b"a,b\n" + b"".join(rng.choices(ROWS, k=300)) + end
    path.write_bytes(data)
    expected = validate([data], SCHEMA, engine="reference")
    for engine in ("native", "portable", "reference"):
        assert expected == validate(path, SCHEMA, engine=engine, processes=1, block_bytes=block_bytes)


def test_each_byte_is_read_once(path: Path) -> None:
    """The iteration and `read_into` share one position."""
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


def test_file_that_becomes_shorter_raises_oserror(path: Path) -> None:
    """A report on the rest would be wrong."""
    path.write_bytes(b"a,b\n" + b"1,x\n" * 100_000)

    def shorten(_errors: int, _bytes: int) -> None:
        os.truncate(path, 5000)

    with pytest.raises(OSError, match="the file became shorter"):
        validate(path, None, processes=1, block_bytes=1000, engine="native", watch=shorten)


def test_bytes_that_are_appended_meanwhile_are_not_read(path: Path) -> None:
    """A record may be incomplete while it is being written."""
    path.write_bytes(b"a,b\n" + b"1,x\n" * 100_000)

    def append(_errors: int, _bytes: int) -> None:
        with path.open("ab") as file:
            file.write(b"2")

    report = validate(path, None, processes=1, block_bytes=1000, engine="native", watch=append)
    assert (100_000, 0) == (report.row_count, report.error_count)
