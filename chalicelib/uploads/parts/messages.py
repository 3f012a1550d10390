"""Messages to part_validator, seam_checker and part_merger."""

from attrs import field, frozen

from chalicelib.errors import PartsInconsistent
from chalicelib.uploads.field_validators import at_least
from chalicelib.uploads.messages import (
    BUCKET,
    EXECUTION_NAME,
    UPLOAD_ID,
    ExecutionState,
    ValidationRequest,
)
from chalicelib.uploads.parts.location import PartsLocation
from chalicelib.uploads.parts.readings import PLAN, PartToRead, PlannedParts
from chalicelib.uploads.task_failure import TaskFailure


@frozen(kw_only=True)
class PlanRequest:
    """What each child of a Map gets."""

    upload_id: str = field(validator=UPLOAD_ID)
    bucket: str = field(validator=BUCKET)
    execution_name: str = field(validator=EXECUTION_NAME)
    plan: str = field(validator=PLAN)
    failure: TaskFailure | None = None
    """Why the child failed for good, to be recorded; None to do its work."""

    @property
    def location(self) -> PartsLocation:
        """Where the plan is."""
        return PartsLocation(
            bucket=self.bucket, upload_id=self.upload_id, execution_name=self.execution_name, plan=self.plan
        )


@frozen(kw_only=True)
class PartRequest(PlanRequest):
    """Asks for one part of an object to be validated, or for one share of its keys to be compared."""

    shares: int = field(default=0, validator=at_least(0))
    """In how many shares the keys are compared; 0 to read a part."""
    reading: PartToRead


@frozen(kw_only=True)
class PartReply:
    """Which part was read, or failed. What was found is in its report: an execution has room for little."""

    number: int


@frozen(kw_only=True)
class PartsRequest(ExecutionState):
    """Asks for the parts that have been read to be compared or merged."""

    failure: TaskFailure | None = None
    """Why the Map over the parts failed; None if it did not."""

    @property
    def parts(self) -> PlannedParts:
        """The parts that have been read last; raises PartsInconsistent if the object was not planned."""
        if self.validation.parts is None:
            raise PartsInconsistent("no parts were planned")
        return self.validation.parts

    @property
    def location(self) -> PartsLocation:
        """Where plan and parts are."""
        return self.plan_location(self.parts.plan)

    @property
    def validation_request(self) -> ValidationRequest:
        """What the execution was started with."""
        return ValidationRequest(
            upload_id=self.upload_id,
            bucket=self.bucket,
            key=self.key,
            version_id=self.version_id,
            execution_name=self.execution_name,
        )
