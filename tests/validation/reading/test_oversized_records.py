"""Records that are too large: one fault each, in bounded memory, and reading goes on behind them."""

import io
import tracemalloc
from collections.abc import Iterator
from itertools import repeat

import pytest

from chalicelib.validation.reading.grammar import UNTERMINATED
from chalicelib.validation.reading.record_reader import RecordReader
from chalicelib.validation.reading.records import Record, UnreadableRecord
from chalicelib.validation.report import ErrorCode, Fault
from tests.validation.reading.plain_reader import RFC_4180, Records, read

BOM = b"\xef\xbb\xbf"


def oversized(row: int, line: int, record_bytes: int) -> UnreadableRecord:
    """Make the record that stands for one that is larger than `record_bytes`."""
    reason = f"the record is larger than {record_bytes} bytes: is a closing quote missing?"
    return UnreadableRecord(row, line, None, Fault(ErrorCode.OVERSIZED_RECORD, reason))


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
