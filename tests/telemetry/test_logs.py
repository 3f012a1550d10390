"""Logs: one canonical line an invocation."""

import json
import logging
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from chalicelib.errors import (
    AttemptOver,
    AttemptSettled,
    AttemptSuperseded,
    StorageUnavailable,
    Unforeseen,
    UploadNotFound,
)
from chalicelib.telemetry import logs

LogLines = Callable[[], list[dict[str, Any]]]


def test_invocation_is_one_line_with_what_was_noted(log_lines: LogLines) -> None:
    """Function, request, outcome, duration, and whatever the use case had to tell."""
    with logs.invocation("csv_validator", "request-1"):
        logs.note(uploadId="42", rows=7)
    (line,) = log_lines()
    assert line.pop("milliseconds") >= 0
    line.pop("_aws")
    assert line == {
        "level": "INFO",
        "message": "invocation",
        "function": "csv_validator",
        "request": "request-1",
        "uploadId": "42",
        "rows": 7,
        "outcome": "done",
    }


def test_upload_that_an_invocation_saw_to_is_in_its_line(log_lines: LogLines) -> None:
    """One may see to many uploads, and most see to one."""
    with logs.invocation("csv_orchestrator", "request-1"):
        logs.note_upload("42", "42-abc")
    (line,) = log_lines()
    assert ("invocation", "42", "42-abc") == (line["message"], line["uploadId"], line["execution"])


def test_each_of_many_uploads_is_found_by_its_id(log_lines: LogLines) -> None:
    """The canonical line has room for one: the others would be as if nobody had seen to them."""
    with suppress(StorageUnavailable), logs.invocation("upload_sweep", "request-1"):
        logs.note_upload("42", "42-abc")
        logs.note_upload("43", "43-def")
        raise StorageUnavailable("not now")
    *uploads, canonical = log_lines()
    whose = {"level": "INFO", "message": "upload", "function": "upload_sweep", "request": "request-1"}
    assert [
        {**whose, "uploadId": "42", "execution": "42-abc"},
        {**whose, "uploadId": "43", "execution": "43-def"},
    ] == uploads
    assert ("invocation", "failed") == (canonical["message"], canonical["outcome"])
    assert "uploadId" not in canonical


def test_what_comes_too_late_is_no_failure(log_lines: LogLines) -> None:
    """Executions are overtaken every day: whoever looks for errors is to find those that need somebody."""
    for error in (AttemptSuperseded("42-1"), AttemptSettled("42-1")):
        with suppress(AttemptOver), logs.invocation("upload_status", "request-1"):
            raise error
        (line,) = log_lines()
        assert ("INFO", "late", type(error).__name__, "42-1") == (
            line["level"],
            line["outcome"],
            line["error"],
            line["reason"],
        )


def test_what_is_counted_is_in_the_line(log_lines: LogLines) -> None:
    """Once it has happened."""
    with logs.invocation("upload_sweep", "request-1"):
        logs.count("untold")
        logs.count("untold")
    (line,) = log_lines()
    assert line["untold"] == 2


def test_invocation_that_fails_says_why_and_raises(log_lines: LogLines) -> None:
    """Our own errors are told in full."""
    with pytest.raises(UploadNotFound), logs.invocation("upload_status", "request-1"):
        raise UploadNotFound("there is no upload 42")
    (line,) = log_lines()
    assert ("ERROR", "failed", "UploadNotFound") == (line["level"], line["outcome"], line["error"])
    assert line["reason"] == "there is no upload 42"


def test_words_of_a_foreign_error_are_kept_out(log_lines: LogLines) -> None:
    """They may quote a cell."""
    word = "secret"
    with pytest.raises(Unforeseen, match="ValueError") as unforeseen, logs.invocation("csv_validator", "request-1"):
        int(word)
    (line,) = log_lines()
    assert line["error"] == "ValueError"
    told = "".join(traceback.format_exception(unforeseen.value))
    assert "int(word)" in told  # where it happened
    assert word not in str(line) + told


def test_words_that_led_to_an_error_of_ours_are_kept_out() -> None:
    """Lambda prints the whole chain of a traceback."""
    word = "secret"
    with pytest.raises(StorageUnavailable) as unavailable, logs.invocation("csv_validator", "request-1"):
        raise StorageUnavailable("not now") from ValueError(word)
    assert word not in "".join(traceback.format_exception(unavailable.value))


def test_text_that_is_none_is_escaped(log_lines: LogLines) -> None:
    """Half a surrogate pair, from a payload's JSON, is not UTF-8: the line would be lost."""
    logs.warn("object rejected", key="a\ud800")
    (line,) = log_lines()
    assert line["key"] == "a\ud800"


def test_note_outside_of_an_invocation_goes_nowhere(log_lines: LogLines) -> None:
    """A library function may note without knowing who calls."""
    logs.note(uploadId="42")
    logs.note_upload("42", "42-abc")
    logs.count("untold")
    assert [] == log_lines()


def test_lines_are_written_whoever_else_listens(capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody who was there before Assay was configured does not take its place; and there is one line each."""
    ours, listener = logging.getLogger("assay"), logging.NullHandler()
    before = ours.handlers[:]
    ours.handlers[:] = [listener]
    try:
        logs.configure()
        logs.configure()
        logs.warn("object rejected")
    finally:
        ours.handlers[:] = before
    (line,) = capsys.readouterr().err.splitlines()
    assert {"level": "WARNING", "message": "object rejected"} == json.loads(line)
