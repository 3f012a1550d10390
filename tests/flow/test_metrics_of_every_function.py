"""The metrics of the real handlers: all of the table, with their values."""

import json
import os
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from chalice.test import Client

import app
from chalicelib.aws.event_bridge import EventBridgeBus
from chalicelib.errors import AttemptSettled, AttemptSuperseded, DatabaseUnavailable, EventsUnavailable, SchemaInvalid
from chalicelib.loading.table import Table
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.telemetry.metrics import METRICS
from chalicelib.uploads.attempts import Attempt, ObjectCreated
from chalicelib.validation.schema.dataset_options import Load
from tests import events
from tests.telemetry.embedded_metrics import extract

LogLines = Callable[[], list[dict[str, Any]]]
Figures = dict[tuple[str, ...], float]

HEADER = b"id,name,email,amount\n"
VALID = HEADER + b"1,Ada,ada@example.com,1\n"
INVALID = HEADER + b"x,,,\n"


@pytest.fixture(autouse=True)
def _bus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage that publishes verdicts."""
    monkeypatch.setenv("EVENT_BUS", "default")


@pytest.fixture
def figures(log_lines: LogLines) -> Callable[[], Figures]:
    """The metrics of the last invocation, by metric and by the values of dimensions other than the function."""

    def last() -> Figures:
        line = log_lines()[-1]
        if "_aws" not in line:
            return {}
        return {(name, *(value for _, value in by[1:])): figure for (name, by), (figure, _) in extract(line).items()}

    return last


def object_key(upload_id: str) -> str:
    """Return the key of an upload's object."""
    return f"uploads/acme/{upload_id}/a.csv"


def begin(upload_id: str) -> str:
    """Record an attempt whose execution was never started, and return its name."""
    attempt = Attempt.for_object(ObjectCreated(bucket="inbox", key=object_key(upload_id), sequencer="0A"))
    app.services().uploads.begin_announced(attempt)  # as the orchestrator does
    return attempt.execution_name


def notify(client: Client, *keys: str) -> None:
    """Invoke the orchestrator with one S3 event about objects of these keys."""
    record = events.load("s3_put")["Records"][0]
    records = [
        {**record, "s3": {"bucket": {"name": "inbox"}, "object": {"key": key, "sequencer": "0A"}}} for key in keys
    ]
    client.lambda_.invoke("csv_orchestrator", {"Records": records})


def check(client: Client, upload_id: str, content: bytes, schema: str = "default") -> None:
    """Validate a file."""
    key = object_key(upload_id)
    boto3.client("s3").put_object(Bucket="inbox", Key=key, Body=content, Metadata={"schema": schema})
    client.lambda_.invoke("csv_validator", {"uploadId": upload_id, "bucket": "inbox", "key": key})


def check_in_parts(client: Client, execution: str, content: bytes) -> None:
    """Validate a file in parts, as the state machine does."""
    upload_id = execution.rpartition("-")[0]
    key = object_key(upload_id)
    schema = {"fields": [{"name": "id", "type": "integer"}], "assay": {"tolerance": {"rows": 1}}}
    s3 = boto3.client("s3")
    s3.put_object(Bucket="inbox", Key="schemas/divided.json", Body=json.dumps(schema).encode())
    s3.put_object(Bucket="inbox", Key=key, Body=content, Metadata={"schema": "divided"})
    request = {"uploadId": upload_id, "bucket": "inbox", "key": key, "executionName": execution}
    planned = client.lambda_.invoke("csv_validator", request).payload
    state, parts = request | {"validation": planned}, planned["parts"]
    for reading in parts["readings"]:
        place = {"uploadId": upload_id, "bucket": "inbox", "executionName": execution, "plan": parts["plan"]}
        client.lambda_.invoke("part_validator", place | {"reading": reading})
    assert not client.lambda_.invoke("seam_checker", state).payload["readings"]
    client.lambda_.invoke("part_merger", state)


LOADED_SCHEMA = {"fields": [{"name": "id", "type": "integer"}], "assay": {"load": {"table": "loaded"}}}


def load(client: Client, execution: str, content: bytes, rows: int) -> None:
    """Load the rows of a valid file into a table that is created for it."""
    upload_id = execution.rpartition("-")[0]
    s3 = boto3.client("s3")
    s3.put_object(Bucket="inbox", Key="schemas/loaded.json", Body=json.dumps(LOADED_SCHEMA).encode())
    s3.put_object(Bucket="inbox", Key=object_key(upload_id), Body=content)
    app.services().create_table(Table.of(LOADED_SCHEMA, Load(table="loaded")))
    validation = {"valid": True, "errorCount": 0, "errors": [], "rowCount": rows, "schema": "loaded"}
    request = {"uploadId": upload_id, "bucket": "inbox", "key": object_key(upload_id), "executionName": execution}
    validation |= {"load": {"table": "loaded", "mode": "append"}}
    client.lambda_.invoke("row_loader", request | {"validation": validation})


