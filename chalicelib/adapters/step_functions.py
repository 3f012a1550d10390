"""Executions of the state machine, in AWS Step Functions."""

import json
from typing import TYPE_CHECKING

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import codec
from chalicelib.adapters.aws_errors import reason
from chalicelib.domain.contracts import ValidationRequest
from chalicelib.errors import ExecutionsUnavailable

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


def state_machine_arn(function_arn: str, name: str) -> str:
    """Build the ARN of a state machine that lives where the function does: same partition, region and account.

    The function's deployment comes first, the state machine's second, so that only the name is known to both.
    """
    _, partition, _, region, account, *_ = function_arn.split(":")
    return f"arn:{partition}:states:{region}:{account}:stateMachine:{name}"


@frozen(kw_only=True)
class StepFunctionsExecutions:
    """Starts executions under names that tell whether they have been started before."""

    client: "SFNClient"
    state_machine_arn: str

    def start(self, name: str, request: ValidationRequest) -> None:
        """Start the execution of that name, unless it has been; raises ExecutionsUnavailable.

        A name is taken for 90 days. While the execution runs, Step Functions answers a start with the same input as
        if it were the first; afterwards it says ExecutionAlreadyExists. The input cannot differ, for the name is
        derived from all that it says. So that answer means that the execution has been, however it ended.
        """
        try:
            self.client.start_execution(
                stateMachineArn=self.state_machine_arn,
                name=name,
                input=json.dumps(codec.unstructure(request), ensure_ascii=False),
            )
        except self.client.exceptions.ExecutionAlreadyExists:
            return
        except (BotoCoreError, ClientError) as error:
            raise ExecutionsUnavailable(f"could not start the execution {name}: {reason(error)}") from None
