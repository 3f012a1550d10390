"""Record a verdict, and publish it."""

from chalicelib.errors import EventsUnavailable
from chalicelib.telemetry import logs
from chalicelib.uploads.messages import StatusReply, StatusUpdate, Verdict
from chalicelib.uploads.ports import EventBus, Verdicts


def record_verdict(update: StatusUpdate, *, uploads: Verdicts, bus: EventBus | None = None) -> StatusReply:
    """Record the verdict that an execution reached on the current attempt, and publish it on the bus, if there is one.

    Raises UploadNotFound, AttemptSuperseded, AttemptSettled or TransitionIllegal.
    """
    logs.add_fields(uploadId=update.upload_id, execution=update.execution_name, errors=update.error_count)
    verdict = uploads.record_verdict(update)
    seconds = (verdict.occurred_at - verdict.began_at).total_seconds()
    logs.add_fields(outcome=verdict.status, verdicts=1, secondsToVerdict=seconds)
    logs.add_fields(systemFailures=int(verdict.system_failure))
    publish_verdict(verdict, bus)
    return StatusReply(upload_id=update.upload_id, status=verdict.status)


def publish_verdict(verdict: Verdict, bus: EventBus | None) -> None:
    """Publish a recorded verdict, if there is a bus. A failure costs a warning, never the verdict."""
    if bus is None:
        return
    try:
        bus.publish(verdict)
    except EventsUnavailable as error:
        logs.increment("unpublishedVerdicts")
        logs.warn("verdict not published", error, uploadId=verdict.upload_id, execution=verdict.execution_name)
