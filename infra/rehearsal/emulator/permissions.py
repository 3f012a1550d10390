"""Permissions of a role, for what AWS itself does in that role.

ministack checks requests. But Lambda writes logs and sends dead letters as the function's role, and Step Functions
invokes functions as the state machine's, without a request that could be checked.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from infra.rehearsal.emulator.patching import ministack

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def allows(role_arn: str, *actions: str, resource: str = "*", context: Mapping[str, str] = _NONE) -> bool:
    """Return whether a role's policies allow all of these actions on a resource; conditions read the context."""
    evaluator = ministack("core.iam_evaluator")
    account, role = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    policies = evaluator._gather_role_policies(role, account)  # noqa: SLF001 - there is no other way in
    requests = (
        evaluator.EvalContext(
            principal_arn=f"arn:aws:sts::{account}:assumed-role/{role}/aws",
            principal_type="AssumedRole",
            principal_account=account,
            action=action,
            resource_arn=resource,
            region=ministack("core.responses").get_region(),
            service_context=dict(context),
        )
        for action in actions
    )
    return all(evaluator.evaluate(request, policies).decision == "Allow" for request in requests)
