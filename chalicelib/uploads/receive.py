"""Begin the validation of objects that have arrived in the bucket."""

from collections.abc import Iterable
from enum import StrEnum

from attrs import frozen

from chalicelib.errors import KeyMalformed, RequestMalformed, UploadIdTaken
from chalicelib.telemetry import logs
from chalicelib.uploads.attempts import Attempt, ObjectCreated
from chalicelib.uploads.batches import Turns
from chalicelib.uploads.ports import Executions, Uploads


class ReceiveOutcome(StrEnum):
    """What became of an object."""

    STARTED = "started"
    """Its execution runs."""
    IGNORED = "ignored"
    """The event came again, or a newer version of the object has overtaken it."""
    REJECTED = "rejected"
    """It can never become an upload."""
    FAILED = "failed"
    """Something that we need did not answer; to be tried again."""


@frozen(kw_only=True)
class ReceiveUploads:
    """Records an attempt at each object, then starts the execution that goes with it.

    Both steps can be repeated without harm, so an event may come twice, late, or after a crash between the two.
    """

    uploads: Uploads
    executions: Executions

    def __call__(self, objects: Iterable[ObjectCreated | RequestMalformed]) -> None:
        """Receive each object; raises the first failure once all have had their turn.

        An object that can never become an upload is logged with the reason and counted, and not tried again. A
        record that does not even tell of an object comes as the error that says so, and counts as a failure.
        """
        with Turns(ReceiveOutcome.FAILED) as turns:
            turns.take(objects, self._receive, _place)

    def _receive(self, created: ObjectCreated | RequestMalformed) -> ReceiveOutcome:
        if isinstance(created, RequestMalformed):
            raise created
        try:
            return self._begin(created)
        except (KeyMalformed, UploadIdTaken) as error:
            logs.warn("object rejected", **_place(created), reason=str(error))
            return ReceiveOutcome.REJECTED

    def _begin(self, created: ObjectCreated) -> ReceiveOutcome:
        attempt = Attempt.for_object(created)
        logs.note_upload(attempt.upload_id, attempt.execution_name)
        execution = self.uploads.begin_announced(attempt)
        if execution is None:
            return ReceiveOutcome.IGNORED
        self.executions.start(execution)
        return ReceiveOutcome.STARTED


def _place(created: ObjectCreated | RequestMalformed) -> dict[str, str]:
    return {"bucket": created.bucket, "key": created.key} if isinstance(created, ObjectCreated) else {}
