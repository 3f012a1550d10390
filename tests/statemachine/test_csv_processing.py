"""The state machine's definition, as it is deployed."""

import inspect
import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from statelint.linter import Linter

from chalicelib import errors
from chalicelib.validation.checking.orphans import MOST_ROUNDS

FILE = Path(__file__).parents[2] / "statemachine" / "csv_processing.asl.json"
DEFINITION: dict[str, Any] = json.loads(FILE.read_text())
STATES: dict[str, Any] = DEFINITION["States"]
MAPS = [state for state in STATES.values() if state["Type"] == "Map"]
CHILD_STATES: dict[str, Any] = {name: it for each in MAPS for name, it in each["ItemProcessor"]["States"].items()}
BY_PARTS = ("ValidateCsv", "ValidatePart", "CheckSeams", "MergeParts", "SplitSegment", "JoinSplit")
RECORDING = ("RecordFailure", "RecordSegmentFailure")
TASKS = {name: state for name, state in (STATES | CHILD_STATES).items() if state["Type"] == "Task"}
MARKS = ["MarkValidated", "MarkValidationFailed", "MarkSystemFailure"]
RULES = [(name, rule) for name, state in TASKS.items() for rule in state["Retry"] + state.get("Catch", [])]


def test_validator_gets_the_execution_name_and_the_whole_input() -> None:
    """It writes the report under that name, and the status is recorded for it."""
    first = STATES[DEFINITION["StartAt"]]
    assert ("$$.Execution.Name", "$.executionName", "ValidateCsv") == (
        first["InputPath"],
        first["ResultPath"],
        first["Next"],
    )
    assert STATES["ValidateCsv"]["Parameters"]["Payload.$"] == "$"
    assert {STATES[mark]["Parameters"]["Payload"]["executionName.$"] for mark in MARKS} == {"$$.Execution.Name"}


def test_definition_passes_statelint() -> None:
    """Statelint checks the syntax of Amazon States Language."""
    assert [] == Linter().validate(FILE.read_text())


def test_states_have_the_documented_names() -> None:
    """Operators look up the names of an execution's history."""
    assert {"ValidateCsv", "PersistPlaceholder", *MARKS} <= set(STATES)
    assert STATES["PersistPlaceholder"]["Type"] == "Pass"


@pytest.mark.parametrize(("state", "rule"), RULES)
def test_every_error_of_assay_that_is_named_exists(state: str, rule: dict[str, Any]) -> None:
    """Step Functions matches by class name: renaming an exception would silently disable its rule."""
    ours = {name for name, kind in inspect.getmembers(errors, inspect.isclass) if kind is not errors.AssayError}
    named = {
        name for name in rule["ErrorEquals"] if not name.startswith(("States.", "Lambda.", "Runtime.", "Sandbox."))
    }
    assert named <= ours, state


def test_every_error_of_lambda_that_is_named_exists() -> None:
    """Each is an error of Invoke in the API's model, or one of those that Step Functions itself reports."""
    model = botocore.session.get_session().get_service_model("lambda").operation_model("Invoke")
    known = {f"Lambda.{error.name}" for error in model.error_shapes}
    known |= {"Lambda.AWSLambdaException", "Lambda.SdkClientException", "Lambda.ClientExecutionTimeoutException"}
    named = {name for _, rule in RULES for name in rule["ErrorEquals"] if name.startswith("Lambda.")}
    assert named <= known | {"Lambda.Unknown"}


@pytest.mark.parametrize("name", [*BY_PARTS, *RECORDING])
def test_validator_is_retried_after_temporary_errors(name: str) -> None:
    """Outages and dead processes are temporary; errors that the same file would cause again are not retried."""
    retried = {error for retry in TASKS[name]["Retry"] for error in retry["ErrorEquals"]}
    assert {"StorageUnavailable", "Lambda.ServiceException", "Runtime.ExitError", "Runtime.OutOfMemory"} <= retried
    assert not {"States.ALL", "States.TaskFailed", "Sandbox.Timedout", "SchemaInvalid"} & retried


