"""The local AWS delivers events, invokes functions and runs executions as AWS does, and reports failures."""

import io
import json
import tracemalloc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Never
from urllib.parse import unquote_plus
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.config import Config
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core.config import default_user_config
from moto.s3.models import FakeKey

from infra.local.aws.account import REGION, LocalAws, execution_arn
from infra.local.aws.executions import watch
from infra.local.deployment import Deployment, ObjectTrigger, deploy
from infra.local.lambdas.environments import Function
from infra.local.lambdas.invocations import Handler
from infra.local.lambdas.runtime import LambdaRuntime
from infra.local.ports import PortInUse, listen

if TYPE_CHECKING:
    from infra.local.aws.moto_patches import ExecutionEnded

PATIENCE = 60.0  # seconds
MACHINE = "example-machine"


class Unlucky(Exception):
    """The exception of an example handler."""


def ignore(_event: Any, _context: Any) -> None:
    """Do nothing."""


def fail(_event: Any, _context: Any) -> Never:
    """Fail."""
    raise Unlucky("as always")


@contextmanager
def running(
    *,
    receiver: Handler = ignore,
    worker: Handler = ignore,
    states: Mapping[str, Any] | None = None,
    concurrency: int | None = None,
) -> Iterator[LocalAws]:
    """A bucket that invokes `receiver`, and a state machine whose first state, Work, may invoke `worker`."""
    functions = [Function(name="example-receiver", handler=receiver), Function(name="example-worker", handler=worker)]
    runtime = LambdaRuntime(
        functions,
        region=REGION,
        retry_delays=(0.001, 0.002),
        report=lambda _failure: None,
        concurrency=concurrency,
    )
    deployment = Deployment(
        project="example",
        functions=runtime.functions,
        trigger=ObjectTrigger(
            bucket="drop",
            function="example-receiver",
            events=("s3:ObjectCreated:*",),
            prefix="uploads/",
        ),
        state_machine=MACHINE,
        definition=json.dumps({"StartAt": "Work", "States": states or {"Work": {"Type": "Succeed"}}}),
        environment={},
        services=None,
    )
    with runtime, LocalAws(runtime) as aws:
        deploy(deployment, aws)
        yield aws


def received_by(events: list[Any]) -> Handler:
    """Return a handler that appends the object of each notification."""

    def receive(event: Any, _context: Any) -> None:
        (record,) = event["Records"]
        events.append(record["s3"]["object"])

    return receive


def task(**more: Any) -> dict[str, Any]:
    """Return a state that invokes the worker."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "${worker_arn}", "Payload.$": "$"},
        "OutputPath": "$.Payload",
        **more,
    }


def execute(aws: LocalAws, argument: object = None) -> tuple[str, list[str], Any]:
    """Run the state machine; return its status, the states that it entered, and its output."""
    stepfunctions = aws.client("stepfunctions")
    machine = f"arn:aws:states:{REGION}:123456789012:stateMachine:{MACHINE}"
    stepfunctions.start_execution(stateMachineArn=machine, name="one", input=json.dumps(argument or {}))
    arn = execution_arn(MACHINE, "one")
    states = [entered.name for entered in watch(stepfunctions, arn, timeout=PATIENCE)]
    ended = stepfunctions.describe_execution(executionArn=arn)
    return ended["status"], states, json.loads(ended.get("output", "null"))


@pytest.mark.parametrize(
    "filename",
    ["plain.csv", "two words.csv", "1+1.csv", "100%.csv", "%2B.csv", "Grüße 日本.csv", "deep/er/file.csv"],
)
def test_put_notifies_the_function_of_key_and_version(filename: str) -> None:
    """Key, size, ETag and version are those of the PUT's response."""
    events: list[Any] = []
    key = f"uploads/me@example.com/1/{filename}"
    with running(receiver=received_by(events)) as aws:
        answer = aws.client("s3").put_object(Bucket="drop", Key=key, Body=b"id\n1\n")
        assert aws.runtime.wait_until_delivered(PATIENCE)

    (event,) = events
    assert key == unquote_plus(event["key"])
    assert event["size"] == 5
    assert answer["ETag"].strip('"') == event["eTag"]
    assert answer["VersionId"] == event["versionId"]


