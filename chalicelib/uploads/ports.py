"""What the use cases need of the outside world."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Protocol

from attrs import frozen

from chalicelib.uploads.attempts import Attempt, Execution, ObjectCreated, PlannedExecution, PlannedUpload, UploadState
from chalicelib.uploads.lifecycle import Cause
from chalicelib.uploads.messages import StatusUpdate, Verdict
from chalicelib.uploads.paging import UploadQuery
from chalicelib.uploads.read_models import ReportedError, Transition, Upload, UploadForm, UploadPage
from chalicelib.uploads.reports import ReportFile, ReportLocation
from chalicelib.validation import Fault


class UploadStatusRepository(Protocol):
    """Keeps the status of every upload, and lets it move only as the lifecycle allows.

    Each method is one transaction, can be repeated without harm, and raises DatabaseUnavailable if there is no
    database to talk to. Those that begin an attempt give the execution that should run now. Asked for the same again,
    `begin_announced`, `begin_found`, `replay` and `restart` give the same, as long as the attempt has no verdict:
    whoever asked first may have died before it was started.
    """

    def register(self, upload: PlannedUpload, cause: Cause) -> Upload:
        """Make a record of an upload before its object arrives, and tell what is known of it then.

        Raises UploadIdTaken if the upload id belongs to another object, or is announced for another dataset.
        """
        ...

    def begin_announced(self, attempt: Attempt) -> PlannedExecution | None:
        """Begin the attempt that an event asks for, unless the upload has come further.

        An upload without a record gets one. None means that the attempt has its verdict already, or has been
        superseded. An event about the version at which an attempt has been begun without it begins no other.
        Raises UploadIdTaken if the upload id belongs to another object.
        """
        ...

    def begin_found(self, found: ObjectCreated, *, after: int, cause: Cause) -> PlannedExecution | None:
        """Begin an attempt at a version that no event has told of, if `after` is the number of the present attempt.

        An upload without a record, `after` 0, gets one. Raises KeyMalformed and UploadIdTaken.
        """
        ...

    def replay(self, upload_id: str, *, after: int | None, cause: Cause) -> PlannedExecution:
        """Begin another attempt at the present version.

        Raises UploadNotFound, NothingToValidate if no object has arrived, and AttemptSuperseded if the present attempt
        is not `after`, where that is given; unless it is the one that the same actor has begun after it.
        """
        ...

    def restart(self, execution_name: str, cause: Cause) -> PlannedExecution | None:
        """Begin another attempt at the present version because that execution came to nothing.

        None if it is neither that of the present attempt nor the one that this has been begun in the place of, if the
        present attempt has its verdict, or if the version has been restarted RESTARTS times.
        """
        ...

    def resume(self, execution_name: str, cause: Cause) -> PlannedExecution | None:
        """Write down that the present attempt's execution, of that name, has to be started still.

        None if it is not that of the present attempt, or has its verdict.
        """
        ...

    def settle(self, execution_name: str, fault: Fault, cause: Cause) -> Verdict | None:
        """Give VALIDATION_FAILED, with that fault of the file, to the attempt of an execution that will not.

        None if it is not the present attempt, or has its verdict.
        """
        ...

    def record_verdict(self, update: StatusUpdate) -> Verdict:
        """Move the upload to its verdict and give what is on record then.

        Raises UploadNotFound, AttemptSuperseded if the execution's attempt is not the present one, AttemptSettled if
        it has been settled meanwhile, and TransitionIllegal if it has another verdict already.
        """
        ...

    def claim_unsettled(self, *, idle: timedelta, most: int) -> tuple[UploadState, ...]:
        """Give uploads without a verdict that nothing has happened to for so long, those first that waited longest.

        Whoever asks at the same time is given others; after `idle` they are given again.
        """
        ...

    def states(self, upload_ids: Iterable[str]) -> Mapping[str, UploadState]:
        """Tell where uploads stand; those without a record are left out."""
        ...

    def transitions(self, upload_id: str) -> tuple[Transition, ...]:
        """Give the steps that an upload has taken, the first one first; none if it is unknown."""
        ...

    def sweep_marker(self) -> str:
        """Give the object key behind which a sweep through the bucket goes on; empty for its beginning."""
        ...

    def save_sweep_marker(self, key: str) -> None:
        """Keep the object key behind which the next sweep goes on."""
        ...

    def page(self, query: UploadQuery) -> UploadPage:
        """List uploads, newest first: those that began after the last page was asked for are not in the next one."""
        ...

    def find(self, upload_id: str) -> Upload:
        """Give what is known of an upload; raises UploadNotFound."""
        ...

    def ping(self) -> None:
        """Make sure that the database answers."""
        ...


class EventBus(Protocol):
    """Tells whoever wants to know."""

    def publish(self, verdict: Verdict) -> None:
        """Tell of a verdict; raises EventsUnavailable."""
        ...


class Executions(Protocol):
    """Starts executions of the state machine, and knows how they stand; both raise ExecutionsUnavailable."""

    def start(self, execution: PlannedExecution) -> None:
        """Start an execution, unless one of its name has been."""
        ...

    def find(self, name: str) -> Execution | None:
        """Tell how an execution stands; None if none of that name has been started."""
        ...


@frozen(kw_only=True)
class StoredObject:
    """An object that has been opened for reading."""

    size: int
    """In bytes, as it is stored."""
    metadata: Mapping[str, str]
    """The user's own, with keys in lower case and without their prefix."""
    content: Iterable[bytes]
    """Can be gone through once.

    Raises StorageUnavailable if it breaks off for good, ObjectVanished if the object is replaced meanwhile, and
    ObjectForbidden if it may no longer be read.
    """


