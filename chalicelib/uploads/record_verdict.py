"""Record a verdict, and publish it."""

from attrs import frozen

from chalicelib.errors import EventsUnavailable
from chalicelib.telemetry import logs
from chalicelib.uploads.messages import StatusReply, StatusUpdate, Verdict
from chalicelib.uploads.ports import EventBus, Uploads


def publish_verdict(verdict: Verdict, bus: EventBus | None) -> None:
    """Tell of a verdict, if anybody is to be told; a bus that does not take it costs a warning, never the verdict."""
    if bus is None:
        return
    try:
        bus.publish(verdict)
    except EventsUnavailable as error:
        logs.count("untold")
        logs.warn(
            "nobody was told of the verdict",
            uploadId=verdict.upload_id,
            execution=verdict.execution_name,
            error=type(error).__name__,
            reason=str(error),
        )


@frozen(kw_only=True)
class RecordVerdict:
    """Moves an upload to the verdict that the execution of its present attempt has reached, and tells of it."""

    uploads: Uploads
    bus: EventBus | None = None
    """Where verdicts are told of; None to tell nobody."""

    def __call__(self, update: StatusUpdate) -> StatusReply:
        """Record the verdict; raises UploadNotFound, AttemptSuperseded, AttemptSettled or TransitionIllegal."""
        logs.note(uploadId=update.upload_id, execution=update.execution_name, errors=update.error_count)
        verdict = self.uploads.record_verdict(update)
        seconds = (verdict.occurred_at - verdict.began_at).total_seconds()
        logs.note(outcome=verdict.status, verdicts=1, secondsToVerdict=seconds)
        logs.note(systemFailures=int(verdict.system_failure))
        publish_verdict(verdict, self.bus)
        return StatusReply(upload_id=update.upload_id, status=verdict.status)
