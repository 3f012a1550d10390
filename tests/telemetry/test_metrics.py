"""Metrics: what CloudWatch reads from canonical lines."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from chalicelib.errors import StorageUnavailable
from chalicelib.telemetry import logs, metrics
from tests.telemetry.embedded_metrics import extract

LogLines = Callable[[], list[dict[str, Any]]]

VALIDATOR = "assay-dev-csv_validator"


def test_line_declares_its_metrics_with_their_dimensions(log_lines: LogLines) -> None:
    """By function, by schema and outcome where the table says so, and by error code."""
    with logs.invocation(VALIDATOR, "request-1"):
        logs.add_fields(uploadId="42", schema="people", outcome="invalid", verdicts=1, rows=7, errors=2)
        logs.add_fields(bytes=90, bytesPerSecond=4500)
        logs.add_error_counts({"type-error": 2})
    (line,) = log_lines()
    function = ("function", VALIDATOR)
    schema = ("schema", "people")
    assert extract(line) == {
        ("verdicts", (function,)): (1, "Count"),
        ("verdicts", (function, schema, ("outcome", "invalid"))): (1, "Count"),
        ("rows", (function,)): (7, "Count"),
        ("rows", (function, schema)): (7, "Count"),
        ("errors", (function,)): (2, "Count"),
        ("errors", (function, schema)): (2, "Count"),
        ("bytes", (function,)): (90, "Bytes"),
        ("bytes", (function, schema)): (90, "Bytes"),
        ("bytesPerSecond", (function,)): (4500, "Bytes/Second"),
        ("type-error", (function,)): (2, "Count"),
    }


def test_missing_dimension_leaves_only_the_function(log_lines: LogLines) -> None:
    """CloudWatch ignores a line with a dimension that has no value."""
    with logs.invocation(VALIDATOR, "request-1"):
        logs.add_fields(outcome="invalid", verdicts=1, rows=0)
    (line,) = log_lines()
    assert extract(line) == {
        ("verdicts", (("function", VALIDATOR),)): (1, "Count"),
        ("rows", (("function", VALIDATOR),)): (0, "Count"),
    }


@pytest.mark.parametrize("function", ["assay-dev", "assay-two-words", "api_handler"])
def test_function_of_the_http_api_is_recognized(function: str, log_lines: LogLines) -> None:
    """AWS names it after the stage, and `chalice local` does not."""
    with logs.invocation(function, "request-1"):
        logs.add_fields(registered=1)
    (line,) = log_lines()
    assert extract(line) == {("registered", (("function", function),)): (1, "Count")}


def test_failing_invocation_has_metrics(log_lines: LogLines) -> None:
    """A sweep that fails on one upload has handled the others."""
    with suppress(StorageUnavailable), logs.invocation("assay-dev-upload_sweep", "request-1"):
        logs.add_fields(found=2, failed=1, sound=5)
        raise StorageUnavailable("not now")
    (line,) = log_lines()
    function = ("function", "assay-dev-upload_sweep")
    assert extract(line) == {("found", (function,)): (2, "Count"), ("failed", (function,)): (1, "Count")}


@pytest.mark.parametrize("function", ["assay-dev", "assay-dev-migrate", "csv_validator"])
def test_line_without_metrics_has_no_metadata(function: str, log_lines: LogLines) -> None:
    """Functions without metrics, and invocations that ended before they had any."""
    with logs.invocation(function, "request-1"):
        logs.add_fields(uploadId="42")
    (line,) = log_lines()
    assert "_aws" not in line


def test_metrics_fit_into_one_line() -> None:
    """CloudWatch reads at most 100 metrics in a directive, and each name once."""
    for table in metrics.METRICS.values():
        names = [metric.name for metric in table]
        assert len(names) == len(set(names))
        assert len(names) <= 100
