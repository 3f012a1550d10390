"""The report: how many errors there are, and which of them it lists."""

import io
import tracemalloc

import pytest

from chalicelib.validation import MAX_ERRORS, Dialect, Schema, validate
from tests.validation.verdicts import places, schema_of

TWO = schema_of({}, {})


@pytest.mark.parametrize(("rows", "listed"), [(99, 99), (100, 100), (101, 100), (2500, 100)])
def test_error_count_is_exact_and_the_first_errors_are_listed(rows: int, listed: int) -> None:
    """The list is trimmed, the count is not."""
    report = validate([b"a\n", b"x\n" * rows], schema_of({"type": "integer"}))
    assert (rows, rows) == (report.error_count, report.row_count)
    assert [(row, row, 1, "a", "type-error") for row in range(2, 2 + listed)] == places(report)
    assert MAX_ERRORS >= len(report.errors)


@pytest.mark.parametrize("max_errors", [0, 1, 2, 3, 4, 5, 100])
def test_max_errors_trims_within_a_row_too(max_errors: int) -> None:
    """The first ones in the order of the file, header included."""
    schema = schema_of({"type": "integer"}, {"type": "integer"})
    data = b"a,\n1,u\nv,w\n2,3\n4\n"
    everything = places(validate([data], schema))
    report = validate([data], schema, max_errors=max_errors)
    assert 5 == report.error_count
    assert everything[:max_errors] == places(report)
    assert not report.valid


def test_row_count_is_of_the_records_below_the_header() -> None:
    """Faulty and blank ones included, lines within cells not."""
    assert 5 == validate([b'a,b\n1,2\n\n"3\n4",5\n6\n7,8"\n'], TWO).row_count


def test_schema_and_dialect_may_be_compiled_already() -> None:
    """A compiled schema can be used for many files."""
    schema = schema_of({"type": "integer"}, {})
    expected = validate([b"1;x\ny;z\n"], schema, dialect={"delimiter": ";", "header": False})
    compiled = Schema.from_descriptor(schema)
    dialect = Dialect(delimiter=";", header=False)
    assert expected == validate(io.BytesIO(b"1;x\ny;z\n"), compiled, dialect=dialect)
    assert [(2, 2, 1, "a", "type-error")] == places(expected)


def test_errors_are_counted_by_code_and_by_column() -> None:
    """All of them, not only those that are listed; `file` is the file as a whole."""
    schema = schema_of({"type": "integer", "constraints": {"unique": True}}, {"type": "date"})
    data = b"a,b\nx,y\n1,2024-02-29\n1,\n,\n2\n"
    for max_errors in (1, 100):
        report = validate([data], schema, max_errors=max_errors)
        assert {"type-error": 2, "unique-error": 1, "blank-row": 1, "missing-cell": 1} == report.counts_by_code
        assert {"a": 2, "b": 2} == report.counts_by_column


def test_a_compiled_schema_remembers_no_file() -> None:
    """What must be unique is so within one file."""
    schema = Schema.from_descriptor(schema_of({"constraints": {"unique": True}}, primaryKey="a"))
    reports = [validate([b"a\nx\n"], schema) for _ in range(2)]
    assert [True, True] == [report.valid for report in reports]


def test_watch_receives_the_numbers_of_errors_and_bytes_so_far() -> None:
    """They never fall, and end with the number in the report and the size of the file."""
    seen: list[tuple[int, int]] = []
    data = b"a,b\n" + b'x"y,1\n' * 3 + b"x,1\n" * 3
    report = validate([data], TWO, watch=lambda *numbers: seen.append(numbers))
    assert sorted(seen) == seen
    assert 3 == report.error_count
    assert (3, len(data)) == seen[-1]


def test_errors_that_are_not_listed_take_no_memory() -> None:
    """A row of many thousand faults costs no more than its cells, and a header what its columns cost."""
    commas = b"," * 16_000
    tracemalloc.start()
    assert 15_999 == validate([b"a,b\nx" + commas], TWO, max_errors=2).error_count
    _, peak_of_row = tracemalloc.get_traced_memory()
    assert 16_000 == validate([b"a,b" + commas], TWO, max_errors=2).error_count
    _, peak_of_header = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_of_row < 2 * 1024 * 1024
    assert peak_of_header < 24 * 1024 * 1024
