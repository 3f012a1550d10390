"""Attempts at uploads: which version of which object, in which execution."""

from enum import StrEnum
from hashlib import sha256

from attrs import field, frozen

from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.messages import ValidationRequest
from chalicelib.uploads.object_key import ObjectKey


class ExecutionStatus(StrEnum):
    """How an execution stands, in Step Functions' words."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"
    PENDING_REDRIVE = "PENDING_REDRIVE"

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it by itself."""
        return self not in {ExecutionStatus.RUNNING, ExecutionStatus.PENDING_REDRIVE}


@frozen(kw_only=True)
class Execution:
    """An execution, how it stands, and the name of the error with which it failed, if it did."""

    name: str
    status: ExecutionStatus
    error: str | None = None


@frozen(kw_only=True)
class PlannedExecution:
    """An execution that is to run: under which name, and what it is asked."""

    name: str
    request: ValidationRequest


@frozen(kw_only=True)
class PlannedUpload:
    """An object that is to arrive: where, and for which dataset."""

    bucket: str
    object_key: ObjectKey
    schema: str


_DIGEST_LENGTH = 15
"""Hex digits that tell one upload's attempts apart: with the longest upload id and a hyphen they make the 80
characters that Step Functions allows in an execution's name."""


def comparable_sequencer(sequencer: str) -> str:
    """Bring an S3 sequencer into a form in which plain text comparison gives the order of events.

    Sequencers of one key are hex strings of different lengths, to be compared after padding the shorter one with
    zeros on the right. Without its trailing zeros a sequencer compares the same, and needs no partner to do so.
    An event without one is older than any that has one.
    """
    return sequencer.upper().rstrip("0")


def upload_id_of(execution_name: str) -> str:
    """Give the upload at which the execution of that name is an attempt, if it is one."""
    return execution_name.rpartition("-")[0]


def _version_id(told: str | None) -> str | None:
    return None if told == "null" else told


@frozen(kw_only=True)
class ObjectCreated:
    """What S3 says of an object that arrived: where it is, and which version of it when."""

    bucket: str
    key: str
    """URL-decoded."""
    version_id: str | None = field(default=None, converter=_version_id)
    """None in a bucket without versioning, and for what was put while it was suspended: S3 says `null` of both."""
    etag: str = ""
    sequencer: str = ""
    """Hex digits; orders the events of one key. Empty for an object that was found, without any event."""

    def is_version_of(self, other: "ObjectCreated") -> bool:
        """Say whether both are the same version of the same object; without versioning, its eTag tells."""
        if (self.bucket, self.key, self.version_id) != (other.bucket, other.key, other.version_id):
            return False
        return self.version_id is not None or self.etag == other.etag


@frozen(kw_only=True)
class Attempt:
    """One validation: of the version of an object that an event announced."""

    created: ObjectCreated
    object_key: ObjectKey
    number: int | None = None
    """Which attempt at its upload this is, where that tells it apart: where no event has asked for it."""

    @classmethod
    def for_object(cls, created: ObjectCreated, number: int | None = None) -> "Attempt":
        """Return the attempt at an object that an event announced, or the attempt of that number.

        Raises KeyMalformed.
        """
        return cls(created=created, object_key=ObjectKey.parse(created.key), number=number)

    @property
    def upload_id(self) -> str:
        """The upload that this is an attempt at."""
        return self.object_key.upload_id

    @property
    def sequencer(self) -> str:
        """What orders the attempts at one key, as text."""
        return comparable_sequencer(self.created.sequencer)

    @property
    def execution_name(self) -> str:
        """The name of the attempt's execution: the same for every delivery of the same event, or for the same number.

        At most 80 characters, all of them allowed in an execution's name.
        """
        created = self.created
        identity = [created.bucket, created.key, created.version_id or created.etag, self.sequencer]
        if self.number is not None:
            identity.append(str(self.number))
        digest = sha256("\0".join(identity).encode()).hexdigest()
        return f"{self.upload_id}-{digest[:_DIGEST_LENGTH]}"

    @property
    def execution(self) -> PlannedExecution:
        """The execution that the attempt is."""
        return PlannedExecution(name=self.execution_name, request=_request(self.upload_id, self.created))


@frozen(kw_only=True)
class UploadState:
    """Where an upload stands: in which status, and at which attempt."""

    upload_id: str
    status: Status
    number: int
    """That of the present attempt; 0 before the first."""
    created: ObjectCreated
    """The version that the present attempt is about; of one that is PENDING only bucket and key are known."""
    execution_name: str | None

    @property
    def execution(self) -> PlannedExecution:
        """The execution that the present attempt is, of which there must be one."""
        return PlannedExecution(name=str(self.execution_name), request=_request(self.upload_id, self.created))


def _request(upload_id: str, created: ObjectCreated) -> ValidationRequest:
    return ValidationRequest(upload_id=upload_id, bucket=created.bucket, key=created.key, version_id=created.version_id)
