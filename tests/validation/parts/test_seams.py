"""Parts are put in a row by the offsets at which they begin and end."""

import tracemalloc
from itertools import islice

import pytest
from attrs import define, field

from chalicelib.validation import validate
from chalicelib.validation.fast.engines import Engine
from chalicelib.validation.fast.native.engine import NativeChecker
from chalicelib.validation.parts import chained, entry, finish, plan, validate_part, validation
from chalicelib.validation.reading.record_reader import RecordReader
from tests.validation.fast.native.kernels import needs_kernel
from tests.validation.verdicts import schema_of

SCHEMA = schema_of({"type": "integer"}, {}, {})


@define
class CountingSource:
    """A file in memory that counts how many bytes are read."""

    data: bytes
    count: int = field(default=0)

    @property
    def size(self) -> int:
        """The number of bytes."""
        return len(self.data)

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` to `end`."""
        self.count += end - start
        return self.data[start:end]


def read_in_parts(data: bytes, part_bytes: int) -> float:
    """Validate a file in parts, compare the report with that of the whole, and return how often it was read."""
    source = CountingSource(data)
    made = plan(source, SCHEMA, part_bytes=part_bytes)
    source.count = 0
    reports = [validate_part(source, made, at) for at in range(len(made.ends))]
    assert validate([data], SCHEMA) == finish(made, chained(source, made, reports))
    return source.count / len(data)


def test_a_part_that_begins_inside_of_a_table_in_a_cell_is_read_once_more() -> None:
    """The rows of the inner table look like those of the file."""
    inner = "".join(f"{at},x,y\n" for at in range(30_000))
    rows = "".join(f'{at},"{inner}",z\n' for at in range(10))
    assert read_in_parts(f"a,b,c\n{rows}".encode(), 300_000) < 2.6


def test_text_of_many_lines_in_cells_is_read_once() -> None:
    """Of its lines none looks like a record."""
    lines = "the text of a cell, over several lines\n" * 30
    rows = "".join(f'{at},"{lines}",z\n' for at in range(2_000))
    assert read_in_parts(f"a,b,c\n{rows}".encode(), 300_000) < 1.5


def test_a_quote_that_is_never_closed_costs_one_more_reading_of_the_rest() -> None:
    """The parts behind it, which lie inside of its record, are not read again."""
    rows = "".join(f"{at},x,z\n" for at in range(600_000))
    assert read_in_parts(f'a,b,c\n{rows}7,"x,z\n{rows}'.encode(), 1_000_000) < 2.6


@pytest.mark.parametrize("engine", Engine)
@pytest.mark.parametrize("part_bytes", [300, 1000, 1999, 2001, 5000])
def test_records_may_be_as_large_as_a_part_is_read_beyond_its_end(
    engine: Engine, part_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Larger ones are read as well, and the chain of reports ends."""
    monkeypatch.setattr(validation, "_LIMIT_BYTES", 2000)
    for size in range(1700, 2300, 23):
        record = f"1,{'x' * size},z\n"
        data = f"a,b,c\n{record * 7}2,x,z\n".encode()
        source = CountingSource(data)
        made = plan(source, SCHEMA, part_bytes=part_bytes, engine=engine)
        reports = [validate_part(source, made, at) for at in range(len(made.ends))]
        chain = list(islice(chained(source, made, reports), 100))
        assert validate([data], SCHEMA) == finish(made, chain)


def test_little_is_read_to_guess_where_a_record_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part without a line break lies inside of a record that is too large, and has no record of its own."""
    monkeypatch.setattr(entry, "_WINDOW_BYTES", 100)
    monkeypatch.setattr(entry, "RECORD_BYTES", 1000)
    source = CountingSource(b'a,b,c\n1,"%b",z\n' % (b'""' * 40_000))
    made = plan(source, SCHEMA, part_bytes=20_000)
    source.count = 0
    report = validate_part(source, made, 1)
    assert (made.ends[1], made.ends[1]) == (report.entry, report.exit)
    assert source.count < 3000


def test_rows_of_other_widths_are_read_once() -> None:
    """Blank and short rows before one with a cell for each column are not taken for the end of a cell."""
    rows = "\n" * 5 + ",,\n" + "1,x\n" * 7 + "2,x,y\n" + "\n" * 9
    assert read_in_parts(f"a,b,c\n{rows * 30_000}".encode(), 300_000) < 1.5


def test_long_records_are_not_read_to_guess_where_one_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind 64 KiB without a line break, the first line break is the guess, even if it is inside of quotes."""
    monkeypatch.setattr(RecordReader, "record", None)
    before = b'a,b,c\n1,"' + b"x" * 100_000
    source = CountingSource(before + b'\nx",y\n2,x,y\n')
    made = plan(source, SCHEMA, part_bytes=1000)
    assert len(before) + 1 == entry.guessed_entry(source, made, 2000, source.size)


@needs_kernel
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_a_record_of_many_cells_that_a_part_cuts_takes_no_memory_for_each(line_break: str) -> None:
    """Each cell would take more than 8 bytes as text in a list, and some 200 as an error."""
    cells = 400_000
    data = f"a,b,c{line_break}{'1,' * cells}1{line_break}1,2,3{line_break}".encode()
    source = CountingSource(data)
    made = plan(source, SCHEMA, part_bytes=cells, engine=Engine.NATIVE)
    tracemalloc.start()
    report = validate_part(source, made, 0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (1, len(data) - len(f"1,2,3{line_break}"), cells + 1 - 3) == (
        report.row_count,
        report.exit,
        report.error_count,
    )
    assert peak < 8 * cells


@needs_kernel
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_the_kernel_reads_on_until_a_record_ends_that_a_part_cuts(
    line_break: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is in its cells: the reference would take seconds for some megabytes of quotes."""
    monkeypatch.setattr(NativeChecker, "_check_next_by_reference", None)
    text = f'a ""quoted"" line{line_break}' * 20_000
    last = f"2,x,y{line_break}"
    data = f'a,b,c{line_break}1,"{text}",z{line_break}{last}'.encode()
    source = CountingSource(data)
    report = validate_part(source, plan(source, SCHEMA, part_bytes=100_000, engine=Engine.NATIVE), 0)
    assert (1, len(data) - len(last), 0) == (report.row_count, report.exit, report.error_count)