def test_put_with_a_forms_content_type_keeps_its_body() -> None:
    """By default, curl sends this content type."""
    with running() as aws:
        url = aws.client("s3").generate_presigned_url("put_object", {"Bucket": "drop", "Key": "form"})
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        with urlopen(Request(url, b"id\n1\n", form, method="PUT")):  # noqa: S310 - a local server
            pass
        assert aws.client("s3").get_object(Bucket="drop", Key="form")["Body"].read() == b"id\n1\n"


def test_later_events_have_greater_sequencers() -> None:
    """Sequencers order the events of two versions, which may arrive in any order."""
    events: list[Any] = []
    with running(receiver=received_by(events)) as aws:
        versions = [
            aws.client("s3").put_object(Bucket="drop", Key="uploads/a/1/x.csv", Body=body)["VersionId"]
            for body in (b"old", b"new")
        ]
        assert aws.runtime.wait_until_delivered(PATIENCE)

    in_order = sorted(events, key=lambda event: str(event["sequencer"]))
    assert versions == [event["versionId"] for event in in_order]


def test_multipart_upload_is_notified_once_when_complete() -> None:
    """There is one event for all parts, and the object's metadata can be read then."""
    seen: list[Any] = []

    def receive(event: Any, _context: Any) -> None:
        (record,) = event["Records"]
        event = record["s3"]["object"]
        head = aws.client("s3").head_object(Bucket="drop", Key=event["key"], VersionId=event["versionId"])
        seen.append((record["eventName"], event["size"], head["Metadata"]))

    body = io.BytesIO(bytes(9 * 1024 * 1024))  # above boto3's threshold for multipart uploads
    with running(receiver=receive) as aws:
        aws.client("s3").upload_fileobj(body, "drop", "uploads/a/1/x.csv", ExtraArgs={"Metadata": {"schema": "orders"}})
        assert aws.runtime.wait_until_delivered(PATIENCE)

    assert seen == [("ObjectCreated:CompleteMultipartUpload", 9_437_184, {"schema": "orders"})]


def test_listing_versions_does_not_load_their_contents() -> None:
    """Each version can be read afterwards, and a listing takes less memory than the bucket's contents."""
    body = bytes(1_000_000)
    with running() as aws:
        s3 = aws.client("s3")
        versions = [s3.put_object(Bucket="drop", Key="a.csv", Body=body)["VersionId"] for _ in range(40)]
        tracemalloc.start()
        listed = s3.list_object_versions(Bucket="drop")["Versions"]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert {(version, len(body)) for version in versions} == {(it["VersionId"], it["Size"]) for it in listed}
        assert peak < 20 * len(body)
        assert body == s3.get_object(Bucket="drop", Key="a.csv", VersionId=versions[0])["Body"].read()


def test_listing_versions_does_not_leak() -> None:
    """Without a patch, moto would keep each version that it has ever listed."""
    with running() as aws:
        s3 = aws.client("s3")
        for body in (b"old", b"new"):
            s3.put_object(Bucket="drop", Key="a.csv", Body=body)
        before = len(FakeKey.instances_tracked)
        listed = s3.list_object_versions(Bucket="drop")["Versions"]

        assert [True, False] == [version["IsLatest"] for version in listed]
        assert before == len(FakeKey.instances_tracked)


@pytest.mark.parametrize("key", ["elsewhere/a/1/x.csv", "Uploads/a/1/x.csv", "uploads", "x/uploads/a/1/x.csv"])
def test_other_keys_invoke_no_function(key: str) -> None:
    """The key must start with the trigger's prefix."""
    events: list[Any] = []
    with running(receiver=received_by(events)) as aws:
        aws.client("s3").put_object(Bucket="drop", Key=key, Body=b"")
        assert aws.runtime.wait_until_delivered(PATIENCE)

    assert events == []


