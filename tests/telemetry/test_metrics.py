"""Metrics: what CloudWatch reads out of canonical lines."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from chalicelib.errors import StorageUnavailable
from chalicelib.telemetry import logs, metrics
from tests.telemetry.embedded_metrics import extract

LogLines = Callable[[], list[dict[str, Any]]]

VALIDATOR = "assay-dev-csv_validator"


def test_line_tells_its_metrics_by_function_and_by_what_has_few_values(log_lines: LogLines) -> None:
    """The line itself is what is read: nothing is said twice."""
    with logs.invocation(VALIDATOR, "request-1"):
        logs.note(uploadId="42", schema="people", outcome="invalid", verdicts=1, rows=7, errors=2, bytes=90)
        logs.note(**{"bytesPerSecond": 4500, "type-error": 2})
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


def test_file_without_a_schema_counts_for_the_function_alone(log_lines: LogLines) -> None:
    """A dimension without a value would make the line no metric at all."""
    with logs.invocation(VALIDATOR, "request-1"):
        logs.note(outcome="invalid", verdicts=1, rows=0)
    (line,) = log_lines()
    assert extract(line) == {
        ("verdicts", (("function", VALIDATOR),)): (1, "Count"),
        ("rows", (("function", VALIDATOR),)): (0, "Count"),
    }


@pytest.mark.parametrize("function", ["assay-dev", "assay-two-words", "api_handler"])
def test_function_behind_the_http_api_goes_by_the_name_of_the_stage(function: str, log_lines: LogLines) -> None:
    """Or by none, as in chalice local."""
    with logs.invocation(function, "request-1"):
        logs.note(registered=1)
    (line,) = log_lines()
    assert extract(line) == {("registered", (("function", function),)): (1, "Count")}


def test_invocation_that_fails_tells_the_metrics_that_it_has(log_lines: LogLines) -> None:
    """A sweep in which one thing fails has done the others."""
    with suppress(StorageUnavailable), logs.invocation("assay-dev-upload_sweep", "request-1"):
        logs.note(found=2, failed=1, sound=5)
        raise StorageUnavailable("not now")
    (line,) = log_lines()
    function = ("function", "assay-dev-upload_sweep")
    assert extract(line) == {("found", (function,)): (2, "Count"), ("failed", (function,)): (1, "Count")}


@pytest.mark.parametrize("function", ["assay-dev", "assay-dev-migrate", "csv_validator"])
def test_line_without_metrics_is_only_a_log_line(function: str, log_lines: LogLines) -> None:
    """The functions that have none, and those that did not come so far."""
    with logs.invocation(function, "request-1"):
        logs.note(uploadId="42")
    (line,) = log_lines()
    assert "_aws" not in line


def test_metrics_fit_into_one_line() -> None:
    """CloudWatch reads a hundred of the same dimensions, and knows each by its name."""
    for table in metrics.METRICS.values():
        names = [metric.name for metric in table]
        assert len(names) == len(set(names))
        assert len(names) <= 100
