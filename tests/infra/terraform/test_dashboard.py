"""The dashboard, rendered by Terraform without a provider: it shows figures that there are."""

import json
import os
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from chalicelib.metrics import CODES, METRICS, NAMESPACE
from infra.deploy import commands

ENVIRONMENT = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:assay-dev-csv-processing"


@pytest.fixture
def widgets(project: Path) -> list[dict[str, Any]]:
    """What is on the dashboard of a stage."""
    module = project / "infra" / "modules" / "dashboard"
    variables = {"project": "assay-dev", "state_machine_arn": MACHINE, "dead_letter_queue_name": "letters"}
    commands.run(["terraform", "init", "-no-color", "-input=false"], cwd=module, environment=ENVIRONMENT)
    apply = ["terraform", "apply", "-no-color", "-input=false", "-auto-approve"]
    commands.run([*apply, *(f"-var={k}={v}" for k, v in variables.items())], cwd=module, environment=ENVIRONMENT)
    told = commands.run(["terraform", "output", "-raw", "body"], cwd=module, environment=ENVIRONMENT).stdout
    shown: list[dict[str, Any]] = json.loads(told)["widgets"]
    return shown


def test_dashboard_shows_metrics_that_are_told(widgets: list[dict[str, Any]]) -> None:
    """Under the names and dimensions that the functions' lines have; every code of an error is among them."""
    told = {
        (metric.name, function, by)
        for function, metrics in METRICS.items()
        for metric in metrics
        for by in {(), metric.by}
    }
    shown = {
        (name, dimensions[1].removeprefix("assay-dev-"), tuple(dimensions[2::2]))
        for namespace, name, *dimensions, _ in _metrics(widgets)
        if namespace == NAMESPACE
    }
    assert shown <= told
    assert {(code, "csv_validator", ()) for code in CODES} <= shown


def test_dashboard_shows_what_aws_tells_of_the_parts(widgets: list[dict[str, Any]]) -> None:
    """Of the state machine, the dead letters and every function, the API's among them."""
    functions = {"assay-dev", *(f"assay-dev-{name}" for name in METRICS)}
    expected = {
        *(("AWS/States", f"Executions{end}", "StateMachineArn", MACHINE) for end in ("Failed", "TimedOut", "Aborted")),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "letters"),
        *(
            ("AWS/Lambda", metric, "FunctionName", function)
            for metric in ("Errors", "Throttles", "Duration")
            for function in functions
        ),
    }
    assert expected == {tuple(metric[:-1]) for metric in _metrics(widgets) if metric[0] != NAMESPACE}


def test_widgets_lie_beside_each_other(widgets: list[dict[str, Any]]) -> None:
    """On a grid of 24 columns, each with a title, in the state machine's region."""
    for one, other in combinations(widgets, 2):
        assert one["y"] != other["y"] or abs(one["x"] - other["x"]) >= one["width"]
        assert one["properties"]["title"] != other["properties"]["title"]
    assert all(0 <= it["x"] <= 24 - it["width"] for it in widgets)
    assert {it["properties"]["region"] for it in widgets} == {"eu-west-1"}


def _metrics(widgets: list[dict[str, Any]]) -> list[list[Any]]:
    return [metric for widget in widgets for metric in widget["properties"]["metrics"]]
