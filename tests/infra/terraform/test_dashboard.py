"""The dashboard, rendered by Terraform without a provider: it shows metrics that exist."""

import json
import os
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from chalicelib.telemetry.metrics import METRICS, NAMESPACE
from chalicelib.validation.reporting.advice import ADVICE
from infra.deploy import commands
from infra.deploy.stages import API_HANDLER

ENVIRONMENT = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:assay-dev-csv-processing"


@pytest.fixture
def widgets(project: Path) -> list[dict[str, Any]]:
    """The widgets of a stage's dashboard."""
    module = project / "infra" / "modules" / "dashboard"
    variables = {"project": "assay-dev", "state_machine_arn": MACHINE, "dead_letter_queue_name": "letters"}
    commands.run(["terraform", "init", "-no-color", "-input=false"], cwd=module, environment=ENVIRONMENT)
    apply = ["terraform", "apply", "-no-color", "-input=false", "-auto-approve"]
    commands.run([*apply, *(f"-var={k}={v}" for k, v in variables.items())], cwd=module, environment=ENVIRONMENT)
    output = commands.run(["terraform", "output", "-raw", "body"], cwd=module, environment=ENVIRONMENT).stdout
    shown: list[dict[str, Any]] = json.loads(output)["widgets"]
    return shown


def test_dashboard_shows_the_metrics_of_assay(widgets: list[dict[str, Any]]) -> None:
    """It shows all metrics of the log lines, with their names and dimensions, and no others."""
    output = {
        (metric.name, function, by)
        for function, metrics in METRICS.items()
        for metric in metrics
        for by in {(), metric.by}
    } | {(code, name, ()) for code in ADVICE if code != "system-error" for name in ("csv_validator", "part_merger")}
    shown = _shown(widgets) | _searched(widgets)
    assert shown <= output
    assert {(name, function) for name, function, _ in output} == {(name, function) for name, function, _ in shown}


def test_verdicts_are_shown_for_each_schema(widgets: list[dict[str, Any]]) -> None:
    """A search finds the schemas, whose names are unknown beforehand."""
    by = ("schema", "outcome")
    assert _searched(widgets) == {("verdicts", "csv_validator", by), ("verdicts", "part_merger", by)}


def test_dashboard_shows_the_metrics_of_aws(widgets: list[dict[str, Any]]) -> None:
    """They are those of the state machine, the dead letters and every function, including the API's."""
    functions = {"assay-dev", *(f"assay-dev-{name}" for name in METRICS if name not in {API_HANDLER, "migrate"})}
    expected = {
        *(("AWS/States", f"Executions{end}", "StateMachineArn", MACHINE) for end in ("Failed", "TimedOut", "Aborted")),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "letters"),
        *(
            ("AWS/Lambda", metric, "FunctionName", function)
            for metric in ("Errors", "Throttles", "Duration")
            for function in functions
        ),
    }
    assert expected == {
        tuple(metric[:-1]) for metric in _metrics(widgets) if len(metric) > 1 and metric[0] != NAMESPACE
    }


def test_widgets_do_not_overlap(widgets: list[dict[str, Any]]) -> None:
    """They lie on a grid of 24 columns; each has a title and the state machine's region."""
    for one, other in combinations(widgets, 2):
        assert one["y"] != other["y"] or abs(one["x"] - other["x"]) >= one["width"]
        assert one["properties"]["title"] != other["properties"]["title"]
    assert all(0 <= it["x"] <= 24 - it["width"] for it in widgets)
    assert {it["properties"]["region"] for it in widgets} == {"eu-west-1"}


def test_widgets_have_the_structure_that_cloudwatch_requires(widgets: list[dict[str, Any]]) -> None:
    """A metric is namespace, name, pairs of dimensions, and options; a search is a single expression."""
    for widget in widgets:
        assert ("metric", "timeSeries", 300) == (
            widget["type"],
            widget["properties"]["view"],
            widget["properties"]["period"],
        )
        assert widget["properties"]["stat"] in {"Sum", "Maximum", "p50"}
        for *metric, said in widget["properties"]["metrics"]:
            assert set(said) <= {"label", "stat", "yAxis"} if metric else set(said) == {"expression"}
            assert len(metric) % 2 == 0
            assert all(isinstance(name, str) and name for name in metric)


_SEARCH = re.compile(
    r"SEARCH\('\{(?P<namespace>\w+),(?P<by>[\w,]+)\} MetricName=\"(?P<name>\w+)\" "
    r"function=\"(?P<function>[\w-]+)\"', 'Sum', 300\)",
    re.ASCII,
)


def _shown(widgets: list[dict[str, Any]]) -> set[tuple[str, str, tuple[str, ...]]]:
    """Return Assay's own metrics: name, function, and further dimensions."""
    return {
        (name, _function(dimensions[1]), tuple(dimensions[2::2]))
        for namespace, name, *dimensions in (metric[:-1] for metric in _metrics(widgets) if len(metric) > 1)
        if namespace == NAMESPACE
    }


def _searched(widgets: list[dict[str, Any]]) -> set[tuple[str, str, tuple[str, ...]]]:
    """Return the same for metrics found by a search."""
    searches = [_SEARCH.fullmatch(metric[0]["expression"]) for metric in _metrics(widgets) if len(metric) == 1]
    found = set()
    for search in searches:
        assert search is not None
        assert search["namespace"] == NAMESPACE
        function, *by = search["by"].split(",")
        assert function == "function"
        found.add((search["name"], _function(search["function"]), tuple(by)))
    return found


def _function(name: str) -> str:
    """Return the function of a name in AWS."""
    return API_HANDLER if name == "assay-dev" else name.removeprefix("assay-dev-")


def _metrics(widgets: list[dict[str, Any]]) -> list[list[Any]]:
    return [metric for widget in widgets for metric in widget["properties"]["metrics"]]
