"""EventBridge: invokes functions for events that match their rules, and by schedule."""

import json
import re
import threading
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Self

from attrs import frozen
from moto.events.models import EventPattern

from infra.local.lambdas.runtime import ACCOUNT, LambdaRuntime

_RATE: Final = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_SECONDS: Final = {"minute": 60.0, "hour": 3600.0, "day": 86400.0}


class ScheduleUnsupported(Exception):
    """A schedule is not of the form `rate(N minutes|hours|days)`."""


@frozen(kw_only=True)
class EventRule:
    """Invoke `function` for events that match `pattern`."""

    function: str
    pattern: Mapping[str, Any]

    def matches(self, event: dict[str, Any]) -> bool:
        """Return whether the function is invoked with an event; raises moto's exception for a malformed pattern."""
        return bool(EventPattern.load(json.dumps(self.pattern)).matches_event(event))


@frozen(kw_only=True)
class Schedule:
    """`function` is invoked every `period` seconds."""

    function: str
    period: float

    @classmethod
    def of(cls, function: str, expression: str) -> "Schedule":
        """Read a schedule expression; raises ScheduleUnsupported."""
        rate = _RATE.fullmatch(expression)
        if rate is None:
            raise ScheduleUnsupported(f"{function}: expected rate(N minutes), found {expression}")
        count, unit = rate.groups()
        return cls(function=function, period=int(count) * _SECONDS[unit])


class EventBridge:
    """Invokes functions asynchronously, by rule and by schedule; schedules run while the context is open.

    `period`, in seconds, replaces the periods of all schedules; 0 runs none.
    """

    def __init__(
        self,
        runtime: LambdaRuntime,
        *,
        region: str,
        rules: Sequence[EventRule] = (),
        schedules: Sequence[Schedule] = (),
        period: float | None = None,
    ) -> None:
        self._runtime = runtime
        self._region = region
        self._rules = rules
        self._closing = threading.Event()
        due = [(it.function, it.period if period is None else period) for it in schedules]
        self._clocks = [threading.Thread(target=self._run_clock, args=each, daemon=True) for each in due if each[1]]

    def __enter__(self) -> Self:
        """Start the schedules."""
        for clock in self._clocks:
            clock.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the schedules, and accept no more events."""
        self._closing.set()
        for clock in self._clocks:
            clock.join()

    def put(self, *, source: str, detail_type: str, resources: Sequence[str], detail: Mapping[str, Any]) -> None:
        """Invoke every function that has a rule for this event."""
        event = self._event(source, detail_type, resources, detail)
        for rule in self._rules:
            if rule.matches(event) and not self._closing.is_set():
                self._runtime.invoke_async(rule.function, json.dumps(event))

    def scheduled_event(self, function: str) -> str:
        """Return the event, in JSON, with which a schedule invokes a function."""
        resources = [f"arn:aws:events:{self._region}:{ACCOUNT}:rule/{function}"]
        return json.dumps(self._event("aws.events", "Scheduled Event", resources, {}))

    def _run_clock(self, function: str, period: float) -> None:
        while not self._closing.wait(period):
            self._runtime.invoke_async(function, self.scheduled_event(function))

    def _event(
        self, source: str, detail_type: str, resources: Sequence[str], detail: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": detail_type,
            "source": source,
            "account": ACCOUNT,
            "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "region": self._region,
            "resources": list(resources),
            "detail": dict(detail),
        }
