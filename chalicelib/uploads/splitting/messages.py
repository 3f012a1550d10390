"""Messages to part_splitter and split_joiner."""

from attrs import field, frozen

from chalicelib.errors import PartsInconsistent
from chalicelib.uploads.field_validators import at_least
from chalicelib.uploads.messages import BUCKET, EXECUTION_NAME, UPLOAD_ID, ExecutionState
from chalicelib.uploads.parts.location import PartsLocation
from chalicelib.uploads.parts.readings import PLAN


@frozen(kw_only=True)
class SegmentRequest:
    """Asks for one segment of an object to be split."""

    upload_id: str = field(validator=UPLOAD_ID)
    bucket: str = field(validator=BUCKET)
    execution_name: str = field(validator=EXECUTION_NAME)
    plan: str = field(validator=PLAN)
    segment: int = field(validator=at_least(0))

    @property
    def location(self) -> PartsLocation:
        """Where the plan is."""
        return PartsLocation(
            bucket=self.bucket, upload_id=self.upload_id, execution_name=self.execution_name, plan=self.plan
        )


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
        return PartsLocation(
            bucket=self.bucket,
            upload_id=self.upload_id,
            execution_name=self.execution_name,
            plan=self.validation.split.plan,
        )


@frozen(kw_only=True)
class SplitReply:
    """The upload whose results are complete."""

    upload_id: str
