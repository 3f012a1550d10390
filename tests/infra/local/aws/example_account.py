"""A local AWS with one bucket, two functions and one state machine, for tests."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Never

from infra.local.aws.account import REGION, LocalAws, execution_arn
from infra.local.aws.executions import watch
from infra.local.deployment import Deployment, ObjectTrigger, deploy
from infra.local.lambdas.environments import Function
from infra.local.lambdas.invocations import Handler
from infra.local.lambdas.runtime import LambdaRuntime

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
