"""Executions of the deployed definition in a local Step Functions, with functions that fail as Lambda does."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from types import MappingProxyType
from typing import Any

import pytest

from infra.local.aws.account import REGION, LocalAws, execution_arn
from infra.local.aws.executions import watch
from infra.local.deployment import Deployment, ObjectTrigger, deploy
from infra.local.lambdas.environments import Function
from infra.local.lambdas.invocations import Handler
from infra.local.lambdas.runtime import LambdaRuntime
from tests.statemachine.test_csv_processing import DEFINITION

PATIENCE = 60.0  # seconds
MACHINE = "assay-test-csv-processing"
VERDICT = {
    "valid": True,
    "errorCount": 0,
    "errors": [],
    "rowCount": 2,
    "report": None,
    "schema": "a",
    "unchecked": [],
    "rejectedRows": None,
    "load": None,
    "contentSha256": None,
    "schemaSha256": None,
    "parts": None,
    "split": None,
}
REQUEST = {"uploadId": "42", "bucket": "inbox", "key": "uploads/acme/42/a.csv", "versionId": "v1"}


def exception(name: str) -> type[Exception]:
    """Return an exception class of that name: Step Functions matches names."""
    return type(name, (Exception,), {})


def failing(times: int, error: str, result: Any = None) -> tuple[Handler, list[Any]]:
    """Return a handler that raises the error this many times before it returns, and the list of its events."""
    events: list[Any] = []

    def handler(event: Any, _context: Any) -> Any:
        events.append(event)
        if len(events) <= times:
            raise exception(error)
        return result

    return handler, events


def load_nothing(_event: Any, _context: Any) -> Any:
    """Fail: no dataset asks for a load."""
    raise exception("LoadInconsistent")


PART_FUNCTIONS = ("part_validator", "seam_checker", "part_merger", "part_splitter", "split_joiner")


def read_no_parts(_event: Any, _context: Any) -> Any:
    """Fail: no object is validated in parts."""
    raise exception("PartsInconsistent")


@contextmanager
def step_functions(
    validator: Handler,
    upload_status: Handler,
    change: Callable[[dict[str, Any]], None] = lambda _definition: None,
    row_loader: Handler = load_nothing,
    in_parts: Mapping[str, Handler] = MappingProxyType({}),
) -> Iterator[LocalAws]:
    """Deploy the definition with these functions; `change` may shorten its time-outs."""
    definition = json.loads(json.dumps(DEFINITION))
    change(definition)
    functions = [
        Function(name="assay-test-csv_validator", handler=validator),
        Function(name="assay-test-row_loader", handler=row_loader),
        *(Function(name=f"assay-test-{name}", handler=in_parts.get(name, read_no_parts)) for name in PART_FUNCTIONS),
        Function(name="assay-test-upload_status", handler=upload_status),
    ]
    runtime = LambdaRuntime(functions, region=REGION, report=lambda _failure: None)
    deployment = Deployment(
        project="assay-test",
        functions=runtime.functions,
        trigger=ObjectTrigger(
            bucket="inbox", function="assay-test-csv_validator", events=("s3:ObjectCreated:*",), prefix="none/"
        ),
        state_machine=MACHINE,
        definition=json.dumps(definition),
        environment={},
        services=None,
    )
    with runtime, LocalAws(runtime) as aws:
        deploy(deployment, aws)
        yield aws


def execute(aws: LocalAws) -> tuple[str, list[str], dict[str, Any]]:
    """Run the state machine; return its status, the states that it entered, and the execution's description."""
    client = aws.client("stepfunctions")
    machine = f"arn:aws:states:{REGION}:123456789012:stateMachine:{MACHINE}"
    client.start_execution(stateMachineArn=machine, name="42-0a", input=json.dumps(REQUEST))
    states = [entered.name for entered in watch(client, execution_arn(MACHINE, "42-0a"), timeout=PATIENCE)]
    ended = client.describe_execution(executionArn=execution_arn(MACHINE, "42-0a"))
    return ended["status"], states, ended


def record(event: Any, _context: Any) -> Any:
    """Record any verdict."""
    return {"uploadId": event["uploadId"], "status": event["status"]}


@pytest.mark.parametrize(
    "error", ["Lambda.TooManyRequestsException", "Lambda.ENINotReadyException", "Runtime.OutOfMemory"]
)
def test_validator_is_retried_after_transient_errors(error: str) -> None:
    """Throttling, a network interface still being created, and a dead process are not caused by the file."""
    validator, events = failing(1, error, VERDICT)
    with step_functions(validator, record) as aws:
        status, states, _ = execute(aws)
    assert ("SUCCEEDED", "Validated") == (status, states[-1])
    assert [REQUEST | {"executionName": "42-0a"}] * 2 == events


@pytest.mark.parametrize("error", ["DatabaseUnavailable", "Lambda.TooManyRequestsException", "KeyError"])
def test_recording_a_verdict_is_retried_after_any_error(error: str) -> None:
    """The cause may be temporary; only a late verdict stays refused."""
    upload_status, events = failing(1, error, {"uploadId": "42", "status": "VALIDATED"})
    with step_functions(lambda _event, _context: VERDICT, upload_status) as aws:
        status, states, _ = execute(aws)
    assert ("SUCCEEDED", "Validated", 2) == (status, states[-1], len(events))


