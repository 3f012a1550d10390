"""What has happened to an upload, for people: its attempts and its timeline, from the audit's transitions."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from chalicelib.uploads.contracts import AttemptSummary, TimelineEntry, Transition
from chalicelib.uploads.lifecycle import AttemptStatus


def timeline(transitions: Sequence[Transition]) -> tuple[TimelineEntry, ...]:
    """Tell every step, the first one first."""
    return tuple(
        TimelineEntry(
            at=step.occurred_at,
            from_=step.from_status,
            to=step.to_status,
            attempt=step.attempt,
            actor=step.actor,
            reason=step.reason,
        )
        for step in transitions
    )


def attempts(transitions: Sequence[Transition]) -> tuple[AttemptSummary, ...]:
    """Sum up the attempts, the newest first."""
    by_attempt = groupby(transitions, key=lambda step: step.attempt)
    courses = [tuple(steps) for number, steps in by_attempt if number > 0]
    overtaken = [*(steps[0].occurred_at for steps in courses[1:]), None]
    return tuple(map(_attempt, courses, overtaken))[::-1]


def _attempt(steps: Sequence[Transition], overtaken: datetime | None) -> AttemptSummary:
    begun, last = steps[0], steps[-1]
    if last.to_status.is_verdict:
        status, ended_at = AttemptStatus(last.to_status), last.occurred_at
    elif overtaken:
        status, ended_at = AttemptStatus.SUPERSEDED, overtaken
    else:
        status, ended_at = AttemptStatus.VALIDATING, None
    return AttemptSummary(
        attempt=begun.attempt,
        execution_name=begun.execution_name,
        status=status,
        actor=begun.actor,
        reason=begun.reason,
        began_at=begun.occurred_at,
        ended_at=ended_at,
        row_count=last.row_count,
        error_count=last.error_count,
    )
