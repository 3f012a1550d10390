"""Begin the validation of objects that have arrived in the bucket."""

from collections.abc import Iterable
from enum import StrEnum
from functools import partial

from chalicelib.errors import KeyMalformed, RequestMalformed, UploadIdTaken
from chalicelib.telemetry import logs
from chalicelib.telemetry.log_fields import LogFields
from chalicelib.uploads.attempts import Attempt, ObjectCreated
from chalicelib.uploads.batches import Task, run_batch
from chalicelib.uploads.ports import Attempts, Executions


class ReceiveOutcome(StrEnum):
    """What became of an object."""

    STARTED = "started"
    """Its execution runs."""
    IGNORED = "ignored"
    """The event came again, or a newer version of the object has superseded it."""
    REJECTED = "rejected"
    """It can never become an upload."""
    FAILED = "failed"
    """A service did not answer; to be tried again."""


def receive_uploads(
    objects: Iterable[ObjectCreated | RequestMalformed], *, uploads: Attempts, executions: Executions
) -> None:
    """Begin an attempt at each object, and start its execution; raises the first failure after all were tried.

    Both steps can be repeated without harm, so an event may come twice, late, or after a crash between the two.

    An object that can never become an upload is logged with the reason and counted, and not tried again. A malformed
    record of the event is passed as its error, and counts as a failure.
    """
    tasks = (
        Task(run=partial(_receive, created, uploads, executions), log_fields=_log_fields(created))
        for created in objects
    )
    run_batch(tasks, failed=ReceiveOutcome.FAILED)


def _receive(created: ObjectCreated | RequestMalformed, uploads: Attempts, executions: Executions) -> ReceiveOutcome:
    if isinstance(created, RequestMalformed):
        raise created
    try:
        return _begin(created, uploads, executions)
    except (KeyMalformed, UploadIdTaken) as error:
        logs.warn("object rejected", error, **_log_fields(created))
        return ReceiveOutcome.REJECTED


def _begin(created: ObjectCreated, uploads: Attempts, executions: Executions) -> ReceiveOutcome:
    attempt = Attempt.for_object(created)
    logs.add_upload(attempt.upload_id, attempt.execution_name)
    execution = uploads.begin_announced(attempt)
    if execution is None:
        return ReceiveOutcome.IGNORED
    executions.start(execution)
    return ReceiveOutcome.STARTED


def _log_fields(created: ObjectCreated | RequestMalformed) -> LogFields:
    return {"bucket": created.bucket, "key": created.key} if isinstance(created, ObjectCreated) else {}
