"""The size of the functions' `/tmp`, for which Chalice has no setting."""

from typing import Any

import boto3

from infra.deploy.stages import Stage


def apply(stage: Stage) -> list[str]:
    """Set the size that the stage configures for each function; return the names of those that had another."""
    lambda_: Any = boto3.client("lambda")
    changed = []
    for function, megabytes in stage.ephemeral_storage.items():
        name = stage.function(function)
        # Chalice has just updated it, and Lambda refuses a second update until the first has ended.
        lambda_.get_waiter("function_updated_v2").wait(FunctionName=name)
        found = lambda_.get_function_configuration(FunctionName=name).get("EphemeralStorage", {}).get("Size")
        if found != megabytes:
            lambda_.update_function_configuration(FunctionName=name, EphemeralStorage={"Size": megabytes})
            changed.append(name)
    return changed
