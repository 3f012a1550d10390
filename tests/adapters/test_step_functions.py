"""Executions, started at most once under each name."""

import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib.adapters.step_functions import StepFunctionsExecutions, state_machine_arn
from chalicelib.domain.contracts import ValidationRequest
from chalicelib.errors import ExecutionsUnavailable

REQUEST = ValidationRequest(upload_id="42", bucket="inbox", key="uploads/acme/42/ü.csv")
ARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:assay-dev-csv-processing"


@pytest.fixture
def client() -> Any:
    """A client that talks to nobody."""
    return boto3.client("stepfunctions", region_name="eu-west-1", aws_access_key_id="k", aws_secret_access_key="s")


def test_state_machine_lives_where_the_function_does() -> None:
    """Partition, region and account are the function's."""
    function = "arn:aws-cn:lambda:cn-north-1:123456789012:function:assay-dev-csv_orchestrator:live"
    expected = "arn:aws-cn:states:cn-north-1:123456789012:stateMachine:assay-dev-csv-processing"
    assert expected == state_machine_arn(function, "assay-dev-csv-processing")


def test_execution_is_started_under_its_name_with_the_request_as_input(client: Any) -> None:
    """Exactly bucket, key and upload id."""
    with Stubber(client) as stubber:
        answer = {"executionArn": "arn:aws:states:x", "startDate": 0}
        payload = {"uploadId": "42", "bucket": "inbox", "key": "uploads/acme/42/ü.csv"}
        stubber.add_response(
            "start_execution",
            answer,
            {"stateMachineArn": ARN, "name": "42-abc", "input": json.dumps(payload, ensure_ascii=False)},
        )
        StepFunctionsExecutions(client=client, state_machine_arn=ARN).start("42-abc", REQUEST)
        stubber.assert_no_pending_responses()


def test_execution_that_exists_is_as_good_as_started(client: Any) -> None:
    """The name says that it is the same work."""
    with Stubber(client) as stubber:
        stubber.add_client_error("start_execution", "ExecutionAlreadyExists")
        StepFunctionsExecutions(client=client, state_machine_arn=ARN).start("42-abc", REQUEST)


@pytest.mark.parametrize("code", ["StateMachineDoesNotExist", "ThrottlingException", "AccessDeniedException"])
def test_execution_that_cannot_be_started_is_an_error(client: Any, code: str) -> None:
    """So that the event is delivered again."""
    with Stubber(client) as stubber:
        stubber.add_client_error("start_execution", code)
        with pytest.raises(ExecutionsUnavailable, match=code):
            StepFunctionsExecutions(client=client, state_machine_arn=ARN).start("42-abc", REQUEST)
