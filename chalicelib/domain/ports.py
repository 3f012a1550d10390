"""What the use cases need of the outside world."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from attrs import frozen

from chalicelib.domain.attempt import Attempt
from chalicelib.domain.contracts import ReportedError, StatusUpdate, Upload, ValidationRequest
from chalicelib.domain.lifecycle import Status
from chalicelib.domain.report_place import Artefact, ReportPlace


class UploadStatusRepository(Protocol):
    """Keeps the status of every upload, and lets it move only as the lifecycle allows.

    Each method is one transaction, can be repeated without harm, and raises DatabaseUnavailable if there is no
    database to talk to.
    """

    def mark_validating(self, attempt: Attempt) -> bool:
        """Begin the attempt, unless a newer one has; say whether its execution should run.

        An upload without a record gets one. False means that the attempt has its verdict already, or has been
        superseded. Raises UploadIdTaken if the upload id belongs to another object.
        """
        ...

    def record_verdict(self, update: StatusUpdate) -> Status:
        """Move the upload to its verdict and give the status it is in.

        Raises UploadNotFound, AttemptSuperseded if the execution's attempt is not the present one, and
        TransitionIllegal if the attempt has another verdict already.
        """
        ...

    def find(self, upload_id: str) -> Upload:
        """Give what is known of an upload; raises UploadNotFound."""
        ...

    def ping(self) -> None:
        """Make sure that the database answers."""
        ...


class Executions(Protocol):
    """Starts executions of the state machine."""

    def start(self, name: str, request: ValidationRequest) -> None:
        """Start the execution of that name, unless it has been; raises ExecutionsUnavailable."""
        ...


@frozen(kw_only=True)
class StoredObject:
    """An object that has been opened for reading."""

    metadata: Mapping[str, str]
    """The user's own, with keys in lower case and without their prefix."""
    content: Iterable[bytes]
    """Can be gone through once.

    Raises StorageUnavailable if it breaks off for good, ObjectVanished if the object is replaced meanwhile, and
    ObjectForbidden if it may no longer be read.
    """


class ObjectStore(Protocol):
    """Holds what has been uploaded."""

    def open(self, bucket: str, key: str, version_id: str | None) -> StoredObject:
        """Open an object; raises ObjectVanished, ObjectForbidden or StorageUnavailable."""
        ...


class ReportDraft(Protocol):
    """A report that is being written; nobody sees any of it before it is published.

    Each method but the last raises ObjectForbidden, ObjectVanished if there is no bucket, or StorageUnavailable.
    """

    def write(self, lines: bytes) -> None:
        """Add lines to the errors."""
        ...

    def publish(self, page: bytes) -> None:
        """Have the errors there, and then the page."""
        ...

    def discard(self) -> None:
        """Let go of what has been written, if it has not been published."""
        ...


class ReportStore(Protocol):
    """Keeps the full reports, which are as private as the uploads."""

    def draft(self, place: ReportPlace) -> ReportDraft:
        """Begin a report; publishing it replaces one that the same execution has published."""
        ...

    def share(self, place: ReportPlace, artefact: Artefact, seconds: int) -> str:
        """Give an address at which anybody can read a part of a report for so long.

        Raises ReportUnavailable if it is not there, ObjectForbidden or StorageUnavailable.
        """
        ...

    def errors(self, place: ReportPlace, start: int) -> Iterator[tuple[ReportedError, int]]:
        """Give the errors from a byte on where one begins, each with where the next one does.

        Raises ReportUnavailable if they are not there, FieldInvalid if no error begins at that byte, ObjectForbidden or
        StorageUnavailable.
        """
        ...


class SchemaCatalog(Protocol):
    """Holds the datasets' schemas."""

    def load(self, name: str) -> Mapping[str, Any]:
        """Give a schema's descriptor; raises SchemaUnknown with the names there are, or SchemaInvalid."""
        ...
