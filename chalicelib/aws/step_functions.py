"""Executions of the state machine, in AWS Step Functions."""

import json
from typing import TYPE_CHECKING

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import codec
from chalicelib.aws.errors import error_code
from chalicelib.errors import ExecutionsUnavailable, SettingsIncomplete
from chalicelib.uploads.attempts import Execution, ExecutionStatus, PlannedExecution

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


def state_machine_arn(function_arn: str, name: str) -> str:
    """Return the ARN of a state machine in the partition, region and account of a function.

    The functions are deployed before the state machine, so they are configured with its name only.
    """
    _, partition, _, region, account, *_ = function_arn.split(":")
    return f"arn:{partition}:states:{region}:{account}:stateMachine:{name}"


def region(arn: str) -> str:
    """Return the region in a state machine's ARN; raises SettingsIncomplete if it is not such an ARN."""
    match arn.split(":"):
        case ["arn", _, "states", name, _, "stateMachine", _] if name:
            return name
    raise SettingsIncomplete("STATE_MACHINE_ARN has the form arn:aws:states:REGION:ACCOUNT:stateMachine:NAME")


@frozen(kw_only=True)
class StepFunctionsExecutions:
    """Starts executions, each at most once."""

    client: "SFNClient"
    state_machine_arn: str

    def start(self, execution: PlannedExecution) -> None:
        """Start an execution, unless one of its name was started; raises ExecutionsUnavailable.

        Step Functions keeps a name for 90 days. While the execution runs, starting it again with the same input
        succeeds without effect; afterwards it fails with ExecutionAlreadyExists. The input cannot differ, because the
        name is derived from it.
        """
        try:
            self.client.start_execution(
                stateMachineArn=self.state_machine_arn,
                name=execution.name,
                input=json.dumps(codec.unstructure(execution.request), ensure_ascii=False),
            )
        except self.client.exceptions.ExecutionAlreadyExists:
            return
        except (BotoCoreError, ClientError) as error:
            raise ExecutionsUnavailable(
                f"could not start the execution {execution.name}: {error_code(error)}"
            ) from None

    def find(self, name: str) -> Execution | None:
        """Return an execution, or None if none of that name was started; raises ExecutionsUnavailable."""
        arn = self.state_machine_arn.replace(":stateMachine:", ":execution:")
        try:
            found = self.client.describe_execution(executionArn=f"{arn}:{name}")
        except self.client.exceptions.ExecutionDoesNotExist:
            return None
        except (BotoCoreError, ClientError) as error:
            raise ExecutionsUnavailable(f"could not ask for the execution {name}: {error_code(error)}") from None
        return Execution(name=name, status=ExecutionStatus(found["status"]), error=found.get("error"))