@pytest.mark.parametrize("name", TASKS)
def test_every_task_is_retried_for_hours_while_throttled(name: str) -> None:
    """Many uploads at once must not fail any of them. With full jitter, a delay is half of its limit on average."""
    (retry,) = [retry for retry in TASKS[name]["Retry"] if "Lambda.TooManyRequestsException" in retry["ErrorEquals"]]
    assert ["Lambda.TooManyRequestsException"] == retry["ErrorEquals"]
    assert retry["MaxAttempts"] * retry["MaxDelaySeconds"] / 2 >= 3 * 60 * 60


@pytest.mark.parametrize("name", TASKS)
def test_every_retry_has_backoff_and_jitter_and_every_task_a_timeout(name: str) -> None:
    """Retries of many executions must not come at the same time, and no task may run for ever."""
    for retry in TASKS[name]["Retry"]:
        if retry["MaxAttempts"]:
            assert (2.0, "FULL") == (retry["BackoffRate"], retry["JitterStrategy"])
    assert TASKS[name]["TimeoutSeconds"] > 0


@pytest.mark.parametrize("mark", MARKS)
def test_recording_a_verdict_retries_every_error_but_a_late_verdict(mark: str) -> None:
    """`States.ALL` must be the last retrier; the first one excludes superseded and settled attempts."""
    first, *_, last = TASKS[mark]["Retry"]
    assert (["AttemptSuperseded", "AttemptSettled"], 0) == (first["ErrorEquals"], first["MaxAttempts"])
    assert (["States.ALL"], True) == (last["ErrorEquals"], last["MaxAttempts"] >= 40)


@pytest.mark.parametrize("mark", MARKS)
def test_late_verdict_ends_the_execution_without_failure(mark: str) -> None:
    """A newer attempt replaced this one, or the settler ended it."""
    (catch,) = TASKS[mark]["Catch"]
    assert (["AttemptSuperseded", "AttemptSettled"], "Superseded") == (catch["ErrorEquals"], catch["Next"])


def test_marks_differ_only_in_what_they_record() -> None:
    """Amazon States Language cannot share rules between states."""
    rules = [
        (TASKS[mark]["Retry"], TASKS[mark]["TimeoutSeconds"], TASKS[mark]["Parameters"]["FunctionName"])
        for mark in MARKS
    ]
    assert [rules[0]] * 3 == rules


def test_machine_outlasts_the_slowest_path_through_it() -> None:
    """The time-out of a whole execution cannot be caught. Throttled invocations take no time themselves."""
    slowest = 0
    second_round = ("ValidatePart", "CheckSeams")  # of shares of the keys
    slowest += MOST_ROUNDS * sum(TASKS[name]["TimeoutSeconds"] for name in second_round)  # of orphans
    for task in map(TASKS.__getitem__, (*BY_PARTS, *second_round, "PersistRows", "MarkValidated")):
        slowest += task["TimeoutSeconds"]
        for retry in task["Retry"]:
            throttled = "Lambda.TooManyRequestsException" in retry["ErrorEquals"]
            seconds = retry.get("MaxDelaySeconds", 0) + (0 if throttled else task["TimeoutSeconds"])
            slowest += retry["MaxAttempts"] * seconds
    assert slowest < DEFINITION["TimeoutSeconds"]


def test_only_the_functions_of_tasks_are_placeholders() -> None:
    """Terraform and the local stack replace them."""
    text = FILE.read_text()
    in_parts = ("part_validator", "seam_checker", "part_merger", "part_splitter", "split_joiner")
    names = ("csv_validator", *in_parts, "row_loader", "upload_status")
    assert text.count("${") == sum(text.count(f"${{{name}_arn}}") for name in names) == len(TASKS)


def test_object_that_is_not_in_parts_takes_no_other_task() -> None:
    """A stage without parts invokes the functions that it always has."""
    (choice,) = STATES["IsInParts"]["Choices"]
    assert ("ValidateParts", "IsValid") == (choice["Next"], STATES["IsInParts"]["Default"])


