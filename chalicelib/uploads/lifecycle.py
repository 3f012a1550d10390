"""The statuses of an upload, and which may follow which."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from attrs import frozen


class Status(StrEnum):
    """Where an upload stands. The database's CHECK constraint lists the same names."""

    PENDING = "PENDING"
    VALIDATING = "VALIDATING"
    VALIDATED = "VALIDATED"
    VALIDATION_FAILED = "VALIDATION_FAILED"

    @property
    def is_verdict(self) -> bool:
        """Whether this is how an attempt ends."""
        return self in VERDICTS


VERDICTS = frozenset({Status.VALIDATED, Status.VALIDATION_FAILED})


class AttemptStatus(StrEnum):
    """Where one attempt at an upload stands."""

    VALIDATING = "VALIDATING"
    VALIDATED = "VALIDATED"
    VALIDATION_FAILED = "VALIDATION_FAILED"
    SUPERSEDED = "SUPERSEDED"
    """Another attempt took its place before it had a verdict."""


SUCCESSORS: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.PENDING: frozenset({Status.VALIDATING}),
        # A newer version of the object starts a new attempt, whatever became of the last one; so does an operator.
        Status.VALIDATING: VERDICTS | {Status.VALIDATING},
        Status.VALIDATED: frozenset({Status.VALIDATING}),
        Status.VALIDATION_FAILED: frozenset({Status.VALIDATING}),
    }
)
"""The one table of legal transitions: the SQL guards, the diagrams and the tests are held against it."""


def predecessors(status: Status) -> tuple[Status, ...]:
    """Give the statuses that `status` may follow, in the order of the lifecycle."""
    return tuple(before for before in Status if status in SUCCESSORS[before])


RESTARTS = 3
"""How often a version is started anew without anybody having asked; what is wrong then is wrong for good."""


@frozen(kw_only=True)
class Cause:
    """Who moves an upload, and why, as the audit says it; what an actor always does needs no reason."""

    actor: str
    """One of those below, or `api:` and `operator:` with the name of whoever asked."""
    reason: str | None = None


NOTIFICATION = "notification"
"""S3 told of an object."""
EXECUTION = "execution"
"""An execution of the state machine recorded its verdict."""
SETTLER = "settler"
"""Step Functions told how an execution ended."""
SWEEP = "sweep"
"""Somebody looked."""
