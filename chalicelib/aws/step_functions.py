"""Executions of the state machine, in AWS Step Functions."""

import json
from typing import TYPE_CHECKING

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import codec
from chalicelib.aws.errors import reason
from chalicelib.errors import ExecutionsUnavailable, SettingsIncomplete
from chalicelib.uploads.attempts import Execution, ExecutionStatus, PlannedExecution

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


def state_machine_arn(function_arn: str, name: str) -> str:
    """Build the ARN of a state machine that lives where the function does: same partition, region and account.

    The function's deployment comes first, the state machine's second, so that only the name is known to both.
    """
    _, partition, _, region, account, *_ = function_arn.split(":")
    return f"arn:{partition}:states:{region}:{account}:stateMachine:{name}"


def region(arn: str) -> str:
    """Give the region of a state machine; raises SettingsIncomplete if that is no ARN of one."""
    match arn.split(":"):
        case ["arn", _, "states", name, _, "stateMachine", _] if name:
            return name
    raise SettingsIncomplete("STATE_MACHINE_ARN has the form arn:aws:states:REGION:ACCOUNT:stateMachine:NAME")


@frozen(kw_only=True)
class StepFunctionsExecutions:
    """Starts executions under names that tell whether they have been started before."""

    client: "SFNClient"
    state_machine_arn: str

    def start(self, execution: PlannedExecution) -> None:
        """Start an execution, unless one of its name has been; raises ExecutionsUnavailable.

        A name is taken for 90 days. While the execution runs, Step Functions answers a start with the same input as
        if it were the first; afterwards it says ExecutionAlreadyExists. The input cannot differ, for the name is
        derived from all that it says. So that answer means that the execution has been, however it ended.
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
            raise ExecutionsUnavailable(f"could not start the execution {execution.name}: {reason(error)}") from None

    def find(self, name: str) -> Execution | None:
        """Tell how an execution stands; None if none of that name has been started; raises ExecutionsUnavailable."""
        arn = self.state_machine_arn.replace(":stateMachine:", ":execution:")
        try:
            found = self.client.describe_execution(executionArn=f"{arn}:{name}")
        except self.client.exceptions.ExecutionDoesNotExist:
            return None
        except (BotoCoreError, ClientError) as error:
            raise ExecutionsUnavailable(f"could not ask for the execution {name}: {reason(error)}") from None
        return Execution(name=name, status=ExecutionStatus(found["status"]), error=found.get("error"))