def test_failing_receiver_is_retried_and_reported() -> None:
    """The PUT succeeds; the three failed attempts are recorded and reported."""
    with running(receiver=fail) as aws:
        answer = aws.client("s3").put_object(Bucket="drop", Key="uploads/a/1/x.csv", Body=b"")
        assert aws.runtime.wait_until_delivered(PATIENCE)

        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert [failure.error_type for failure in aws.runtime.failures] == ["Unlucky"] * 3
        assert [letter.function for letter in aws.runtime.dead_letters] == ["example-receiver"]


def test_notification_for_an_unknown_function_is_a_failure() -> None:
    """A trigger without a function must not lose its events silently."""
    nowhere = ObjectTrigger(bucket="drop", function="gone", events=("s3:ObjectCreated:*",), prefix="uploads/")
    with running() as aws:
        configuration = nowhere.configuration(aws.runtime.function_arn("gone"))
        aws.client("s3").put_bucket_notification_configuration(
            Bucket="drop", NotificationConfiguration={"LambdaFunctionConfigurations": [configuration]}
        )
        aws.client("s3").put_object(Bucket="drop", Key="uploads/a/1/x.csv", Body=b"")
        assert aws.runtime.wait_until_delivered(PATIENCE)

        assert {("gone", "ResourceNotFoundException")} == {
            (failure.function, failure.error_type) for failure in aws.runtime.failures
        }


def test_lambda_api_returns_the_result() -> None:
    """A synchronous invocation returns the handler's result without an error."""
    with running(worker=lambda event, _context: event["n"] + 1) as aws:
        answer = aws.client("lambda").invoke(FunctionName="example-worker", Payload=b'{"n": 1}')

        assert "FunctionError" not in answer
        assert json.load(answer["Payload"]) == 2


def test_lambda_api_marks_an_exception_as_unhandled() -> None:
    """The status is 200; the error is in the header and in the payload."""
    with running(worker=fail) as aws:
        answer = aws.client("lambda").invoke(FunctionName=aws.runtime.function_arn("example-worker"))

        assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
        assert json.load(answer["Payload"])["errorType"] == "Unlucky"


def test_lambda_api_refuses_a_throttled_caller() -> None:
    """The response is 429, TooManyRequestsException; a task of a state machine gets the same name."""
    catch = [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "Next": "Throttled"}]
    states = {"Work": task(End=True, Catch=catch), "Throttled": {"Type": "Succeed"}}
    with running(states=states, concurrency=0) as aws:
        client = boto3.client("lambda", config=Config(retries={"total_max_attempts": 1}))
        with pytest.raises(client.exceptions.TooManyRequestsException) as refused:
            client.invoke(FunctionName="example-worker")

        assert 429 == refused.value.response["ResponseMetadata"]["HTTPStatusCode"]
        assert ("SUCCEEDED", ["Work", "Throttled"]) == execute(aws)[:2]


def test_lambda_api_queues_events() -> None:
    """An `Event` invocation is accepted at once and handled later."""
    events: SimpleQueue[Any] = SimpleQueue()
    with running(worker=lambda event, _context: events.put(event)) as aws:
        answer = aws.client("lambda").invoke(FunctionName="example-worker", InvocationType="Event", Payload=b'{"n": 1}')

        assert answer["StatusCode"] == 202
        assert events.get(timeout=PATIENCE) == {"n": 1}


def test_lambda_api_refuses_an_unknown_function() -> None:
    """The response is 404, ResourceNotFoundException."""
    with running() as aws:
        client = aws.client("lambda")

        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.invoke(FunctionName="missing")


def test_state_machine_invokes_the_handler() -> None:
    """The handler gets the task's input, and its result is the output."""
    with running(worker=lambda event, _context: {"doubled": event["n"] * 2}, states={"Work": task(End=True)}) as aws:
        assert execute(aws, {"n": 2}) == ("SUCCEEDED", ["Work"], {"doubled": 4})


