"""Compressed files: their content is checked as far as it can be read, and damage is reported once."""

import gzip
import tracemalloc
import zlib
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.validation import ValidationReport, validate
from chalicelib.validation.reading.content import MAX_RATIO, UNLIMITED_RATIO_BYTES, Content, is_gzip
from chalicelib.validation.reading.source import BLOCK_BYTES
from tests.validation.verdicts import chopped, schema_of

SCHEMA = schema_of({"type": "integer"})
ROWS = b"a\n" + b"".join(b"%d\n" % number for number in range(10_000))
GZIPPED = gzip.compress(ROWS, mtime=0)  # the same in each process, for the tests are called by it


def checked(chunks: Sequence[bytes], *, fast: bool = True, max_bytes: int | None = None) -> ValidationReport:
    """Check a gzip file of integers."""
    return validate(chunks, SCHEMA, gzipped=True, fast=fast, max_bytes=max_bytes)


def codes(report: ValidationReport) -> list[tuple[int | None, str | None, str]]:
    """Return the rows, columns and codes of all errors."""
    return [(error.row, error.column, error.code) for error in report.errors]


FILE_IS_CORRUPT = [(None, "file", "compression-error")]


@pytest.mark.parametrize(
    ("name", "expected"), [("a.csv.gz", True), ("A.CSV.GZ", True), ("a.csv", False), ("gz", False)]
)
def test_a_file_is_decompressed_by_its_name(name: str, *, expected: bool) -> None:
    """The extension's case does not matter."""
    assert expected == is_gzip(name)


@given(cuts=st.lists(st.integers(0, 5000), max_size=5))
@settings(max_examples=30)
def test_a_gzip_file_is_checked_as_what_is_in_it(cuts: list[int]) -> None:
    """The chunks may end at any byte."""
    assert validate([ROWS], SCHEMA) == checked(chopped(GZIPPED, cuts))


@pytest.mark.parametrize("zeros", [0, 1, 512, 9000])
def test_members_follow_each_other_and_zeros_the_last(zeros: int) -> None:
    """One may be empty; a record may begin in one and end in the next."""
    members = [gzip.compress(part) for part in (b"a\n1", b"2\n", b"", b"x\n")]
    for size in (1, 7, 1000):
        data = b"".join(members) + bytes(zeros)
        report = checked([data[at : at + size] for at in range(0, len(data), size)])
        assert ([(3, "a", "type-error")], 2) == (codes(report), report.row_count)


def test_many_small_members_are_read() -> None:
    """Each ends within the piece that it begins in."""
    report = checked([gzip.compress(b"a\n"), gzip.compress(b"1\n") * 5_000])
    assert (True, 5_000) == (report.valid, report.row_count)


def test_a_file_of_no_bytes_is_empty() -> None:
    """A gzip file without content is empty, too."""
    assert [(None, "file", "source-error")] == codes(checked([]))
    assert [(None, "file", "source-error")] == codes(checked([gzip.compress(b"")]))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (ROWS, "not compressed by gzip"),
        (b"\0" + GZIPPED, "not compressed by gzip"),
        (b"\x1f", "ends too early"),
        (GZIPPED[:20], "ends too early"),
        (GZIPPED[:-1], "ends too early"),
        (GZIPPED + b"\x1f\x8b", "ends too early"),
        (GZIPPED + b"x", "followed by other data"),
        (GZIPPED + bytes(5) + b"x", "followed by other data"),
        (GZIPPED[:-8] + bytes(4) + GZIPPED[-4:], "corrupt"),
        (GZIPPED[:12] + bytes(200) + GZIPPED[212:], "corrupt"),
        (b"\x1f\x8b\x09" + GZIPPED[3:], "corrupt"),
    ],
    ids=lambda each: each if isinstance(each, str) else None,
)
def test_what_cannot_be_decompressed_is_one_error_of_the_file(data: bytes, words: str) -> None:
    """The message says what is wrong and what to do."""
    report = checked([data])
    assert FILE_IS_CORRUPT == codes(report)
    assert words in report.errors[0].message


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("last", [b"", b"2", b"x", b'"', b'"x\n', b",,,,"])
def test_rows_before_that_keep_their_errors(last: bytes, *, fast: bool) -> None:
    """The record that is cut off is not checked, because its end is unknown."""
    rows = b"a\n1\nx\n" + b"2\n" * 50_000
    broken = zlib.compressobj(wbits=31)
    report = checked([broken.compress(rows + last) + broken.flush(zlib.Z_FULL_FLUSH)], fast=fast)
    assert [*FILE_IS_CORRUPT, (3, "a", "type-error")] == codes(report)
    assert (2, 50_002) == (report.error_count, report.row_count)


def test_a_header_that_is_cut_off_is_not_looked_at() -> None:
    """Its labels may be right."""
    broken = zlib.compressobj(wbits=31)
    assert FILE_IS_CORRUPT == codes(checked([broken.compress(b"b") + broken.flush(zlib.Z_FULL_FLUSH)]))


@pytest.mark.parametrize("gzipped", [True, False])
def test_as_many_bytes_as_allowed_are_read(*, gzipped: bool) -> None:
    """And one more is an error of the file."""
    source = [GZIPPED] if gzipped else [ROWS]
    assert validate(source, SCHEMA, gzipped=gzipped, max_bytes=len(ROWS)).valid
    report = validate(source, SCHEMA, gzipped=gzipped, max_bytes=len(ROWS) - 1)
    assert [(None, "file", "oversized-file")] == codes(report)
    assert "and 48,891 are allowed: split it, or have MAX_OBJECT_BYTES raised" in report.errors[0].message


def zeros(size: int) -> Iterator[bytes]:
    """Compress a file of very many zeros, and nothing else."""
    member = zlib.compressobj(9, wbits=31)
    for _ in range(size // BLOCK_BYTES):
        yield member.compress(b"0" * BLOCK_BYTES)
    yield member.flush()


def test_decompression_bomb_is_an_error() -> None:
    """A file that expands beyond the ratio is an error, once it is large."""
    content = Content(zeros(UNLIMITED_RATIO_BYTES + BLOCK_BYTES), gzipped=True)
    given_bytes = sum(map(len, content))
    assert content.fault is not None
    assert ("compression-error", True) == (content.fault.code, f"{MAX_RATIO} times" in content.fault.message)
    assert UNLIMITED_RATIO_BYTES - BLOCK_BYTES <= given_bytes <= UNLIMITED_RATIO_BYTES


def test_small_files_may_have_any_ratio() -> None:
    """A small file of one value is no bomb."""
    content = Content(zeros(UNLIMITED_RATIO_BYTES), gzipped=True)
    assert (UNLIMITED_RATIO_BYTES, None) == (sum(map(len, content)), content.fault)


def test_a_bomb_takes_no_memory() -> None:
    """It is decompressed in small parts."""
    (bomb,) = [b"".join(zeros(UNLIMITED_RATIO_BYTES))]
    tracemalloc.start()
    try:
        for data in Content([bomb], gzipped=True):
            assert len(data) <= 256 * 1024
        assert tracemalloc.get_traced_memory()[1] < 2 * 1024 * 1024
    finally:
        tracemalloc.stop()
