"""Logs: one canonical line for each invocation."""

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


def test_invocation_logs_one_line_with_the_added_fields(log_lines: LogLines) -> None:
    """The line has function, request, outcome and duration, and the fields of the use case."""
    with logs.invocation("csv_validator", "request-1"):
        logs.add_fields(uploadId="42", rows=7)
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


def test_single_upload_of_an_invocation_is_in_the_canonical_line(log_lines: LogLines) -> None:
    """A single upload has no line of its own."""
    with logs.invocation("csv_orchestrator", "request-1"):
        logs.add_upload("42", "42-abc")
    (line,) = log_lines()
    assert ("invocation", "42", "42-abc") == (line["message"], line["uploadId"], line["execution"])


def test_several_uploads_have_a_line_each(log_lines: LogLines) -> None:
    """The canonical line has room for one upload id; every upload must be found by its id."""
    with suppress(StorageUnavailable), logs.invocation("upload_sweep", "request-1"):
        logs.add_upload("42", "42-abc")
        logs.add_upload("43", "43-def")
        raise StorageUnavailable("not now")
    *uploads, canonical = log_lines()
    common = {"level": "INFO", "message": "upload", "function": "upload_sweep", "request": "request-1"}
    assert [
        {**common, "uploadId": "42", "execution": "42-abc"},
        {**common, "uploadId": "43", "execution": "43-def"},
    ] == uploads
    assert ("invocation", "failed") == (canonical["message"], canonical["outcome"])
    assert "uploadId" not in canonical


def test_late_verdict_is_not_logged_as_an_error(log_lines: LogLines) -> None:
    """Superseded executions are normal: an operator who looks for errors must not find them."""
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


def test_increments_are_counted_in_the_line(log_lines: LogLines) -> None:
    """Counts start at zero."""
    with logs.invocation("upload_sweep", "request-1"):
        logs.increment("unpublishedVerdicts")
        logs.increment("unpublishedVerdicts")
    (line,) = log_lines()
    assert line["unpublishedVerdicts"] == 2


def test_failing_invocation_logs_the_reason_and_raises(log_lines: LogLines) -> None:
    """The messages of Assay's own errors are logged."""
    with pytest.raises(UploadNotFound), logs.invocation("upload_status", "request-1"):
        raise UploadNotFound("there is no upload 42")
    (line,) = log_lines()
    assert ("ERROR", "failed", "UploadNotFound") == (line["level"], line["outcome"], line["error"])
    assert line["reason"] == "there is no upload 42"


def test_message_of_an_unknown_exception_is_withheld(log_lines: LogLines) -> None:
    """The message may quote a cell."""
    word = "secret"
    with pytest.raises(Unforeseen, match="ValueError") as unforeseen, logs.invocation("csv_validator", "request-1"):
        int(word)
    (line,) = log_lines()
    assert line["error"] == "ValueError"
    printed = "".join(traceback.format_exception(unforeseen.value))
    assert "int(word)" in printed  # the traceback shows where
    assert word not in str(line) + printed


def test_cause_of_our_own_error_is_withheld() -> None:
    """Lambda prints the whole chain of a traceback, and a cause may quote a cell."""
    word = "secret"
    with pytest.raises(StorageUnavailable) as unavailable, logs.invocation("csv_validator", "request-1"):
        raise StorageUnavailable("not now") from ValueError(word)
    assert word not in "".join(traceback.format_exception(unavailable.value))


def test_lone_surrogate_is_escaped(log_lines: LogLines) -> None:
    """Half a surrogate pair, from a payload's JSON, cannot be encoded as UTF-8: the line would be lost."""
    logs.warn("object rejected", key="a\ud800")
    (line,) = log_lines()
    assert line["key"] == "a\ud800"


def test_fields_outside_of_an_invocation_are_dropped(log_lines: LogLines) -> None:
    """Use cases may run outside of a function."""
    logs.add_fields(uploadId="42")
    logs.add_upload("42", "42-abc")
    logs.increment("unpublishedVerdicts")
    assert [] == log_lines()


def test_configuring_twice_beside_another_handler_writes_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A handler that was added earlier does not replace Assay's."""
    logger, listener = logging.getLogger("assay"), logging.NullHandler()
    before = logger.handlers[:]
    logger.handlers[:] = [listener]
    try:
        logs.configure()
        logs.configure()
        logs.warn("object rejected")
    finally:
        logger.handlers[:] = before
    (line,) = capsys.readouterr().err.splitlines()
    assert {"level": "WARNING", "message": "object rejected"} == json.loads(line)


def test_lines_go_to_standard_output_on_lambda(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudWatch documents metrics in log lines for standard output; elsewhere it belongs to the results."""
    with logs.invocation("assay-dev-csv_validator", "1"):
        pass
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "assay-dev-csv_validator")
    with logs.invocation("assay-dev-csv_validator", "2"):
        pass
    written = capfd.readouterr()
    assert '"request": "1"' in written.err
    assert '"request": "2"' in written.out
    assert 1 == written.err.count("\n") == written.out.count("\n")
