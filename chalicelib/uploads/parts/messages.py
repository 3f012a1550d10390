"""Messages to part_validator, seam_checker and part_merger."""

from attrs import field, frozen

from chalicelib.errors import PartsInconsistent
from chalicelib.uploads.messages import (
    BUCKET,
    EXECUTION_NAME,
    UPLOAD_ID,
    ExecutionState,
    ValidationRequest,
)
from chalicelib.uploads.parts.location import PartsLocation
from chalicelib.uploads.parts.readings import PLAN, PartToRead, PlannedParts


@frozen(kw_only=True)
class PartRequest:
    """Asks for one part of an object to be validated."""

    upload_id: str = field(validator=UPLOAD_ID)
    bucket: str = field(validator=BUCKET)
    execution_name: str = field(validator=EXECUTION_NAME)
    plan: str = field(validator=PLAN)
    reading: PartToRead

    @property
    def location(self) -> PartsLocation:
        """Where the plan is."""
        return PartsLocation(
            bucket=self.bucket, upload_id=self.upload_id, execution_name=self.execution_name, plan=self.plan
        )


@frozen(kw_only=True)
class PartReply:
    """Which part was validated. What was found is in its report: an execution has room for little."""

    number: int


@frozen(kw_only=True)
class PartsRequest(ExecutionState):
    """Asks for the parts that have been read to be compared or merged."""

    @property
    def parts(self) -> PlannedParts:
        """The parts that have been read last; raises PartsInconsistent if the object was not planned."""
        if self.validation.parts is None:
            raise PartsInconsistent("no parts were planned")
        return self.validation.parts

    @property
    def location(self) -> PartsLocation:
        """Where plan and parts are."""
        return PartsLocation(
            bucket=self.bucket, upload_id=self.upload_id, execution_name=self.execution_name, plan=self.parts.plan
        )

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