@pytest.mark.parametrize("error", ["AttemptSuperseded", "AttemptSettled"])
def test_late_verdict_is_not_retried(error: str) -> None:
    """The execution succeeds at once: the upload has a newer attempt or is settled."""
    upload_status, events = failing(9, error)
    with step_functions(lambda _event, _context: VERDICT, upload_status) as aws:
        status, states, _ = execute(aws)
    assert ("SUCCEEDED", "Superseded", 1) == (status, states[-1], len(events))


def test_validation_that_times_out_is_a_system_failure() -> None:
    """The status is recorded; then the execution fails, with an error name that Step Functions does not reserve."""
    released = Event()
    recorded: list[Any] = []

    def wait(_event: Any, _context: Any) -> Any:
        released.wait(PATIENCE)
        return VERDICT

    def shorten(definition: dict[str, Any]) -> None:
        definition["States"]["ValidateCsv"]["TimeoutSeconds"] = 1

    def upload_status(event: Any, _context: Any) -> Any:
        recorded.append(event)
        released.set()
        return record(event, _context)

    with step_functions(wait, upload_status, shorten) as aws:
        status, states, ended = execute(aws)
    assert ("FAILED", "SystemFailure", "SystemFailure.States.Timeout") == (status, states[-1], ended["error"])
    (event,) = recorded
    assert "the file could not be checked: States.Timeout" == event["errors"][0]["message"]


PARTS = {"plan": "p", "round": 1, "concurrency": 2, "shares": 0, "readings": [{"number": 0}], "failure": None}
SPLIT = {"plan": "p", "concurrency": 2, "segments": [0, 3], "failure": None}


@pytest.mark.parametrize(
    ("function", "states"),
    [
        ("part_validator", ["ValidateParts", "CheckSeams", "AreSeamsRight", "NamePartFailure"]),
        ("part_splitter", ["SplitParts", "JoinSplit", "IsSplitComplete", "NameSegmentFailure"]),
    ],
)
def test_map_that_fails_is_followed_by_the_function_that_names_the_error(function: str, states: list[str]) -> None:
    """It gets the Map's failure, and returns that of the child. In the local Step Functions only inline Maps fail."""
    failed: list[Any] = []

    def work(event: Any, _context: Any) -> Any:
        if "failure" in event:
            failed.append(event["failure"]["Error"])
        elif ("segment" in event) == (function == "part_splitter"):
            raise exception("ObjectForbidden")
        return {"number": 0, "segment": 0}

    def check(event: Any, _context: Any) -> Any:
        found = event["validation"]["split"] or event["validation"]["parts"] | {"readings": []}
        return found | {"failure": {"Error": f"{failed[0]} after {event['failure']['Error']}"} if failed else None}

    def make_inline(definition: dict[str, Any]) -> None:
        for name in ("ValidateParts", "SplitParts"):
            definition["States"][name]["ItemProcessor"]["ProcessorConfig"] = {"Mode": "INLINE"}

    merged = VERDICT | {"split": SPLIT}
    functions: dict[str, Handler] = {
        **dict.fromkeys(("part_validator", "part_splitter"), work),
        **dict.fromkeys(("seam_checker", "split_joiner"), check),
        "part_merger": lambda _event, _context: merged,
    }
    planned = VERDICT | {"parts": PARTS}
    with step_functions(lambda _event, _context: planned, record, make_inline, in_parts=functions) as aws:
        status, entered, ended = execute(aws)
    kind = {"part_validator": "PartFailed", "part_splitter": "SegmentFailed"}[function]
    assert ("FAILED", f"SystemFailure.ObjectForbidden after {kind}.ObjectForbidden") == (status, ended["error"])
    of_machine = [state for state in entered if state in DEFINITION["States"]]
    assert [*states, "MarkSystemFailure", "SystemFailure"] == of_machine[-len(states) - 2 :]


LOADING = VERDICT | {"load": {"table": "orders", "mode": "append"}}
LOADED = {"uploadId": "42", "table": "orders", "loadedRows": 2}


def test_rows_are_loaded_before_the_verdict_is_recorded() -> None:
    """A dataset that asks for a load gets it after PersistPlaceholder; a failed load is tried again."""
    row_loader, events = failing(1, "DatabaseUnavailable", LOADED)
    with step_functions(lambda _event, _context: LOADING, record, row_loader=row_loader) as aws:
        status, states, _ = execute(aws)
    assert ("SUCCEEDED", "Validated") == (status, states[-1])
    assert ["PersistPlaceholder", "IsLoadWanted", "PersistRows", "MarkValidated"] == states[-5:-1]
    (*_, event) = events
    assert (REQUEST["versionId"], "42-0a", LOADING["load"]) == (
        event["versionId"],
        event["executionName"],
        event["validation"]["load"],
    )


@pytest.mark.parametrize(
    ("error", "end"),
    [
        ("AttemptSuperseded", ("SUCCEEDED", ["Superseded"])),
        ("SchemaChanged", ("FAILED", ["LoadFailed"])),
        ("TableUnfit", ("FAILED", ["MarkSystemFailure", "SystemFailure"])),
    ],
)
def test_load_that_another_try_would_not_help_ends_the_execution(error: str, end: tuple[str, list[str]]) -> None:
    """A late load ends well, one that the settler is to repeat without a verdict, and an operator's with one."""
    row_loader, events = failing(9, error)
    with step_functions(lambda _event, _context: LOADING, record, row_loader=row_loader) as aws:
        status, states, _ = execute(aws)
    assert end == (status, states[states.index("PersistRows") + 1 :])
    assert 1 == len(events)
