"""Begin another attempt at the current version of an upload."""

from chalicelib.errors import ExecutionsUnavailable
from chalicelib.telemetry import logs
from chalicelib.uploads.lifecycle import Cause
from chalicelib.uploads.messages import ReplayRequest
from chalicelib.uploads.ports import Executions, Uploads
from chalicelib.uploads.queries import find_upload
from chalicelib.uploads.read_models import Upload


def replay_upload(
    upload_id: str,
    request: ReplayRequest,
    *,
    actor: str,
    owner: str | None = None,
    uploads: Uploads,
    executions: Executions,
) -> Upload:
    """Begin the attempt, start its execution, and return the upload.

    Raises UploadNotFound, NothingToValidate, AttemptSuperseded if the request names an attempt that is not the current
    one, and ExecutionsUnavailable. After the last the attempt exists: the sweep starts its
    execution, and so does repeating the request.
    """
    find_upload(upload_id, owner=owner, uploads=uploads)
    execution = uploads.replay(upload_id, after=request.attempt, cause=Cause(actor=actor, reason=request.reason))
    logs.add_fields(uploadId=upload_id, execution=execution.name, actor=actor)
    try:
        executions.start(execution)
    except ExecutionsUnavailable as error:
        raise ExecutionsUnavailable(
            f"{error}; the attempt has begun: a sweep, or the same request again, starts it"
        ) from None
    return uploads.find(upload_id)