def test_state_machine_retries_by_the_exceptions_name() -> None:
    """`Retry` matches the class name of the handler's exception."""
    attempts = []

    def unlucky_once(_event: Any, _context: Any) -> dict[str, bool]:
        attempts.append(1)
        if len(attempts) == 1:
            raise Unlucky("the first time")
        return {"done": True}

    retry = {"ErrorEquals": ["Unlucky"], "IntervalSeconds": 1, "MaxAttempts": 1}
    with running(worker=unlucky_once, states={"Work": task(End=True, Retry=[retry])}) as aws:
        assert execute(aws) == ("SUCCEEDED", ["Work"], {"done": True})
        assert len(aws.runtime.failures) == 1


def test_state_machine_catches_by_the_exceptions_name() -> None:
    """`Catch` ignores other names, and passes error and cause on."""
    catch = [
        {"ErrorEquals": ["Lucky"], "Next": "Wrong"},
        {"ErrorEquals": ["Unlucky"], "ResultPath": "$.caught", "Next": "Sorry"},
    ]
    states = {"Work": task(End=True, Catch=catch), "Wrong": {"Type": "Fail"}, "Sorry": {"Type": "Succeed"}}
    with running(worker=fail, states=states) as aws:
        status, entered, output = execute(aws)

    assert (status, entered) == ("SUCCEEDED", ["Work", "Sorry"])
    assert output["caught"]["Error"] == "Unlucky"
    assert json.loads(output["caught"]["Cause"])["errorMessage"] == "as always"


def test_end_of_an_execution_is_reported() -> None:
    """A listener is called, so that a caller need not poll."""
    ended: SimpleQueue[ExecutionEnded] = SimpleQueue()
    runtime = LambdaRuntime([], region=REGION)
    with runtime, LocalAws(runtime, on_execution_ended=ended.put) as aws:
        stepfunctions = aws.client("stepfunctions")
        machine = stepfunctions.create_state_machine(
            name=MACHINE,
            definition=json.dumps(
                {"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "Unlucky", "Cause": "no luck"}}}
            ),
            roleArn="arn:aws:iam::123456789012:role/example",
        )
        stepfunctions.start_execution(stateMachineArn=machine["stateMachineArn"], name="one", input='{"n": 1}')

        execution = ended.get(timeout=PATIENCE)
    detail = execution.detail()
    assert 0 <= detail.pop("stopDate") - detail.pop("startDate") < PATIENCE * 1000
    assert execution_arn(MACHINE, "one") == detail["executionArn"] == execution.arn
    assert machine["stateMachineArn"] == detail["stateMachineArn"]
    assert ("one", "FAILED", '{"n": 1}', "Unlucky", "no luck", None) == tuple(
        detail[name] for name in ("name", "status", "input", "error", "cause", "output")
    )


def test_closing_an_account_stops_and_forgets_everything() -> None:
    """A second account in the same process starts empty."""
    with running(states={"Work": {"Type": "Wait", "Seconds": 3600, "End": True}}) as aws:
        aws.client("stepfunctions").start_execution(
            stateMachineArn=f"arn:aws:states:{REGION}:123456789012:stateMachine:{MACHINE}", name="endless"
        )

    runtime = LambdaRuntime([], region=REGION)
    with LocalAws(runtime) as aws:
        assert aws.client("s3").list_buckets()["Buckets"] == []
        assert aws.client("lambda").list_functions()["Functions"] == []
        assert aws.client("stepfunctions").list_state_machines()["stateMachines"] == []


def test_moto_is_restored_afterwards() -> None:
    """Each replaced attribute of moto is restored."""

    def replaced() -> list[object]:
        return [LambdaSimpleBackend.invoke, dict(default_user_config)]

    before = replaced()
    with running():
        assert before != replaced()

    assert before == replaced()


def test_port_in_use_is_refused_before_anything_starts() -> None:
    """The error names the port."""
    with listen(0) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(PortInUse, match=str(port)), LocalAws(LambdaRuntime([], region=REGION), port=port):
            pass
