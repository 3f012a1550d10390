"""Attempts at uploads: which version of which object, in which execution."""

from enum import StrEnum
from hashlib import sha256

from attrs import field, frozen

from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.messages import ValidationRequest
from chalicelib.uploads.object_key import ObjectKey


class ExecutionStatus(StrEnum):
    """The status of an execution, as Step Functions names it."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"
    PENDING_REDRIVE = "PENDING_REDRIVE"

    @property
    def is_over(self) -> bool:
        """Whether the execution has ended; only a redrive can continue it."""
        return self not in {ExecutionStatus.RUNNING, ExecutionStatus.PENDING_REDRIVE}


@frozen(kw_only=True)
class Execution:
    """An execution, its status, and the name of the error with which it failed, if it did."""

    name: str
    status: ExecutionStatus
    error: str | None = None


@frozen(kw_only=True)
class PlannedExecution:
    """An execution that is to be started: its name and its input."""

    name: str
    request: ValidationRequest


@frozen(kw_only=True)
class PlannedUpload:
    """An upload that is to be registered: where its object will arrive, and for which dataset."""

    bucket: str
    object_key: ObjectKey
    schema: str


_DIGEST_LENGTH = 15
"""Hex digits that distinguish the attempts of one upload. With the longest upload id and a hyphen they make the 80
characters that Step Functions allows in an execution's name."""


def comparable_sequencer(sequencer: str) -> str:
    """Return an S3 sequencer in a form in which comparison as text gives the order of events.

    Sequencers of one key are hex strings of different lengths, to be compared after padding the shorter one with zeros
    on the right. Stripping the trailing zeros has the same effect, and needs no second sequencer. An event without a
    sequencer is older than all others.
    """
    return sequencer.upper().rstrip("0")


def upload_id_of(execution_name: str) -> str:
    """Return the upload id in an execution's name; empty if the name has none."""
    return execution_name.rpartition("-")[0]


def _version_id(version_id: str | None) -> str | None:
    return None if version_id == "null" else version_id


@frozen(kw_only=True)
class ObjectCreated:
    """An object that arrived, as S3 announces it: where it is, and in which version."""

    bucket: str
    key: str
    """URL-decoded."""
    version_id: str | None = field(default=None, converter=_version_id)
    """None without versioning, and while versioning is suspended: S3 says `null` for both."""
    etag: str = ""
    sequencer: str = ""
    """Hex digits that order the events of one key. Empty for an object that a sweep found, without an event."""

    def is_version_of(self, other: "ObjectCreated") -> bool:
        """Return whether both are the same version of the same object; without versioning, the ETag decides."""
        if (self.bucket, self.key, self.version_id) != (other.bucket, other.key, other.version_id):
            return False
        return self.version_id is not None or self.etag == other.etag


@frozen(kw_only=True)
class Attempt:
    """One validation of one version of an object."""

    created: ObjectCreated
    object_key: ObjectKey
    number: int | None = None
    """The number of the attempt at its upload, where no event announced it: it makes the execution's name unique."""

    @classmethod
    def for_object(cls, created: ObjectCreated, number: int | None = None) -> "Attempt":
        """Return the attempt at an object that an event announced, or the attempt of that number.

        Raises KeyMalformed.
        """
        return cls(created=created, object_key=ObjectKey.parse(created.key), number=number)

    @property
    def upload_id(self) -> str:
        """The id of the upload."""
        return self.object_key.upload_id

    @property
    def sequencer(self) -> str:
        """Orders the attempts at one key, as text."""
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
        """The execution of the attempt."""
        return PlannedExecution(name=self.execution_name, request=_request(self.upload_id, self.created))


@frozen(kw_only=True)
class UploadState:
    """The status and the current attempt of an upload."""

    upload_id: str
    status: Status
    number: int
    """The number of the current attempt; 0 before the first."""
    created: ObjectCreated
    """The version of the current attempt; before the first attempt only bucket and key are known."""
    execution_name: str | None

    @property
    def execution(self) -> PlannedExecution:
        """The execution of the current attempt, which must exist."""
        return PlannedExecution(name=str(self.execution_name), request=_request(self.upload_id, self.created))


def _request(upload_id: str, created: ObjectCreated) -> ValidationRequest:
    return ValidationRequest(upload_id=upload_id, bucket=created.bucket, key=created.key, version_id=created.version_id)
