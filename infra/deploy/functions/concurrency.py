"""Whether an account can reserve the concurrency that a stage's functions are configured with."""

from typing import Any, Final

import boto3

from infra.deploy.stages import Stage

UNRESERVED: Final = 100
"""Lambda keeps this concurrency for functions without a reservation. A new account has less in all."""


def shortfall(stage: Stage) -> str | None:
    """Return why the account cannot reserve the stage's concurrency; None if it can."""
    if not stage.reserved_concurrency:
        return None
    lambda_: Any = boto3.client("lambda")
    limits = lambda_.get_account_settings()["AccountLimit"]
    wanted = sum(stage.reserved_concurrency.values())
    available = limits["UnreservedConcurrentExecutions"] + _reserved_already(stage, lambda_) - UNRESERVED
    if wanted <= available:
        return None
    return (
        f"the functions are to reserve a concurrency of {wanted}, but of the account's"
        f" {limits['ConcurrentExecutions']} only {max(0, available)} can be reserved"
    )


def _reserved_already(stage: Stage, lambda_: Any) -> int:
    """Return what the stage's functions have reserved by an earlier deployment."""
    reserved = 0
    for function in stage.reserved_concurrency:
        try:
            answer = lambda_.get_function_concurrency(FunctionName=stage.function(function))
        except lambda_.exceptions.ResourceNotFoundException:
            continue
        reserved += answer.get("ReservedConcurrentExecutions", 0)
    return reserved
