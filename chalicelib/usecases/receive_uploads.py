"""An object has arrived in the bucket: begin its validation."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from attrs import frozen

from chalicelib import logs
from chalicelib.domain.attempt import Attempt, ObjectCreated
from chalicelib.domain.contracts import ValidationRequest
from chalicelib.domain.ports import Executions, UploadStatusRepository
from chalicelib.errors import AssayError, KeyMalformed, RequestMalformed, UploadIdTaken


class Reception(StrEnum):
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

    uploads: UploadStatusRepository
    executions: Executions

    def __call__(self, objects: Iterable[ObjectCreated | RequestMalformed]) -> None:
        """Receive each object; raises the first failure once all have had their turn.

        An object that can never become an upload is logged with the reason and counted, and not tried again. A
        record that does not even tell of an object comes as the error that says so, and counts as a failure.
        """
        outcomes: Counter[Reception] = Counter()
        failures: list[AssayError] = []
        for created in objects:
            try:
                outcome = self._receive(created)
            except (KeyMalformed, UploadIdTaken) as error:
                outcome = Reception.REJECTED
                logs.warn("object rejected", **_place(created), reason=str(error))
            except AssayError as error:
                outcome = Reception.FAILED
                failures.append(error)
                logs.warn("object not received", **_place(created), reason=str(error))
            outcomes[outcome] += 1
        logs.note(**{outcome: outcomes[outcome] for outcome in Reception})
        if failures:
            raise failures[0]

    def _receive(self, created: ObjectCreated | RequestMalformed) -> Reception:
        if isinstance(created, RequestMalformed):
            raise created
        attempt = Attempt.of(created)
        logs.note(uploadId=attempt.upload_id, execution=attempt.execution_name)
        if not self.uploads.mark_validating(attempt):
            return Reception.IGNORED
        self.executions.start(attempt.execution_name, _request(attempt))
        return Reception.STARTED


def _place(created: ObjectCreated | RequestMalformed) -> dict[str, str]:
    return {"bucket": created.bucket, "key": created.key} if isinstance(created, ObjectCreated) else {}


def _request(attempt: Attempt) -> ValidationRequest:
    return ValidationRequest(
        upload_id=attempt.upload_id,
        bucket=attempt.created.bucket,
        key=attempt.created.key,
        version_id=attempt.created.version_id,
    )
