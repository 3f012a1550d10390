"""The local EventBridge invokes the functions whose rules match an event."""

import threading
from typing import Any

import pytest
from moto.events.exceptions import InvalidEventPatternException

from infra.local.aws.event_bridge import (
    EventBridge,
    EventRule,
    Schedule,
    ScheduleUnsupported,
)
from infra.local.lambdas.environments import Function
from infra.local.lambdas.runtime import LambdaRuntime

PATIENCE = 60.0  # seconds
PATTERN = {
    "source": ["aws.states"],
    "detail": {"status": ["FAILED", "ABORTED"], "stateMachineArn": [{"suffix": ":stateMachine:ours"}]},
}
FAILED = {"status": "FAILED", "stateMachineArn": "arn:aws:states:us-east-1:1:stateMachine:ours"}


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        (FAILED, True),
        (FAILED | {"status": "ABORTED", "more": 1}, True),
        (FAILED | {"status": "SUCCEEDED"}, False),
        (FAILED | {"stateMachineArn": "arn:aws:states:us-east-1:1:stateMachine:ours-too"}, False),
        ({"status": "FAILED"}, False),
    ],
)
def test_event_matches_if_every_field_has_one_of_the_values(detail: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 - a parameter
    """Fields that the pattern does not name are ignored."""
    rule = EventRule(function="settler", pattern=PATTERN)

    assert expected == rule.matches({"source": "aws.states", "detail": detail})
    assert not rule.matches({"source": "aws.s3", "detail": detail})


def test_malformed_patterns_are_refused() -> None:
    """AWS refuses them when the rule is created."""
    with pytest.raises(InvalidEventPatternException, match="'source' must be an object or an array"):
        EventRule(function="f", pattern={"source": "aws.s3"}).matches({"source": "aws.s3"})


@pytest.mark.parametrize(("expression", "seconds"), [("rate(5 minutes)", 300), ("rate(1 hour)", 3600)])
def test_rates_are_read(expression: str, seconds: float) -> None:
    """The syntax is AWS's."""
    assert seconds == Schedule.of("sweep", expression).period


def test_other_schedules_are_refused() -> None:
    """Otherwise the function would never be invoked."""
    with pytest.raises(ScheduleUnsupported, match=r"sweep: expected rate\(N minutes\), found cron\(0 \* \* \* \? \*\)"):
        Schedule.of("sweep", "cron(0 * * * ? *)")


def test_events_invoke_the_functions_with_a_matching_rule() -> None:
    """The function gets EventBridge's whole event."""
    seen: list[dict[str, Any]] = []
    functions = [Function(name="settler", handler=lambda event, _context: seen.append(event))]
    with LambdaRuntime(functions, region="us-east-1") as runtime:
        rules = [EventRule(function="settler", pattern=PATTERN)]
        with EventBridge(runtime, region="us-east-1", rules=rules) as events:
            for status in ("SUCCEEDED", "FAILED"):
                detail = FAILED | {"status": status}
                events.put(source="aws.states", detail_type="Change", resources=["arn"], detail=detail)
        assert runtime.wait_until_delivered(PATIENCE)

    (event,) = seen
    assert FAILED == event["detail"]
    assert ("0", "aws.states", "Change", ["arn"]) == tuple(
        event[name] for name in ("version", "source", "detail-type", "resources")
    )


def test_scheduled_functions_are_invoked_periodically() -> None:
    """They get a schedule's event; the stack may change the period."""
    seen: list[dict[str, Any]] = []
    twice = threading.Event()

    def sweep(event: Any, _context: Any) -> None:
        seen.append(event)
        if len(seen) == 2:
            twice.set()

    with LambdaRuntime([Function(name="sweep", handler=sweep)], region="us-east-1") as runtime:
        schedules = [Schedule(function="sweep", period=3600)]
        with EventBridge(runtime, region="us-east-1", schedules=schedules, period=0.01):
            assert twice.wait(PATIENCE)

    assert seen[0]["detail-type"] == "Scheduled Event"
