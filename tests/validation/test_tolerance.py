"""Tolerance: a valid file may have some faulty rows, which are known exactly."""

from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.validation import ErrorCode, Fault, ValidationReport, validate
from chalicelib.validation.checking import orphans
from chalicelib.validation.fast.engines import Engine
from chalicelib.validation.row_set import RowSet
from tests.validation.verdicts import places

FIELDS: list[dict[str, Any]] = [{"name": "id", "type": "integer"}, {"name": "above", "type": "integer"}]
TREE = {
    "fields": FIELDS,
    "primaryKey": "id",
    "foreignKeys": [{"fields": "above", "reference": {"resource": "", "fields": "id"}}],
}


def tolerating(rows: int | str, schema: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a schema with this tolerance."""
    return {**(schema or {"fields": FIELDS}), "assay": {"tolerance": {"rows": rows}}}


def faulty_rows(content: bytes, schema: Mapping[str, Any], engine: Engine) -> tuple[ValidationReport, list[int]]:
    """Return the report, without listed errors, and the faulty rows."""
    rows = RowSet()
    report = validate([content], schema, faulty_rows=rows, max_errors=0, engine=engine)
    return report, list(rows)


@pytest.mark.parametrize(("rows", "valid"), [(1, False), (2, True), ("49%", False), ("50%", True)])
def test_file_within_the_tolerance_is_valid(rows: int | str, *, valid: bool) -> None:
    """Rows are counted, not errors; the errors stay in the report."""
    report = validate([b"id,above\n1,1\nx,y\n3,3\n4,z\n"], tolerating(rows))
    assert (valid, 2, 3) == (report.valid, report.rejected_rows, report.error_count)
    assert [3, 3, 5] == [error.row for error in report.errors]


@pytest.mark.parametrize(
    "content",
    [b"id,other\n1,1\n", b"id,above\n1,1\n\x1a", b"", b"id,above,id\n1,1,1\n", b"\x1f\x8b\x08"],
    ids=["header", "end mark", "empty", "extra label", "gzip"],
)
def test_errors_of_the_header_and_of_the_file_are_never_tolerated(content: bytes) -> None:
    """It is then not known what a row is."""
    report = validate([content], tolerating("100%"))
    assert (False, None) == (report.valid, report.rejected_rows)


def test_fault_that_is_found_at_the_end_is_never_tolerated() -> None:
    """Such a check knows the number of rows."""
    fault = Fault(ErrorCode.SOURCE_ERROR, "expected 3 rows")
    report = validate([b"id,above\n1,1\n2,2\n"], tolerating(9), final_check=lambda rows: fault if rows != 3 else None)
    assert (False, [(None, None, None, "file", "source-error")]) == (report.valid, places(report))


def test_without_the_property_nothing_is_marked() -> None:
    """Neither are rows counted that refer to faulty rows."""
    report = validate([b"id,above\nx,1\n"], TREE)
    assert (None, 2) == (report.rejected_rows, report.error_count)


@pytest.mark.parametrize("engine", Engine)
def test_faulty_rows_are_known_though_their_errors_are_only_counted(engine: Engine) -> None:
    """Those of cells, of rows and of repeated keys."""
    content = b"id,above\n1,1\nx,1\n\n2,2\n2,1\n3\n4,4,4\n5,5\n" + b"6,x\n" * 9 + b'7,"7'
    report, rows = faulty_rows(content, {"fields": FIELDS, "primaryKey": "id"}, engine)
    assert [3, 4, 6, 7, 8, *range(10, 20)] == rows
    assert ((), 15) == (report.errors, report.rejected_rows)


@pytest.mark.parametrize("engine", Engine)
def test_rows_that_refer_to_faulty_rows_alone_are_faulty_too(engine: Engine) -> None:
    """And those that refer to these. Rows of which another one has the same key are not concerned."""
    content = b"id,above\n1,1\n2,1\n3,2\n3,x\n4,9\n5,4\n6,5\n7,3\n"
    report, rows = faulty_rows(content, TREE, engine)
    assert [5, 6, 7, 8] == rows
    listed = validate([content], tolerating(4, TREE), engine=engine)
    orphans = [error for error in listed.errors if "is rejected" in error.message]
    assert [(7, "above", "foreign-key"), (8, "above", "foreign-key")] == [(e.row, e.column, e.code) for e in orphans]
    assert "the row with this id is rejected: correct that row" == orphans[0].message
    assert (True, listed.error_count) == (listed.valid, report.error_count)


@pytest.mark.parametrize("engine", Engine)
@pytest.mark.parametrize("length", [4, 5])
def test_chain_of_references_has_a_limit(engine: Engine, length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A longer chain to a faulty row is an error of the file: each link costs a pass over all keys."""
    monkeypatch.setattr(orphans, "MOST_ROUNDS", 5)
    content = b"id,above\n1,9999\n" + b"".join(b"%d,%d\n" % (row + 2, row + 1) for row in range(length))
    report, rows = faulty_rows(content, TREE, engine)
    assert [2, *range(3, length + 3)] == rows
    assert (None if length == 5 else length + 1) == report.rejected_rows
    assert length + 1 + (length == 5) == report.error_count
