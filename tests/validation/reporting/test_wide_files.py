"""Reports on files with very many columns: what they list is bounded, and so is the memory that they take."""

import json
import tracemalloc
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from attrs import evolve

from chalicelib.validation import validate
from chalicelib.validation.repair.listed import MOST_COLUMNS
from chalicelib.validation.reporting import causes
from chalicelib.validation.reporting.causes import MAX_CAUSES
from chalicelib.validation.reporting.files.report_tables import ReportTables
from chalicelib.validation.reporting.report import FinishedReport, FullReport
from chalicelib.validation.reporting.schema_agreement import agreement_of
from tests.validation.reporting.test_report import SUBJECT


def schema_of_width(width: int) -> dict[str, Any]:
    """Make a schema with this number of columns of numbers."""
    return {"fields": [{"name": f"c{at}", "type": "number"} for at in range(width)]}


def report_on(width: int, cell: str) -> tuple[FinishedReport, list[bytes]]:
    """Return the report on a file with one row of equal cells, and its lines."""
    lines: list[bytes] = []
    schema = schema_of_width(width)
    header = ",".join(field["name"] for field in schema["fields"])
    full = FullReport(lines.append)
    report = validate([f"{header}\n{','.join([cell] * width)}\n".encode()], schema, sink=full, engine="reference")
    return full.finish(report, evolve(SUBJECT, agreement=agreement_of("wide", schema))), lines


def test_filter_of_the_page_has_the_causes_with_the_most_errors() -> None:
    """A list of thousands of columns would help no reader, and take megabytes."""
    found, _ = report_on(MAX_CAUSES + 50, "x")
    all_errors = 1
    assert MAX_CAUSES + all_errors == found.page.count(b"</option>")


def test_errors_are_mended_in_a_bounded_number_of_columns() -> None:
    """What mends a column takes milliseconds to decide, for each of up to 16,384 columns."""
    _, lines = report_on(MOST_COLUMNS + 20, "12.5 EUR")
    mended = [b'"suggestion":"12.5"' in line for line in lines]
    assert [True] * MOST_COLUMNS + [False] * 20 == mended


def test_causes_beyond_a_number_keep_their_first_error_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one, which has a suggestion, is the example of the cause that was found while there was room."""
    monkeypatch.setattr(causes, "_MOST_WITH_EXAMPLES", 1)
    full = FullReport(lambda _: None)
    report = validate([b"c0,c1\nx,1\n12 EUR,1\n1,x\n1,12 EUR\n"], schema_of_width(2), sink=full)
    found = json.loads(full.finish(report, SUBJECT).causes)["causes"]
    assert [("c0", "12"), ("c1", None)] == [(cause["column"], cause["suggestion"]) for cause in found]


def peak_bytes(pieces: Callable[[], Iterable[bytes]]) -> tuple[int, int]:
    """Return how much memory it takes to iterate over the pieces, beyond what is held before, and their length."""
    sum(map(len, pieces()))  # what is imported and remembered takes memory once
    tracemalloc.start()
    length = sum(map(len, pieces()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak, length


def test_page_is_rendered_while_it_is_written() -> None:
    """Where the table of what was agreed is most of the page, writing the page takes a fraction of its size."""
    found, _ = report_on(3_000, "1")
    peak, length = peak_bytes(found.page_pieces)
    assert peak < length // 4


def test_errors_of_one_row_are_not_held_together() -> None:
    """Each of a row's thousands of errors has several cells of its record with it, in kilobytes."""
    width = 3_000
    found, lines = report_on(width, "x")
    tables = ReportTables()
    for line in lines:
        tables.add(line)
    peak, _ = peak_bytes(lambda: tables.rows(found, width))
    tables.close()
    assert peak < 1_000 * width
