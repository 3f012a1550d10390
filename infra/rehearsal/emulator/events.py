"""EventBridge: asynchronous invocation with permission, faster schedules, and conditions on the source of events."""

import json
from collections.abc import Callable
from typing import Any, Final

from infra.rehearsal.emulator.patching import ministack, replace

_SPEED: Final = 20
"""How much faster than on AWS schedules are due, so that the rehearsal does not wait for minutes."""
_TICK_SECONDS: Final = 1


def patch() -> None:
    """Patch ministack's EventBridge."""
    service = ministack("services.eventbridge")
    service._SCHEDULER_TICK_INTERVAL = _TICK_SECONDS  # noqa: SLF001 - there is no other way in
    replace(service, "_parse_rate_seconds", _parse_rate)
    replace(service, "_invoke_target", _invoke)
    replace(service, "_dispatch_to_lambda", _dispatch_to_lambda)
    replace(ministack("core.iam_actions"), "request_tag_context", _context)


def _parse_rate(original: Callable[..., int | None], expression: str) -> float | None:
    seconds = original(expression)
    return None if seconds is None else seconds / _SPEED


def _context(original: Callable[..., dict[str, Any]], service: str, action: str, body: bytes, *rest: Any) -> Any:
    """Provide the source of a request's first event to conditions; Assay's requests have one event."""
    context = original(service, action, body, *rest)
    if action == "events:PutEvents":
        context["events:source"] = json.loads(body)["Entries"][0]["Source"]
    return context


def _invoke(original: Callable[..., None], target: Any, event: Any, rule: Any, *view: Any) -> None:
    """Invoke the target of a rule; a function only if its resource policy allows the rule."""
    if ":lambda:" not in target["Arn"] or _lets(target["Arn"], rule["Arn"]):
        original(target, event, rule, *view)


def _lets(function_arn: str, rule_arn: str) -> bool:
    function, _config, _name = ministack("services.lambda_svc")._get_func_record_for_ref(function_arn)  # noqa: SLF001 - there is no other way in
    statements = function["policy"]["Statement"] if function else []
    return any(
        statement["Effect"] == "Allow"
        and statement["Action"] == "lambda:InvokeFunction"
        and statement["Principal"] == {"Service": "events.amazonaws.com"}
        and statement["Condition"]["ArnLike"]["AWS:SourceArn"] == rule_arn
        for statement in statements
    )


def _dispatch_to_lambda(_original: Callable[..., None], function_arn: str, payload: str) -> None:
    """Invoke a function asynchronously: it is retried if it fails, as for S3's notifications."""
    service = ministack("services.lambda_svc")
    function, config, _name = service._get_func_record_for_ref(function_arn)  # noqa: SLF001 - there is no other way in
    service.invoke_async_with_retry(service._execution_record_for_config(function, config), json.loads(payload))  # noqa: SLF001 - the same
