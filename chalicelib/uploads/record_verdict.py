"""Make a verdict durable."""

from attrs import frozen

from chalicelib.telemetry import logs
from chalicelib.uploads.announcement import announce
from chalicelib.uploads.contracts import StatusReply, StatusUpdate
from chalicelib.uploads.ports import EventBus, UploadStatusRepository


@frozen(kw_only=True)
class RecordVerdict:
    """Moves an upload to the verdict that the execution of its present attempt has reached, and tells of it."""

    uploads: UploadStatusRepository
    bus: EventBus | None = None
    """Where verdicts are told of; None to tell nobody."""

    def __call__(self, update: StatusUpdate) -> StatusReply:
        """Record the verdict; raises UploadNotFound, AttemptSuperseded, AttemptSettled or TransitionIllegal."""
        logs.note(uploadId=update.upload_id, execution=update.execution_name, errors=update.error_count)
        verdict = self.uploads.record_verdict(update)
        seconds = (verdict.occurred_at - verdict.began_at).total_seconds()
        logs.note(outcome=verdict.status, verdicts=1, secondsToVerdict=seconds)
        logs.note(systemFailures=int(verdict.system_failure))
        announce(verdict, self.bus)
        return StatusReply(upload_id=update.upload_id, status=verdict.status)
