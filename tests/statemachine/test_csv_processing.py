"""The state machine's definition, as it stands in the file that is deployed."""

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from statelint.linter import Linter

from chalicelib import errors

FILE = Path(__file__).parents[2] / "statemachine" / "csv_processing.asl.json"
DEFINITION: dict[str, Any] = json.loads(FILE.read_text())
STATES: dict[str, Any] = DEFINITION["States"]
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
MARKS = ["MarkValidated", "MarkValidationFailed", "MarkSystemFailure"]
RULES = [(name, rule) for name, state in TASKS.items() for rule in state["Retry"] + state["Catch"]]


def test_validator_is_told_the_name_of_its_execution_and_all_else_that_the_machine_is() -> None:
    """Under which it writes the report; the status is recorded for the same name."""
    first = STATES[DEFINITION["StartAt"]]
    assert ("$$.Execution.Name", "$.executionName", "ValidateCsv") == (
        first["InputPath"],
        first["ResultPath"],
        first["Next"],
    )
    assert STATES["ValidateCsv"]["Parameters"]["Payload.$"] == "$"
    assert {STATES[mark]["Parameters"]["Payload"]["executionName.$"] for mark in MARKS} == {"$$.Execution.Name"}


def test_definition_passes_statelint() -> None:
    """It is Amazon States Language."""
    assert [] == Linter().validate(FILE.read_text())


def test_states_are_those_of_the_design() -> None:
    """Whoever reads an execution's history finds the names of the documentation."""
    assert {"ValidateCsv", "PersistPlaceholder", *MARKS} <= set(STATES)
    assert STATES["PersistPlaceholder"]["Type"] == "Pass"


@pytest.mark.parametrize(("state", "rule"), RULES)
def test_every_error_of_ours_that_is_named_exists(state: str, rule: dict[str, Any]) -> None:
    """Step Functions matches by class name: renaming an exception would silently switch its rule off."""
    ours = {name for name, kind in inspect.getmembers(errors, inspect.isclass) if kind is not errors.AssayError}
    named = {
        name for name in rule["ErrorEquals"] if not name.startswith(("States.", "Lambda.", "Runtime.", "Sandbox."))
    }
    assert named <= ours, state


def test_what_is_unavailable_is_tried_again() -> None:
    """Each task retries the outages that it can meet."""
    assert "StorageUnavailable" in STATES["ValidateCsv"]["Retry"][0]["ErrorEquals"]
    for mark in MARKS:
        assert "DatabaseUnavailable" in STATES[mark]["Retry"][0]["ErrorEquals"]


@pytest.mark.parametrize("name", TASKS)
def test_every_task_retries_transient_errors_with_backoff_and_jitter_and_is_bounded_in_time(name: str) -> None:
    """No task gives up at the first hiccup, none waits for ever."""
    retry, *_ = TASKS[name]["Retry"]
    transient = {f"Lambda.{error}" for error in ("ServiceException", "AWSLambdaException", "SdkClientException")}
    assert transient | {"Lambda.TooManyRequestsException"} <= set(retry["ErrorEquals"])
    assert retry["BackoffRate"] > 1
    assert retry["JitterStrategy"] == "FULL"
    assert TASKS[name]["TimeoutSeconds"] > 0


@pytest.mark.parametrize("name", TASKS)
def test_function_that_dies_is_tried_again(name: str) -> None:
    """It was killed, most likely, and not by the file."""
    tried_again = {error for retry in TASKS[name]["Retry"] for error in retry["ErrorEquals"]}
    assert {"Runtime.ExitError", "Lambda.Unknown"} <= tried_again


@pytest.mark.parametrize("mark", MARKS)
def test_verdict_that_comes_too_late_is_a_quiet_end(mark: str) -> None:
    """A newer attempt, or the settler, had the last word."""
    (catch,) = TASKS[mark]["Catch"]
    assert (["AttemptSuperseded", "AttemptSettled"], "Superseded") == (catch["ErrorEquals"], catch["Next"])


def test_marks_differ_only_in_what_they_record() -> None:
    """The language has no way to say their rules once, so that they are said three times, alike."""
    rules = [
        (TASKS[mark]["Retry"], TASKS[mark]["TimeoutSeconds"], TASKS[mark]["Parameters"]["FunctionName"])
        for mark in MARKS
    ]
    assert [rules[0]] * 3 == rules


def test_machine_outlasts_the_slowest_path_through_it() -> None:
    """An execution that times out as a whole is one that no Catch sees."""
    slowest = sum(
        (task["TimeoutSeconds"] + max(retry["MaxDelaySeconds"] for retry in task["Retry"]))
        * (1 + sum(retry["MaxAttempts"] for retry in task["Retry"]))
        for task in (STATES["ValidateCsv"], STATES["MarkValidated"])
    )
    assert slowest < DEFINITION["TimeoutSeconds"]


def test_only_the_functions_are_left_to_be_filled_in() -> None:
    """Terraform and the local stack fill in these two."""
    text = FILE.read_text()
    assert text.count("${") == text.count("${csv_validator_arn}") + text.count("${upload_status_arn}") == 4
