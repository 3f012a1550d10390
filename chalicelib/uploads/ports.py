"""Ports: what the use cases need from the database, Step Functions and the event bus."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Protocol

from chalicelib.uploads.attempts import Attempt, Execution, ObjectCreated, PlannedExecution, PlannedUpload, UploadState
from chalicelib.uploads.lifecycle import Cause
from chalicelib.uploads.messages import StatusUpdate, Verdict
from chalicelib.uploads.paging import UploadQuery
from chalicelib.uploads.read_models import Transition, Upload, UploadPage
from chalicelib.validation.report import Fault


class Attempts(Protocol):
    """Registers uploads and begins attempts at them, as far as the lifecycle allows.

    Each method of this port and of the next three is one transaction, can be repeated without harm, and raises
    DatabaseUnavailable if the database does not answer.

    The methods that begin an attempt return the execution that has to be started. `begin_announced`, `begin_found`,
    `replay` and `restart` return the same execution when they are called again with the same arguments, until the
    attempt has its verdict: the first caller may have crashed before it started the execution.
    """

    def register(self, upload: PlannedUpload, cause: Cause) -> Upload:
        """Record an upload before its object arrives, and return it.

        Raises UploadIdTaken if the upload id belongs to another object, or is registered for another dataset.
        """
        ...

    def begin_announced(self, attempt: Attempt) -> PlannedExecution | None:
        """Begin the attempt that an event asks for.

        An upload without a record gets one. Return None if the attempt has its verdict already, if a newer attempt has
        superseded it, or if an attempt at this version was begun before its event came. Raises UploadIdTaken if the
        upload id belongs to another object.
        """
        ...

    def begin_found(self, found: ObjectCreated, *, after: int, cause: Cause) -> PlannedExecution | None:
        """Begin an attempt at a version without an event, if `after` is the number of the current attempt.

        An upload without a record gets one; `after` is 0 then. Raises KeyMalformed and UploadIdTaken.
        """
        ...

    def replay(self, upload_id: str, *, after: int | None, cause: Cause) -> PlannedExecution:
        """Begin another attempt at the current version.

        Raises UploadNotFound, NothingToValidate if no object has arrived, and AttemptSuperseded if `after` is given and
        is not the number of the current attempt. Exception: the attempt that follows `after` was begun by this actor.
        """
        ...

    def restart(self, execution_name: str, cause: Cause) -> PlannedExecution | None:
        """Begin another attempt at the current version, because this execution ended without a verdict.

        Return None if the execution belongs neither to the current attempt nor to the one that the current attempt
        replaced by a restart, if the current attempt has its verdict, or if the version has been restarted RESTARTS
        times.
        """
        ...

    def resume(self, execution_name: str, cause: Cause) -> PlannedExecution | None:
        """Record that the execution of the current attempt, of that name, still has to be started.

        Return None if it is not the execution of the current attempt, or has recorded its verdict.
        """
        ...


class Verdicts(Protocol):
    """Records the verdicts of current attempts."""

    def record_verdict(self, update: StatusUpdate) -> Verdict:
        """Record the verdict of an execution, and return what is recorded then.

        Raises UploadNotFound, AttemptSuperseded if the execution is not that of the current attempt, AttemptSettled if
        the attempt was settled before, and TransitionIllegal if the execution has recorded another verdict.
        """
        ...

    def settle(self, execution_name: str, fault: Fault, cause: Cause) -> Verdict | None:
        """Record VALIDATION_FAILED with this fault for the attempt whose execution recorded no verdict.

        Return None if it is not the current attempt, or has its verdict.
        """
        ...

    def has_load_in_doubt(self, execution_name: str) -> bool:
        """Return whether it is not known if the load of this execution was committed.

        As long as that is so, DatabaseUnavailable is raised by what would end or replace its attempt.
        """
        ...


class LoadsInDoubt(Protocol):
    """Asks the database that rows are loaded into whether a load was committed."""

    def decide(self, execution_name: str) -> Verdict | None:
        """Decide the load of an execution that has ended, if it is in doubt.

        If it was committed, its verdict is recorded and returned. Raises DatabaseUnavailable and LoadForbidden.
        """
        ...


class Sweeps(Protocol):
    """Finds uploads without a verdict, and keeps the sweep marker."""

    def claim_without_verdict(self, *, idle: timedelta, most: int) -> tuple[UploadState, ...]:
        """Return at most `most` uploads without a verdict to which nothing has happened for `idle`.

        VALIDATING uploads come before PENDING ones, and those that waited longest before others. A concurrent call
        returns other uploads. After another `idle` a call returns them again, but not a registration that has expired.
        """
        ...

    def states(self, upload_ids: Collection[str]) -> Mapping[str, UploadState]:
        """Return the states of uploads by upload id, without those that have no record."""
        ...

    def sweep_marker(self) -> str:
        """Return the object key after which the next sweep resumes its listing; empty for the start of the bucket."""
        ...

    def save_sweep_marker(self, key: str) -> None:
        """Save the object key after which the next sweep resumes its listing."""
        ...


class UploadQueries(Protocol):
    """Reads uploads."""

    def find(self, upload_id: str) -> Upload:
        """Return an upload with its history; raises UploadNotFound."""
        ...

    def page(self, query: UploadQuery) -> UploadPage:
        """List uploads, newest first. Uploads that begin after the first page was read appear on none of the next."""
        ...

    def transitions(self, upload_id: str) -> tuple[Transition, ...]:
        """Return all transitions of an upload in order; empty if the upload is unknown."""
        ...

    def ping(self) -> None:
        """Return if the database answers."""
        ...


class Uploads(Attempts, Verdicts, Sweeps, UploadQueries, Protocol):
    """All of the above, for the use cases that both begin and end attempts."""


class EventBus(Protocol):
    """Publishes verdict events."""

    def publish(self, verdict: Verdict) -> None:
        """Publish the event of a verdict; raises EventsUnavailable."""
        ...


class Executions(Protocol):
    """Starts and finds executions of the state machine; both methods raise ExecutionsUnavailable."""

    def start(self, execution: PlannedExecution) -> None:
        """Start an execution, unless one of this name was started before."""
        ...

    def find(self, name: str) -> Execution | None:
        """Return the execution of this name; None if it was never started."""
        ...
