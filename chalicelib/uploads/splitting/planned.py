"""Which segments of an object are to be read, in order to split it."""

from attrs import field, frozen

from chalicelib.uploads.field_validators import at_least
from chalicelib.uploads.parts.readings import PLAN
from chalicelib.uploads.task_failure import TaskFailure


@frozen(kw_only=True)
class PlannedSplit:
    """The segments to read. All others go to one side as a whole, and need not be read."""

    plan: str = field(validator=PLAN)
    """The name of the plan of the parts."""
    concurrency: int = field(validator=at_least(1))
    """How many are read at once."""
    segments: tuple[int, ...]
    """Their numbers, from 0."""
    failure: TaskFailure | None = None
    """Why one of them could not be split; None if none failed."""
