"""The functions and routes as Chalice declares and calls them."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from chalice import IAMAuthorizer
from chalice.test import Client

import app
from chalicelib.errors import RequestMalformed, UploadNotFound
from chalicelib.uploads.attempts import Attempt, ObjectCreated
from tests import events
from tests.telemetry.embedded_metrics import extract

CREATED = ObjectCreated(bucket="inbox", key="uploads/acme/42/a b.csv", sequencer="0A")
NAME = Attempt.for_object(CREATED).execution_name
SUFFIX = f":stateMachine:{app.STATE_MACHINE_NAME}"


@pytest.fixture
def client(client: Client) -> Client:
    """The app, with one object in its bucket."""
    content = b"id,name,email,amount\n1,Ada,ada@example.com,1\nx,,,\n"
    boto3.client("s3").put_object(Bucket="inbox", Key=CREATED.key, Body=content)
    return client


def status_change(name: str, status: str) -> dict[str, Any]:
    """Return EventBridge's event about an execution's status."""
    event: dict[str, Any] = events.load("execution_status_change")
    event["detail"] |= {"name": name, "status": status}
    return event


def update(**members: object) -> dict[str, object]:
    """Return a payload of the state machine for upload_status."""
    return {"uploadId": "42", "status": "VALIDATED", "executionName": NAME, "rowCount": 1} | members


def test_importing_the_app_opens_nothing_and_needs_no_environment() -> None:
    """Connections would slow down cold starts; a deployment imports the app without its settings."""
    script = "import socket; socket.socket.connect = None; import app; print(app.services.cache_info().currsize)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env={})  # noqa: S603
    assert run.stdout == "0\n"


def test_functions_have_the_documented_names() -> None:
    """Terraform and the state machine find them by name."""
    plain = {function.name for function in app.app.pure_lambda_functions}
    in_parts = {"part_validator", "seam_checker", "part_merger", "part_splitter", "split_joiner"}
    assert {"csv_validator", "row_loader", "upload_status", "migrate"} | in_parts == plain
    assert {"csv_orchestrator", "execution_settler", "upload_sweep"} == set(_sources())
    trigger = _sources()["csv_orchestrator"]
    assert ("uploads/", None) == (trigger.prefix, trigger.suffix)
    assert ["s3:ObjectCreated:*"] == trigger.events


def test_settler_is_subscribed_to_failed_executions_of_the_state_machine() -> None:
    """The pattern matches the end of the ARN: account and region are unknown before the deployment."""
    pattern = _sources()["execution_settler"].event_pattern
    assert {"status": ["FAILED", "TIMED_OUT", "ABORTED"], "stateMachineArn": [{"suffix": SUFFIX}]} == pattern["detail"]
    assert (["aws.states"], ["Step Functions Execution Status Change"]) == (pattern["source"], pattern["detail-type"])


def test_validator_returns_the_verdict(client: Client) -> None:
    """It takes a ValidationRequest and returns a ValidationResponse, both as plain JSON."""
    request = {"uploadId": "42", "bucket": "inbox", "key": CREATED.key}
    response = client.lambda_.invoke("csv_validator", request).payload
    assert json.loads(json.dumps(response)) == response
    assert (False, 4, 2) == (response["valid"], response["errorCount"], response["rowCount"])
    assert {
        "row": 3,
        "line": 3,
        "column": "id",
        "field": 1,
        "code": "type-error",
        "message": "expected an integer, as in 42",
    } == response["errors"][0]


def test_malformed_request_is_refused_with_its_path(client: Client) -> None:
    """It raises an exception, which the state machine catches by its name."""
    with pytest.raises(RequestMalformed, match=r"\$\.key: required, but missing"):
        client.lambda_.invoke("csv_validator", {"uploadId": "42", "bucket": "inbox"})


@pytest.mark.parametrize(
    ("members", "row_count"),
    [
        ({"status": "VALIDATED"}, 1),
        ({"status": "VALIDATION_FAILED", "errorCount": 1, "errors": [{"code": "type-error", "message": "m"}]}, 1),
        ({"status": "VALIDATION_FAILED", "errorCount": 7, "rowCount": None}, None),
    ],
)
def test_status_function_persists_the_verdict(
    client: Client, members: dict[str, object], row_count: int | None
) -> None:
    """The HTTP API returns it with its errors."""
    app.services().uploads.begin_announced(Attempt.for_object(CREATED))  # as the orchestrator does
    reply = client.lambda_.invoke("upload_status", update(**members)).payload
    assert {"uploadId": "42", "status": members["status"]} == reply
    upload = client.http.get("/uploads/42").json_body
    assert (members["status"], row_count) == (upload["status"], upload["rowCount"])
    assert members.get("errorCount", 0) == upload["errorCount"]
    assert [error["code"] for error in members.get("errors", [])] == [error["code"] for error in upload["errors"]]  # type: ignore[attr-defined]


def test_status_of_an_unknown_upload_is_an_error(client: Client) -> None:
    """The exception fails the execution, which raises an alarm."""
    with pytest.raises(UploadNotFound):
        client.lambda_.invoke("upload_status", update())


def test_routes_of_uploads_require_iam() -> None:
    """Without a signature, only health, the description, the page's files and partner links are served."""
    authorizers = {
        (method, path): entry.authorizer for path, route in app.app.routes.items() for method, entry in route.items()
    }
    open_to_all = {path for (_, path), authorizer in authorizers.items() if authorizer is None}
    page = {"/", "/links", "/links/{token}", "/page/{version}/{name}", "/sign-in"}
    of_file = ("upload", "errors", "causes", "downloads", "report-url", "result-url")
    linked = {f"/link/{part}" for part in (*of_file, "agreement", "template", "form")}
    assert {"/health", "/openapi.json", *page, *linked} == open_to_all
    assert all(isinstance(authorizer, IAMAuthorizer) for authorizer in authorizers.values() if authorizer)


