"""Messages to part_splitter and split_joiner."""

from attrs import field, frozen

from chalicelib.errors import PartsInconsistent
from chalicelib.uploads.field_validators import at_least
from chalicelib.uploads.messages import ExecutionState
from chalicelib.uploads.parts.location import PartsLocation
from chalicelib.uploads.parts.messages import PlanRequest
from chalicelib.uploads.splitting.planned import PlannedSplit
from chalicelib.uploads.task_failure import TaskFailure


@frozen(kw_only=True)
class SegmentRequest(PlanRequest):
    """Asks for one segment of an object to be split."""

    segment: int = field(validator=at_least(0))


@frozen(kw_only=True)
class SegmentReply:
    """The segment that was split, or whose failure was recorded. Its rows are in S3."""

    segment: int


@frozen(kw_only=True)
class SplitRequest(ExecutionState):
    """Asks for the segments that were split to be joined."""

    failure: TaskFailure | None = None
    """Why the Map over the segments failed; None if it did not."""

    @property
    def split(self) -> PlannedSplit:
        """The segments that were split; raises PartsInconsistent if no split was planned."""
        if self.validation.split is None:
            raise PartsInconsistent("no split was planned")
        return self.validation.split

    @property
    def location(self) -> PartsLocation:
        """Where the plan is."""
        return self.plan_location(self.split.plan)
