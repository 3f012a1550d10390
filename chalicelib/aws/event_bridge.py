"""An event bus of Amazon EventBridge, on which others hear of verdicts."""

import json
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import codec
from chalicelib.aws.errors import reason
from chalicelib.errors import EventsUnavailable
from chalicelib.uploads.messages import Verdict

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE: Final = "assay"
VERDICT_RECORDED: Final = "Assay Verdict Recorded"
VERSION: Final = 1
"""Of the event's detail: members may be added to it, but none changes or goes away without another version."""


def detail(verdict: Verdict) -> dict[str, Any]:
    """Give the detail of the event that tells of a verdict, as docs/operations.md shows it."""
    return {"version": VERSION, **codec.unstructure(verdict)}


@frozen(kw_only=True)
class EventBridgeBus:
    """Publishes events, each of them by one request that waits a few seconds at the most."""

    client: "EventBridgeClient"
    bus: str
    """Its name or ARN."""

    def publish(self, verdict: Verdict) -> None:
        """Tell of a verdict; raises EventsUnavailable."""
        try:
            answer = self.client.put_events(
                Entries=[
                    {
                        "EventBusName": self.bus,
                        "Source": SOURCE,
                        "DetailType": VERDICT_RECORDED,
                        "Time": verdict.occurred_at,
                        "Detail": json.dumps(detail(verdict), ensure_ascii=False),
                    }
                ]
            )
        except (BotoCoreError, ClientError) as error:
            raise EventsUnavailable(f"could not publish to {self.bus}: {reason(error)}") from None
        # The request succeeds even if the one entry in it does not.
        if answer["FailedEntryCount"]:
            raise EventsUnavailable(f"could not publish to {self.bus}: {answer['Entries'][0].get('ErrorCode')}")
