"""The statuses of an upload, and which may follow which."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from attrs import frozen


class Status(StrEnum):
    """The status of an upload. The database's CHECK constraint lists the same names."""

    PENDING = "PENDING"
    VALIDATING = "VALIDATING"
    VALIDATED = "VALIDATED"
    VALIDATION_FAILED = "VALIDATION_FAILED"

    @property
    def is_verdict(self) -> bool:
        """Whether an attempt ends with this status."""
        return self in VERDICTS


VERDICTS = frozenset({Status.VALIDATED, Status.VALIDATION_FAILED})


class AttemptStatus(StrEnum):
    """The status of one attempt at an upload."""

    VALIDATING = "VALIDATING"
    VALIDATED = "VALIDATED"
    VALIDATION_FAILED = "VALIDATION_FAILED"
    SUPERSEDED = "SUPERSEDED"
    """A newer attempt replaced it before it had a verdict."""


SUCCESSORS: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.PENDING: frozenset({Status.VALIDATING}),
        # A newer version begins another attempt in any status; a replay does in any but PENDING.
        Status.VALIDATING: VERDICTS | {Status.VALIDATING},
        Status.VALIDATED: frozenset({Status.VALIDATING}),
        Status.VALIDATION_FAILED: frozenset({Status.VALIDATING}),
    }
)
"""The table of legal transitions. The SQL guards, the diagrams and the tests agree with it."""


def predecessors(status: Status) -> tuple[Status, ...]:
    """Return the statuses that `status` may follow, in the order of the lifecycle."""
    return tuple(before for before in Status if status in SUCCESSORS[before])


REGISTRATION_VALID_FOR = timedelta(days=7)
"""How long a PENDING upload is expected to get its file; as long as a partner link is valid."""

RESTARTS = 3
"""How often the settler and the sweep restart a version. A failure after that many restarts is permanent."""


@frozen(kw_only=True)
class Cause:
    """The actor and the reason of a transition, for the audit. Actors with only one reason leave it out."""

    actor: str
    """One of the actors below, or `api:` or `operator:` with the name of the person or role that asked."""
    reason: str | None = None


NOTIFICATION = "notification"
"""S3 announced an object."""
EXECUTION = "execution"
"""An execution of the state machine recorded its verdict."""
SETTLER = "settler"
"""The settler handled the end of an execution."""
SWEEP = "sweep"
"""A sweep found the upload or the object."""
