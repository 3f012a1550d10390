"""Executions, started at most once under each name."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import boto3
import pytest
from attrs import evolve
from botocore.stub import Stubber

from chalicelib.aws.step_functions import StepFunctionsExecutions, region, state_machine_arn
from chalicelib.errors import ExecutionsUnavailable, SettingsIncomplete
from chalicelib.uploads.attempts import Execution, ExecutionStatus, PlannedExecution
from chalicelib.uploads.messages import ValidationRequest
from chalicelib.uploads.ports import Executions
from infra.local.aws.account import REGION, LocalAws
from infra.local.aws.executions import watch
from infra.local.lambdas.runtime import LambdaRuntime
from tests.fakes import InMemoryExecutions

PLANNED = PlannedExecution(
    name="42-abc", request=ValidationRequest(upload_id="42", bucket="inbox", key="uploads/acme/42/ü.csv")
)
PATIENCE = 60.0  # seconds
ARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:assay-dev-csv-processing"


@pytest.fixture
def client() -> Any:
    """A client that Stubber answers."""
    return boto3.client("stepfunctions", region_name="eu-west-1", aws_access_key_id="k", aws_secret_access_key="s")


def test_state_machine_arn_follows_from_the_functions() -> None:
    """Partition, region and account are the function's."""
    function = "arn:aws-cn:lambda:cn-north-1:123456789012:function:assay-dev-csv_orchestrator:live"
    expected = "arn:aws-cn:states:cn-north-1:123456789012:stateMachine:assay-dev-csv-processing"
    assert expected == state_machine_arn(function, "assay-dev-csv-processing")


@pytest.mark.parametrize("unfit", ["", "nonsense", "arn:aws:states::1:stateMachine:x", "arn:aws:s3:r:1:bucket:x"])
def test_malformed_state_machine_arn_is_refused(unfit: str) -> None:
    """The message has the expected form."""
    assert region(ARN) == "eu-west-1"
    with pytest.raises(SettingsIncomplete, match="STATE_MACHINE_ARN has the form"):
        region(unfit)


def test_execution_is_started_under_its_name_with_the_request_as_input(client: Any) -> None:
    """The input is bucket, key and upload id."""
    with Stubber(client) as stubber:
        answer = {"executionArn": "arn:aws:states:x", "startDate": 0}
        payload = {"uploadId": "42", "bucket": "inbox", "key": "uploads/acme/42/ü.csv"}
        stubber.add_response(
            "start_execution",
            answer,
            {"stateMachineArn": ARN, "name": "42-abc", "input": json.dumps(payload, ensure_ascii=False)},
        )
        StepFunctionsExecutions(client=client, state_machine_arn=ARN).start(PLANNED)
        stubber.assert_no_pending_responses()


def test_existing_execution_counts_as_started(client: Any) -> None:
    """The same name means the same input."""
    with Stubber(client) as stubber:
        stubber.add_client_error("start_execution", "ExecutionAlreadyExists")
        StepFunctionsExecutions(client=client, state_machine_arn=ARN).start(PLANNED)


@pytest.mark.parametrize("code", ["StateMachineDoesNotExist", "ThrottlingException", "AccessDeniedException"])
def test_execution_that_cannot_be_started_is_an_error(client: Any, code: str) -> None:
    """Lambda then retries the event."""
    with Stubber(client) as stubber:
        stubber.add_client_error("start_execution", code)
        with pytest.raises(ExecutionsUnavailable, match=code):
            StepFunctionsExecutions(client=client, state_machine_arn=ARN).start(PLANNED)


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException"])
def test_execution_that_cannot_be_described_is_an_error(client: Any, code: str) -> None:
    """It must not look like one that was never started."""
    with Stubber(client) as stubber:
        stubber.add_client_error("describe_execution", code)
        with pytest.raises(ExecutionsUnavailable, match=code):
            StepFunctionsExecutions(client=client, state_machine_arn=ARN).find("42-abc")


@pytest.fixture(scope="module")
def stepfunctions() -> Iterator[Any]:
    """A Step Functions whose one state machine waits for an hour."""
    definition = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
    with LambdaRuntime((), region=REGION) as runtime, LocalAws(runtime) as aws:
        client = aws.client("stepfunctions")
        client.create_state_machine(
            name="waits", definition=json.dumps(definition), roleArn="arn:aws:iam::123456789012:role/r"
        )
        yield client


class TestContract:
    """The contract of the port, for the fake and for a real engine."""

    @pytest.fixture(params=["fake", "engine"])
    def ended(self, request: pytest.FixtureRequest) -> tuple[Executions, Callable[[str], object]]:
        """Executions, and a function that aborts one."""
        if request.param == "fake":
            fake = InMemoryExecutions()
            return fake, lambda name: fake.end(name, ExecutionStatus.ABORTED)
        client = request.getfixturevalue("stepfunctions")
        (machine,) = client.list_state_machines()["stateMachines"]
        arn = machine["stateMachineArn"]
        real = StepFunctionsExecutions(client=client, state_machine_arn=arn)

        def abort(name: str) -> None:
            execution = f"{arn.replace(':stateMachine:', ':execution:')}:{name}"
            client.stop_execution(executionArn=execution)
            # The status follows a moment later.
            list(watch(client, execution, timeout=PATIENCE))

        return real, abort

    def test_execution_is_unknown_until_it_is_started(self, ended: Any, planned: PlannedExecution) -> None:
        """An execution that was never started differs from one that has ended."""
        executions, _ = ended
        assert executions.find(planned.name) is None
        executions.start(planned)
        assert Execution(name=planned.name, status=ExecutionStatus.RUNNING) == executions.find(planned.name)

    def test_execution_runs_once_under_its_name(self, ended: Any, planned: PlannedExecution) -> None:
        """Starting it again has no effect, while it runs and afterwards."""
        executions, abort = ended
        executions.start(planned)
        executions.start(planned)
        abort(planned.name)
        executions.start(planned)
        assert ExecutionStatus.ABORTED is executions.find(planned.name).status

    @pytest.fixture
    def planned(self) -> PlannedExecution:
        """An execution with a unique name."""
        return evolve(PLANNED, name=f"42-{uuid4().hex[:15]}")