def test_migrate_function_finds_nothing_to_do_on_a_migrated_database(client: Client) -> None:
    """Every deployment may invoke it."""
    assert client.lambda_.invoke("migrate", {}).payload == {"applied": []}


def test_every_invocation_logs_one_canonical_line(
    client: Client, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """Both a function and a route do."""
    request = {"uploadId": "42", "bucket": "inbox", "key": CREATED.key, "executionName": NAME}
    client.lambda_.invoke("csv_validator", request)
    client.http.get("/uploads/unknown")
    validated, asked = log_lines()
    assert ("42", NAME, "invalid", "default", 2, 4) == tuple(
        validated[name] for name in ("uploadId", "execution", "outcome", "schema", "rows", "errors")
    )
    assert ("unknown", 404) == (asked["uploadId"], asked["outcome"])


def test_unknown_schema_is_not_a_metric_dimension(
    client: Client, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """Otherwise uploads could create any number of metrics, which cost money."""
    boto3.client("s3").put_object(Bucket="inbox", Key=CREATED.key, Body=b"id\n", Metadata={"schema": "unknown"})
    client.lambda_.invoke("csv_validator", {"uploadId": "42", "bucket": "inbox", "key": CREATED.key})
    (line,) = log_lines()
    assert line["unknownSchema"] == "unknown"
    assert {dimensions for _, dimensions in extract(line)} == {(("function", "csv_validator"),)}


def test_verdict_is_published_on_the_bus_of_the_environment(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """EVENT_BUS names it; a queue with a rule receives the event."""
    monkeypatch.setenv("EVENT_BUS", "default")
    sqs, bridge = boto3.client("sqs"), boto3.client("events")
    url = sqs.create_queue(QueueName="published")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bridge.put_rule(Name="r", EventPattern=json.dumps({"source": ["assay"]}))
    bridge.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": arn}])
    app.services().uploads.begin_announced(Attempt.for_object(CREATED))
    client.lambda_.invoke("upload_status", update())
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert ("42", "VALIDATED") == tuple(json.loads(message["Body"])["detail"][name] for name in ("uploadId", "status"))


def test_settler_records_a_system_failure_for_an_aborted_execution(client: Client) -> None:
    """It takes the event from EventBridge."""
    app.services().uploads.begin_announced(Attempt.for_object(CREATED))
    client.lambda_.invoke("execution_settler", status_change(NAME, "ABORTED"))
    upload = client.http.get("/uploads/42").json_body
    assert ("VALIDATION_FAILED", ["system-error"]) == (upload["status"], [it["code"] for it in upload["errors"]])


def test_settler_ignores_an_empty_error(client: Client) -> None:
    """StopExecution may set an empty error; the message then has the status instead."""
    app.services().uploads.begin_announced(Attempt.for_object(CREATED))
    event = status_change(NAME, "ABORTED")
    event["detail"]["error"] = ""
    client.lambda_.invoke("execution_settler", event)
    (error,) = client.http.get("/uploads/42").json_body["errors"]
    assert "the file could not be checked: ABORTED" == error["message"]


def test_settler_refuses_an_unknown_status(client: Client) -> None:
    """The exception names the path, and fails the invocation."""
    with pytest.raises(RequestMalformed, match=r"\$\.detail\.status: expected one of RUNNING"):
        client.lambda_.invoke("execution_settler", status_change(NAME, "LOST"))


def test_sweep_begins_attempts_at_objects_in_the_bucket(client: Client) -> None:
    """No S3 event announced the object."""
    client.lambda_.invoke("upload_sweep", events.load("scheduled"))
    assert (200, "VALIDATING") == _status(client, "42")


def _sources() -> dict[str, Any]:
    return {source.name: source for source in app.app.event_sources}


def _status(client: Client, upload_id: str) -> tuple[int, str]:
    response = client.http.get(f"/uploads/{upload_id}")
    return response.status_code, response.json_body["status"]
