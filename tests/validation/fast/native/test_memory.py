"""The memory that a record takes, whatever its cells and its end: a few times its size."""

import tracemalloc
from collections.abc import Iterator

import pytest

from chalicelib.validation import validate
from chalicelib.validation.fast.native.library import library
from chalicelib.validation.reading.records import RECORD_BYTES
from tests.validation.verdicts import schema_of

pytestmark = pytest.mark.skipif(library() is None, reason="the native engine is not built")

MANY_CELLS = b",yz" * (RECORD_BYTES // 3 - 1)
ONE_CELL = b",%b" % (b"y" * (RECORD_BYTES - 10))


def chunks(data: bytes) -> Iterator[bytes]:
    """Yield data in small pieces."""
    yield from (data[at : at + 65536] for at in range(0, len(data), 65536))


@pytest.mark.parametrize("end", [b"", b"\n", b"\r"])
@pytest.mark.parametrize("cells", [MANY_CELLS, ONE_CELL], ids=["many", "one"])
def test_the_largest_record_takes_a_few_times_its_size(cells: bytes, end: bytes) -> None:
    """The last record takes no more if no line break ends it, and its cells are not held one by one."""
    source = b"a,b\n1,2\nx" + cells + end
    validate(chunks(b"a,b\n" + b"1,2\n" * 100_000), schema_of({}, {}), engine="native")
    tracemalloc.start()
    report = validate(chunks(source), schema_of({}, {}), engine="native")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert cells.count(b",") - 1 == report.error_count
    assert 2 == report.row_count
    assert peak < 3 * RECORD_BYTES