def record(client: Client, execution: str, **members: object) -> None:
    """Record the verdict of an execution."""
    update = {"uploadId": execution.rpartition("-")[0], "status": "VALIDATED", "executionName": execution}
    client.lambda_.invoke("upload_status", update | members)


def end(client: Client, execution: str, status: str) -> None:
    """Invoke the settler with the event of an ended execution."""
    event = events.load("execution_status_change")
    event["detail"] |= {"name": execution, "status": status}
    client.lambda_.invoke("execution_settler", event)


def refuse(*_: object) -> None:
    """Raise as an unavailable event bus does."""
    raise EventsUnavailable("could not publish to default: ThrottlingException")


def test_registered_uploads_are_counted(client: Client, figures: Callable[[], Figures]) -> None:
    """The HTTP API's function counts them; a refused request is not counted."""
    for filename in ("a.csv", ""):
        body = json.dumps({"filename": filename, "owner": "acme"})
        client.http.post("/uploads", headers={"Content-Type": "application/json"}, body=body)
        assert figures() == ({("registered",): 1} if filename else {}) | {("faults",): 0}


@pytest.mark.parametrize(("error", "status"), [(DatabaseUnavailable("it is down"), 503), (ValueError("a bug"), 500)])
def test_failed_requests_are_counted(
    client: Client, figures: Callable[[], Figures], monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    """Both an outage and a bug count as faults."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(PostgresUploads, "find", fail)
    assert status == client.http.get("/uploads/42").status_code
    assert figures() == {("faults",): 1}


def test_objects_of_an_event_are_counted(client: Client, figures: Callable[[], Figures]) -> None:
    """An event with three records starts two uploads and rejects a malformed key."""
    notify(client, object_key("42"), object_key("43"), "uploads/malformed.csv")
    assert figures() == {("started",): 2, ("rejected",): 1}


def test_each_upload_of_an_event_has_a_log_line(client: Client, log_lines: LogLines) -> None:
    """The line has upload id and execution."""
    notify(client, object_key("42"), object_key("43"))
    found = [(line["uploadId"], line["execution"]) for line in log_lines() if "uploadId" in line]
    assert found == [("42", begin("42")), ("43", begin("43"))]


def test_valid_file_is_counted_by_its_schema(client: Client, figures: Callable[[], Figures]) -> None:
    """Its rows, bytes and throughput are metrics, too."""
    check(client, "42", VALID)
    found = figures()
    assert found.pop(("bytesPerSecond",)) > 0
    size = len(VALID)
    assert found == {
        ("verdicts",): 1,
        ("verdicts", "default", "valid"): 1,
        ("rows",): 1,
        ("rows", "default"): 1,
        ("bytes",): size,
        ("bytes", "default"): size,
        ("errors",): 0,
        ("errors", "default"): 0,
    }


def test_failed_validation_logs_the_schema_and_has_no_metrics(client: Client, log_lines: LogLines) -> None:
    """The exception is in the canonical line."""
    boto3.client("s3").put_object(Bucket="inbox", Key="schemas/broken.json", Body=b'{"fields": [{"type": "x"}]}')
    with pytest.raises(SchemaInvalid):
        check(client, "42", VALID, "broken")
    line = log_lines()[-1]
    assert ("failed", "SchemaInvalid", "broken", False) == (
        line["outcome"],
        line["error"],
        line["schema"],
        "_aws" in line,
    )


def test_errors_are_counted_by_their_codes(client: Client, figures: Callable[[], Figures]) -> None:
    """Each error code is a metric."""
    check(client, "42", INVALID)
    found = figures()
    assert ({("type-error",): 1, ("constraint-error",): 3}, 1, 4) == (
        {key: found[key] for key in found if "-" in key[0]},
        found["verdicts", "default", "invalid"],
        found["errors", "default"],
    )


@pytest.mark.parametrize(("limit", "schema"), [("10", "default"), ("1000", "unknown")])
def test_file_that_is_not_read_has_no_throughput(
    client: Client, figures: Callable[[], Figures], monkeypatch: pytest.MonkeyPatch, limit: str, schema: str
) -> None:
    """An oversized file, or one with an unknown schema, has a verdict without being read."""
    monkeypatch.setenv("MAX_OBJECT_BYTES", limit)
    check(client, "42", VALID, schema)
    found = figures()
    assert found["verdicts",] == found["errors",] == 1
    assert not {"bytes", "bytesPerSecond"} & {name for name, *_ in found}


def test_recorded_verdicts_are_counted_by_status(client: Client, figures: Callable[[], Figures]) -> None:
    """Their duration is a metric, and system failures are counted apart."""
    error = {"column": "file", "code": "system-error", "message": "the file could not be checked: Unforeseen"}
    failure = {"status": "VALIDATION_FAILED", "errorCount": 1, "errors": [error]}
    for upload_id, members, failures in (("42", {}, 0), ("43", failure, 1)):
        record(client, begin(upload_id), **members)
        found = figures()
        assert found.pop(("secondsToVerdict",)) >= 0
        status = str(members.get("status", "VALIDATED"))
        assert found == {("verdicts",): 1, ("verdicts", status): 1, ("systemFailures",): failures}


def test_refused_verdict_is_not_counted(client: Client, figures: Callable[[], Figures]) -> None:
    """Verdicts of superseded and of settled attempts are refused."""
    superseded = begin("42")
    newer = ObjectCreated(bucket="inbox", key=object_key("42"), etag="e2", sequencer="0B")
    app.services().uploads.begin_announced(Attempt.for_object(newer))
    with pytest.raises(AttemptSuperseded):
        record(client, superseded)
    assert figures() == {}
    settled = begin("43")
    end(client, settled, "ABORTED")
    with pytest.raises(AttemptSettled):
        record(client, settled)
    assert figures() == {}


def test_settlements_are_counted(client: Client, log_lines: LogLines) -> None:
    """The line has the upload id, and whether its attempt was restarted or settled."""
    for upload_id, status, figure in (("42", "ABORTED", (0, 1)), ("43", "FAILED", (1, 0))):
        end(client, begin(upload_id), status)
        line = log_lines()[-1]
        found = {name: value for (name, _), (value, _) in extract(line).items()}
        assert (upload_id, *figure) == (line["uploadId"], found["restarted"], found["settled"])


def test_loads_are_counted(client: Client, figures: Callable[[], Figures]) -> None:
    """A load counts itself and its rows, also by schema."""
    load(client, begin("42"), b"id\n1\n2\n", rows=2)
    assert {("loads",): 1, ("loads", "loaded"): 1, ("loadedRows",): 2, ("loadedRows", "loaded"): 2} == figures()


def test_file_in_parts_is_counted_by_the_function_that_merges_them(
    client: Client, figures: Callable[[], Figures], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its verdict, its figures and its error codes; planning it counts nothing."""
    monkeypatch.setenv("PARTS_ABOVE_BYTES", "0")
    monkeypatch.setenv("PART_BYTES", "4")
    content = b"id\n1\nx\n3\n"
    check_in_parts(client, "42-0a1b", content)
    found = figures()
    assert {
        ("verdicts",): 1,
        ("rows",): 3,
        ("bytes",): len(content),
        ("errors",): 1,
        ("rejectedRows",): 1,
        ("acceptedRows",): 2,
        ("parts",): 2,
        ("type-error",): 1,
    } == {key: figure for key, figure in found.items() if len(key) == 1}
    assert 1 == found["verdicts", "divided", "valid"]


def test_every_metric_of_the_table_is_emitted(
    client: Client, log_lines: LogLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each function emits those that the table lists for it; error codes depend on the files and are left out."""
    monkeypatch.setattr(EventBridgeBus, "publish", refuse)
    monkeypatch.setenv("PARTS_ABOVE_BYTES", "200")
    body = json.dumps({"filename": "a.csv", "owner": "acme"})
    client.http.post("/uploads", headers={"Content-Type": "application/json"}, body=body)
    notify(client, object_key("41"))
    check(client, "42", INVALID)
    record(client, begin("42"))
    load(client, begin("44"), b"id\n1\n", rows=1)
    check(client, "45", b"id\nx\n", schema="loaded")
    check_in_parts(client, "46-0a1b", b"id\n1\n2\nx\n" + b"3\n" * 100)
    end(client, begin("43"), "ABORTED")
    machine = os.environ["STATE_MACHINE_ARN"]
    arn = boto3.client("stepfunctions").list_executions(stateMachineArn=machine)
    boto3.client("stepfunctions").stop_execution(executionArn=arn["executions"][0]["executionArn"])
    client.lambda_.invoke("upload_sweep", events.load("scheduled"))
    found = {(line["function"], name) for line in log_lines() if "_aws" in line for name, _ in extract(line)}
    table = {(function, metric.name) for function, metrics in METRICS.items() for metric in metrics}
    assert table == {(function, name) for function, name in found if "-" not in name}, "error codes have hyphens"
