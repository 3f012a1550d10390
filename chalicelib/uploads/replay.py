"""Begin another attempt at the current version of an upload."""

from attrs import frozen

from chalicelib.errors import ExecutionsUnavailable
from chalicelib.telemetry import logs
from chalicelib.uploads.lifecycle import Cause
from chalicelib.uploads.messages import ReplayRequest
from chalicelib.uploads.ports import Executions, Uploads
from chalicelib.uploads.queries import FindUpload
from chalicelib.uploads.read_models import Upload


@frozen(kw_only=True)
class ReplayUpload:
    """Begins another attempt at the version of the object that the present attempt is about."""

    uploads: Uploads
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
        try:
            self.executions.start(execution)
        except ExecutionsUnavailable as error:
            raise ExecutionsUnavailable(f"{error}; the attempt has begun: a sweep starts it, or asking again") from None
        return self.uploads.find(upload_id)