@frozen(kw_only=True)
class BucketPage:
    """Some of a bucket's objects."""

    objects: tuple[ObjectCreated, ...]
    last_key: str
    """Behind which the next page begins; empty if this was the last."""


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

    def draft(self, place: ReportLocation) -> ReportDraft:
        """Begin a report; publishing it replaces one that the same execution has published."""
        ...

    def share(self, place: ReportLocation, file: ReportFile, seconds: int) -> str:
        """Give an address at which anybody can read a part of a report for so long.

        Raises ReportUnavailable if it is not there, ObjectForbidden or StorageUnavailable.
        """
        ...

    def errors(self, place: ReportLocation, start: int) -> Iterator[tuple[ReportedError, int]]:
        """Give the errors from a byte on where one begins, each with where the next one does.

        Raises ReportUnavailable if they are not there, FieldInvalid if no error begins at that byte, ObjectForbidden or
        StorageUnavailable.
        """
        ...


class UploadsBucket(Protocol):
    """The bucket into which files are dropped, as a whole; both methods raise StorageUnavailable."""

    def present(self, key: str) -> ObjectCreated | None:
        """Give the version of an object that is there now; None if there is none."""
        ...

    def page(self, *, after: str, settled_since: timedelta) -> BucketPage:
        """List the objects behind a key, in the order of keys, leaving out those that have only just arrived."""
        ...


class UploadForms(Protocol):
    """Makes forms with which others put objects into the bucket."""

    @property
    def max_bytes(self) -> int:
        """How large an object may be."""
        ...

    def form(self, upload: PlannedUpload) -> UploadForm:
        """Make the form for this object, and no other; raises Unavailable."""
        ...


class SchemaRepository(Protocol):
    """Holds the schemas of the datasets."""

    def load(self, name: str) -> Mapping[str, Any]:
        """Return a schema's descriptor; raises SchemaUnknown with the names that exist, or SchemaInvalid."""
        ...

    def names(self) -> tuple[str, ...]:
        """List the names of all schemas; raises StorageUnavailable."""
        ...
