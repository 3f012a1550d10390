"""Errors of keys, explained by reading the file again."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.errors import StorageUnavailable
from chalicelib.validation import validate
from chalicelib.validation.reporting import shared_keys
from chalicelib.validation.reporting.report import FullReport
from chalicelib.validation.reporting.subject import ReportSubject

SUBJECT = ReportSubject(name="a.csv", schema="s", checked_at=datetime(2026, 11, 25, tzinfo=UTC), listing="a.jsonl")
SCHEMA = {
    "fields": [{"name": "id", "type": "integer", "constraints": {"unique": True}}, {"name": "boss", "type": "integer"}],
    "foreignKeys": [{"fields": "boss", "reference": {"resource": "", "fields": "id"}}],
}


def lines(data: bytes, schema: Any = SCHEMA, reread: Any = None) -> list[Any]:
    """Return the lines of the report on a file that can be read again."""
    written: list[bytes] = []
    full = FullReport(written.append)
    full.reread = reread or (lambda: [data])
    full.finish(validate([data], schema, sink=full), SUBJECT)
    return list(map(json.loads, written))


def test_duplicate_names_the_other_rows_and_has_its_record() -> None:
    """Rows share a value, however it is written; the first of them is named, too."""
    first, second = lines(b"id,boss\n7,\n8,\n7,\n07,\n")
    assert first["message"].endswith("; rows 2 and 5 have it, too")
    assert second["message"].endswith("; rows 2 and 4 have it, too")
    assert ["07", ""] == second["record"]["cells"]
    assert {"columns": ["id"], "values": ["07"], "rows": [2, 4, 5], "rowCount": 3} == second["key"]


def test_many_rows_are_counted() -> None:
    """A few are named."""
    assert lines(b"id,boss\n" + b"7,\n" * 10)[0]["message"].endswith("; rows 2, 4, 5, 6 and 5 more have it, too")


def test_missing_value_names_the_rows_that_refer_to_it() -> None:
    """The value is in the record."""
    first, second = lines(b"id,boss\n1,9\n2,9\n")
    assert "foreign-key" == first["code"]
    assert first["message"].endswith("; row 3 refers to it, too")
    assert ["2", "9"] == second["record"]["cells"]


def test_key_of_several_columns_is_explained() -> None:
    """Its error has no column."""
    schema = {"fields": [{"name": "a"}, {"name": "b"}], "primaryKey": ["a", "b"]}
    (error,) = lines(b"a,b\n1,2\n1,3\n1,2\n", schema)
    assert (None, ["1", "2"]) == (error["field"], error["record"]["cells"])
    assert {"columns": ["a", "b"], "values": ["1", "2"], "rows": [2, 4], "rowCount": 2} == error["key"]
    assert error["message"].endswith("; row 2 has it, too")


def test_number_of_explained_errors_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are reported as they are."""
    monkeypatch.setattr(shared_keys, "MAX_ERRORS", 1)
    first, second = lines(b"id,boss\n7,\n7,\n7,\n")
    assert second["key"] is None
    assert "have it, too" in first["message"]
    assert (None, False) == (second["record"], "have it, too" in second["message"])


def test_file_that_cannot_be_read_again_has_its_errors_nevertheless() -> None:
    """A report never costs a verdict."""

    def fail() -> Iterable[bytes]:
        raise StorageUnavailable("S3 is not available")

    (error,) = lines(b"id,boss\n7,\n7,\n", reread=fail)
    assert ("unique-error", None) == (error["code"], error["record"])
