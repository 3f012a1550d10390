"""The Lambda API and state machines invoke functions as on AWS, and the ends of executions are reported."""

import json
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from infra.local.aws.account import REGION, LocalAws, execution_arn
from infra.local.lambdas.runtime import LambdaRuntime
from tests.infra.local.aws.example_account import MACHINE, PATIENCE, Unlucky, execute, fail, running, task

if TYPE_CHECKING:
    from infra.local.aws.moto_patches import ExecutionEnded


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
