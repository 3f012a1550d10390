"""What mends the errors that a report lists: decided over all of them, in little memory."""

import tracemalloc
from collections.abc import Iterator

import pytest

from chalicelib.validation.reading.records import Record
from chalicelib.validation.repair.listed import ListedErrors, Repairs
from chalicelib.validation.report import ErrorCode, ValidationError
from chalicelib.validation.schema.table_schema import Schema
from chalicelib.validation.sink import Beginning, FileColumns


def listed(kind: str, records: Iterator[tuple[str, ...]]) -> ListedErrors:
    """Return the errors of records whose first cell is in error."""
    errors = ListedErrors()
    for row, cells in enumerate(records, start=2):
        error = ValidationError(
            row=row, line=row, column="c", field=1, code=ErrorCode.TYPE_ERROR, message=f"expected a {kind}"
        )
        assert errors.add(error, Record(row=row, line=row, cells=cells)) == (1, cells[0])
    return errors


def repairs(kind: str, errors: ListedErrors, count: int) -> Repairs:
    """Return the repairs of the errors of a column."""
    schema = Schema.from_descriptor({"fields": [{"name": "c", "type": kind}]})
    columns = FileColumns(names=("c", None), fields=(*schema.fields, None))
    return errors.repairs(Beginning(), columns, {("c", ErrorCode.TYPE_ERROR): count})


def test_last_cell_decides_how_the_first_one_is_read() -> None:
    """Thousands of cells that may be read either way are between them."""
    days = [
        f"{day:02}/{month:02}/{year}" for year in range(1900, 1914) for month in range(1, 13) for day in range(1, 13)
    ]
    unclear = repairs("date", listed("date", ((day,) for day in days)), len(days))
    assert ("1900-02-01", "1900-01-02") == unclear.suggestion((1, "01/02/1900")).choices
    proven = repairs("date", listed("date", ((day,) for day in [*days, "13/01/1900"])), len(days) + 1)
    assert ["1900-02-01", "1913-12-12"] == [proven.suggestion((1, day)).text for day in ("01/02/1900", days[-1])]
    assert [(len(days) + 1, True)] == [(each.count, each.exact) for each in proven.all]


def test_different_cells_take_little_memory() -> None:
    """Their suggestions are made when their lines are written."""
    cells = [f"{number},50 EUR" for number in range(4_000)]
    assert repairs("number", listed("number", iter([("1,50 EUR",)])), 1).all  # expressions are compiled once
    tracemalloc.start()
    found = repairs("number", listed("number", ((cell,) for cell in cells)), len(cells))
    suggestions = (found.suggestion((1, cell)).text for cell in cells)
    assert all(text == f"{number}.50" for number, text in enumerate(suggestions))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < len(cells) * 250


def test_long_cells_beside_errors_are_not_kept() -> None:
    """A record has up to 4 MiB, and 2,000 are looked at."""
    tracemalloc.start()
    errors = listed("number", ((f"{row},50", f"{row}" * 10_000) for row in range(300)))
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < 1_000_000
    assert repairs("number", errors, 300).suggestion((1, "7,50")).text == "7.50"


def test_cells_beside_errors_are_kept_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wide records fill it before the first 2,000 are read."""
    monkeypatch.setattr("chalicelib.validation.mendable.MOST_BYTES", 50_000)
    tracemalloc.start()
    errors = listed("number", ((f"{row},50", *(f"{row} {at}" for at in range(100))) for row in range(50)))
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept < 100_000
    assert repairs("number", errors, 50).suggestion((1, "7,50")).text == "7.50"