def test_parts_pass_no_results_through_the_execution() -> None:
    """The results of 5,000 parts would not fit between two states, which have room for 256 KiB."""
    assert {"number.$": "$.Payload.number"} == CHILD_STATES["ValidatePart"]["ResultSelector"]
    assert {"segment.$": "$.Payload.segment"} == CHILD_STATES["SplitSegment"]["ResultSelector"]
    for each in MAPS:
        assert (None, "DISTRIBUTED") == (each["ResultPath"], each["ItemProcessor"]["ProcessorConfig"]["Mode"])
        assert not {"ToleratedFailurePercentage", "ToleratedFailureCount"} & each.keys()


def test_parts_are_retried_as_a_whole_file_is() -> None:
    """Amazon States Language cannot share rules between states."""
    assert 1 == len({json.dumps(TASKS[name]["Retry"]) for name in (*BY_PARTS, *RECORDING)})
    catching = (STATES[name]["Catch"] for name in ("ValidateCsv", "CheckSeams", "MergeParts", "JoinSplit"))
    assert 1 == len(set(map(json.dumps, catching)))


@pytest.mark.parametrize(
    "of",
    [
        ("ValidateParts", "ValidatePart", "RecordFailure", "PartFailed", "CheckSeams", "NamePartFailure"),
        ("SplitParts", "SplitSegment", "RecordSegmentFailure", "SegmentFailed", "JoinSplit", "NameSegmentFailure"),
    ],
)
def test_child_that_fails_for_good_ends_the_map_and_leaves_its_error(of: tuple[str, ...]) -> None:
    """The Map's own error says only that a child failed. The next function finds the error that the child recorded."""
    map_, task, record, failed, finds, names = of
    (of_task,), (of_record,) = CHILD_STATES[task]["Catch"], CHILD_STATES[record]["Catch"]
    assert (["States.ALL"], "$.failure", record) == (of_task["ErrorEquals"], of_task["ResultPath"], of_task["Next"])
    assert CHILD_STATES[task]["Parameters"] == CHILD_STATES[record]["Parameters"]
    assert failed == of_record["Next"] == CHILD_STATES[record]["Next"]
    assert "Fail" == CHILD_STATES[failed]["Type"]
    (of_map,) = STATES[map_]["Catch"]
    assert (["States.ALL"], "$.failure", finds) == (of_map["ErrorEquals"], of_map["ResultPath"], of_map["Next"])
    assert ("$.failure", "MarkSystemFailure") == (STATES[names]["ResultPath"], STATES[names]["Next"])


def test_merged_verdict_has_the_form_of_the_validators() -> None:
    """Later states get the same response for an object in parts."""
    for name in ("ResultSelector", "ResultPath"):
        assert STATES["ValidateCsv"][name] == STATES["MergeParts"][name]


def test_failed_load_leaves_the_upload_to_the_settler_unless_only_an_operator_can_mend_it() -> None:
    """Without a verdict the settler begins another attempt; a table of another shape would fail that likewise."""
    late, mended, others = STATES["PersistRows"]["Catch"]
    assert "Superseded" == late["Next"]
    assert "MarkSystemFailure" == mended["Next"]
    assert {"TableUnfit", "LoadForbidden", "ValueUnloadable", "RowsRefused"} <= set(mended["ErrorEquals"])
    assert (["States.ALL"], "LoadFailed") == (others["ErrorEquals"], others["Next"])
    assert "Fail" == STATES["LoadFailed"]["Type"]


def test_errors_of_a_load_that_an_operator_mends_are_not_retried() -> None:
    """The same table refuses the same rows again."""
    first, *_ = STATES["PersistRows"]["Retry"]
    _, mended, _ = STATES["PersistRows"]["Catch"]
    assert set(mended["ErrorEquals"]) < set(first["ErrorEquals"])
    assert 0 == first["MaxAttempts"]
