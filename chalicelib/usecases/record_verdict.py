"""Make a verdict durable."""

from attrs import frozen

from chalicelib import logs
from chalicelib.domain.contracts import StatusReply, StatusUpdate
from chalicelib.domain.ports import UploadStatusRepository


@frozen(kw_only=True)
class RecordVerdict:
    """Moves an upload to the verdict that the execution of its present attempt has reached."""

    uploads: UploadStatusRepository

    def __call__(self, update: StatusUpdate) -> StatusReply:
        """Record the verdict; raises UploadNotFound, AttemptSuperseded or TransitionIllegal."""
        logs.note(uploadId=update.upload_id, execution=update.execution_name, errors=update.error_count)
        status = self.uploads.record_verdict(update)
        logs.note(outcome=status)
        return StatusReply(upload_id=update.upload_id, status=status)
