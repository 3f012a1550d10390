"""Logs: one canonical line an invocation."""

import json
import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib import logs
from chalicelib.errors import StorageUnavailable, Unforeseen, UploadNotFound

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
