"""Verdict events on Amazon EventBridge."""

import json
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import codec
from chalicelib.aws.errors import error_code
from chalicelib.errors import EventsUnavailable
from chalicelib.uploads.messages import Verdict

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE: Final = "assay"
VERDICT_RECORDED: Final = "Assay Verdict Recorded"
VERSION: Final = 1
"""The version of the event's detail. Members may be added to it; changing or removing one needs another version."""


def detail(verdict: Verdict) -> dict[str, Any]:
    """Return the detail of a verdict's event, as docs/operations.md shows it."""
    return {"version": VERSION, **codec.unstructure(verdict)}


@frozen(kw_only=True)
class EventBridgeBus:
    """Publishes verdict events on one bus."""

    client: "EventBridgeClient"
    bus: str
    """The bus's name or ARN."""

    def publish(self, verdict: Verdict) -> None:
        """Publish the event of a verdict; raises EventsUnavailable."""
        try:
            response = self.client.put_events(
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
            raise EventsUnavailable(f"could not publish to {self.bus}: {error_code(error)}") from None
        # The request succeeds even if its one entry fails.
        if response["FailedEntryCount"]:
            raise EventsUnavailable(f"could not publish to {self.bus}: {response['Entries'][0].get('ErrorCode')}")
