"""Tell others of a verdict, once it is on record."""

from chalicelib.errors import EventsUnavailable
from chalicelib.telemetry import logs
from chalicelib.uploads.contracts import Verdict
from chalicelib.uploads.ports import EventBus


def announce(verdict: Verdict, bus: EventBus | None) -> None:
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
