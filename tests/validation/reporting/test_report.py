"""The full report: every error with its record, up to fixed limits."""

import json
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest

from chalicelib import codec
from chalicelib.errors import SchemaInvalid
from chalicelib.validation import ValidationReport, validate
from chalicelib.validation.report import ReportedError, position_in_file
from chalicelib.validation.reporting import page, report
from chalicelib.validation.reporting.report import FullReport
from chalicelib.validation.reporting.subject import ReportSubject
from tests.fuzz.cases import Trial
from tests.validation.verdicts import schema_of

SUBJECT = ReportSubject(
    name="a.csv", schema="default", checked_at=datetime(2026, 11, 25, 9, 5, tzinfo=UTC), listing="errors.jsonl"
)
INTEGERS = schema_of({"type": "integer"}, {"type": "integer"})


def written(data: bytes, schema: Any = INTEGERS, **how: Any) -> tuple[ValidationReport, list[bytes], str]:
    """Validate a file; return the report, the JSON lines, and the page."""
    lines: list[bytes] = []
    full = FullReport(lines.append)
    found = validate(BytesIO(data), schema, sink=full, **how)
    return found, lines, full.finish(found, SUBJECT).page.decode()


def records(data: bytes, schema: Any = INTEGERS, **how: Any) -> list[Any]:
    """Return the excerpt of each error's record."""
    return [json.loads(line)["record"] for line in written(data, schema, **how)[1]]


def test_line_has_the_error_and_its_record_and_is_what_the_codec_writes() -> None:
    """The codec reads the line, and writes the same."""
    found, (line,), _ = written(b"a,b\n1,x\n")
    assert json.loads(line) == {
        "row": 2,
        "line": 2,
        "field": 2,
        "column": "b",
        "code": "type-error",
        "message": "expected an integer, as in 42",
        "record": {"fields": [1, 2], "columns": ["a", "b"], "cells": ["1", "x"], "beginning": None},
        "suggestion": None,
        "rule": None,
        "choices": [],
        "key": None,
        "neighbours": [],
    }
    read = codec.structure(json.loads(line), ReportedError)
    assert json.loads(line) == json.loads(json.dumps(codec.unstructure(read)))
    assert found.errors[0].message == read.message


@pytest.mark.parametrize("seed", range(201, 217))
def test_lines_are_the_errors_of_the_report(seed: int) -> None:
    """For random files, on both paths, with different block sizes."""
    trial = Trial.of(seed, 200)
    case = trial.case
    for how in [{"fast": False}, *(setting.arguments() for setting in trial.settings)]:
        try:
            found, lines, shown = written(
                case.data, case.schema, **{**how, "dialect": case.dialect, "max_errors": 10**9}
            )
        except SchemaInvalid:
            return
        errors = [codec.structure(json.loads(line), ReportedError) for line in lines]
        listed = [
            (it.row, it.line, it.field, it.column, it.code, it.message) for it in sorted(errors, key=position_in_file)
        ]
        assert [(it.row, it.line, it.field, it.column, it.code, it.message) for it in found.errors] == listed
        assert shown.count("<p class=error>") == min(found.error_count, page.MAX_ERRORS)


def test_error_of_the_whole_file_is_a_line() -> None:
    """Although no record was read."""
    _, (line,), shown = written(b"")
    assert ("source-error", None) == (json.loads(line)["code"], json.loads(line)["record"])
    assert "The file" in shown


def test_errors_of_keys_have_no_record() -> None:
    """They are found at the end, when the records are no longer in memory."""
    schema = schema_of({"constraints": {"unique": True}})
    assert [None, None] == records(b"a\n1\n1\n1\n", schema)


def test_long_cells_are_truncated() -> None:
    """200 characters are shown."""
    (record,) = records(b"a,b\n1," + b"x" * 1000 + b"\n")
    assert record["cells"] == ["1", "x" * 199 + "…"]


def test_wide_record_shows_the_first_cell_and_those_around_errors() -> None:
    """At most 12 cells, each with its position."""
    schema = {"fields": [{"name": f"c{at}", "type": "integer"} for at in range(1, 101)]}
    header = ",".join(f"c{at}" for at in range(1, 101))
    cells = ["?" if at == 50 else str(at) for at in range(1, 101)]
    (record,) = records(f"{header}\n{','.join(cells)}\n".encode(), schema)
    assert ([1, 49, 50, 51], ["1", "49", "?", "51"]) == (record["fields"], record["cells"])
    everywhere = records(f"{header}\n{','.join('?' * 100)}\n".encode(), schema)
    assert max(len(it["cells"]) for it in everywhere) <= 12


@pytest.mark.parametrize(
    ("data", "cells"),
    [
        (b"a,b\n1,\xffx\n", ["1", "\\xffx"]),
        (b"a,b\n1,x\0\n", ["1", "x\0"]),
        (b'a,b\n1,"x"y\n', ["1", '"x"y']),
        (b'a,b\n1,x"y\n', ["1", 'x"y']),
        (b"a,b\n1\n", ["1", None]),
        (b"a,b\n1,2,3\n", ["1", "2", "3"]),
        ("a,b\n1,\u00fc\u202e\n".encode(), ["1", "\u00fc\u202e"]),
    ],
)
def test_cells_are_shown_as_written(data: bytes, cells: list[str | None]) -> None:
    """Undecodable bytes are escaped, and missing cells are null."""
    assert cells == records(data)[0]["cells"]


def test_record_that_cannot_be_read_shows_its_beginning() -> None:
    """Line breaks are shown as they are."""
    (record,) = records(b'a,b\n1,"x\ny\n')
    assert ('1,"x\ny\n', []) == (record["beginning"], record["cells"])


def test_header_shows_its_labels_without_column_names() -> None:
    """The columns are not known before the header has been checked."""
    (record,) = records(b"a,c\n1,2\n")
    assert (["a", "c"], [None, None]) == (record["cells"], record["columns"])


@pytest.mark.parametrize("how", [{"fast": False}, {}, {"block_bytes": 100}])
@pytest.mark.parametrize("rows", [49, 50, 51, 200])
def test_number_of_lines_is_limited(monkeypatch: pytest.MonkeyPatch, rows: int, how: Any) -> None:
    """The first errors are written; all are counted, and the page states the total."""
    monkeypatch.setattr(report, "MAX_LINES", 100)
    found, lines, shown = written(b"a,b\n" + b"x,y\n" * rows, **how)
    assert (2 * rows, min(2 * rows, 100)) == (found.error_count, len(lines))
    assert f"{2 * rows} errors" in shown


def test_number_of_bytes_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the last line may exceed the limit."""
    monkeypatch.setattr(report, "MAX_LINE_BYTES", 1000)
    found, lines, _ = written(b"a,b\n" + b"x,1\n" * 1000)
    assert 1000 <= sum(map(len, lines)) < 1000 + len(lines[-1])
    assert found.error_count == 1000


def test_stopped_report_writes_no_more_lines() -> None:
    """All errors are still counted."""
    lines: list[bytes] = []

    def write(line: bytes) -> None:
        lines.append(line)
        full.stop()

    full = FullReport(write)
    found = validate([b"a,b\nx,y\nx,y\n"], INTEGERS, sink=full)
    full.finish(found, SUBJECT)
    assert found.error_count == 4
    assert len(lines) == 1
