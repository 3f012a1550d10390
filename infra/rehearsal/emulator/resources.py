"""The resource of a request, where ministack checks permissions for all resources or for the wrong one."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from infra.rehearsal.emulator.patching import ministack, replace

_CLOUDWATCH: Final = {
    "AlarmNames.member.1": "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
    "DashboardName": "arn:aws:cloudwatch::{account}:dashboard/{name}",
    "DashboardNames.member.1": "arn:aws:cloudwatch::{account}:dashboard/{name}",
}
"""The parameters that name the resource of a request, and its ARN."""


def patch() -> None:
    """Name the resource of requests about new functions, event buses, targets of rules, and tags."""
    replace(ministack("core.iam_actions"), "extract_resource_arn", _resource)


def _resource(original: Callable[..., str], *request: Any) -> str:
    service, method, path, headers, body, query, region, account = request
    if (service, method) == ("lambda", "POST") and path.rstrip("/").endswith("/functions"):
        return f"arn:aws:lambda:{region}:{account}:function:{_field(body, 'FunctionName')}"
    if service == "events" and _target(headers).endswith(".DescribeEventBus"):
        return f"arn:aws:events:{region}:{account}:event-bus/{_field(body, 'Name')}"
    if service == "events" and (rule := _field(body, "Rule", "")):
        return f"arn:aws:events:{region}:{account}:rule/{rule}"
    named = original(*request)
    if named != "*":
        return named
    for parameter, arn in _CLOUDWATCH.items():
        if name := query.get(parameter):
            return arn.format(region=region, account=account, name=name[0])
    (of_query,) = query.get("ResourceARN") or (named,)
    return _field(body, "resourceArn", of_query)


def _target(headers: Mapping[str, str]) -> str:
    return next((value for name, value in headers.items() if name.lower() == "x-amz-target"), "")


def _field(body: bytes, name: str, otherwise: str = "default") -> str:
    with suppress(ValueError):
        return str(json.loads(body).get(name, otherwise))
    return otherwise
