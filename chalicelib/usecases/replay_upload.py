"""Somebody wants a file to be validated once more."""

from attrs import frozen

from chalicelib import logs
from chalicelib.domain.contracts import ReplayRequest, Upload
from chalicelib.domain.lifecycle import Cause
from chalicelib.domain.ports import Executions, UploadStatusRepository
from chalicelib.usecases.find_upload import FindUpload


@frozen(kw_only=True)
class ReplayUpload:
    """Begins another attempt at the version of the object that the present attempt is about."""

    uploads: UploadStatusRepository
    executions: Executions

    def __call__(self, upload_id: str, request: ReplayRequest, actor: str, owner: str | None = None) -> Upload:
        """Begin the attempt, start its execution, and tell what is known of the upload then.

        Raises UploadNotFound, NothingToValidate, AttemptSuperseded if the request names another attempt than the
        present one, and ExecutionsUnavailable; after the last the sweep starts the execution, unless it is asked again.
        """
        FindUpload(uploads=self.uploads)(upload_id, owner)
        cause = Cause(actor=actor, reason=request.reason)
        execution = self.uploads.replay(upload_id, after=request.attempt, cause=cause)
        logs.note(uploadId=upload_id, execution=execution.name, actor=actor)
        self.executions.start(execution)
        return self.uploads.find(upload_id)
