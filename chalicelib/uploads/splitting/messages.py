"""Messages to part_splitter and split_joiner."""

from attrs import field, frozen

from chalicelib.errors import PartsInconsistent
from chalicelib.uploads.field_validators import at_least
from chalicelib.uploads.messages import ExecutionState
from chalicelib.uploads.parts.location import PartsLocation
from chalicelib.uploads.parts.messages import PlanRequest


@frozen(kw_only=True)
class SegmentRequest(PlanRequest):
    """Asks for one segment of an object to be split."""

    segment: int = field(validator=at_least(0))


@frozen(kw_only=True)
class SegmentReply:
    """Which segment was split. Its rows are in S3."""

    segment: int


@frozen(kw_only=True)
class SplitRequest(ExecutionState):
    """Asks for the segments that were split to be joined."""

    @property
    def location(self) -> PartsLocation:
        """Where the plan is; raises PartsInconsistent if no split was planned."""
        if self.validation.split is None:
            raise PartsInconsistent("no split was planned")
        return self.plan_location(self.validation.split.plan)


@frozen(kw_only=True)
class SplitReply:
    """The upload whose results are complete."""

    upload_id: str
