"""The memory that a record takes, whatever its cells and its end: a few times its size."""

import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from chalicelib.validation import validate
from chalicelib.validation.fast.native.library import library
from chalicelib.validation.reading.records import RECORD_BYTES
from chalicelib.validation.reporting import report
from chalicelib.validation.reporting.report import FullReport
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
    found = validate(chunks(source), schema_of({}, {}), engine="native")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert cells.count(b",") - 1 == found.error_count
    assert 2 == found.row_count
    assert peak < 3 * RECORD_BYTES


def test_keys_take_the_same_memory_however_often_one_occurs() -> None:
    """A key that must be unique, in 1.5 million rows that all have the same."""
    script = """
from itertools import chain

from chalicelib.validation import validate
from tests.benchmarks.measure import peak_bytes

rows = (b"same,1\\n" * 15_000 for _ in range(100))
schema = {"fields": [{"name": "a"}, {"name": "b"}], "uniqueKeys": [["a"]]}
found = validate(chain([b"a,b\\n"], rows), schema)
print(found.error_count, peak_bytes())
"""
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own command line
    error_count, peak = map(int, run.stdout.split())
    assert 1_499_999 == error_count
    assert peak < 64 * 1024 * 1024


def test_a_report_takes_the_cells_that_it_may_show() -> None:
    """A record with more cells than columns is read up to those that the report has room for, with their neighbours."""
    lines: dict[str, list[bytes]] = {"native": [], "reference": []}
    for engine, written in lines.items():
        full = FullReport(written.append)
        with patch.object(report, "MAX_LINES", 40):
            validate(
                [b"a,b\n1,2\n" + b"x,y,%b\n" % b",".join([b"z", b'"q"'] * 50)],
                schema_of({}, {}),
                sink=full,
                engine=engine,
            )
    assert 40 == len(lines["native"])
    assert lines["reference"] == lines["native"]
