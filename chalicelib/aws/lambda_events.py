"""The payloads of AWS's events that invoke functions.

AWS may add members to these payloads. Unlike those of Assay's own messages, unknown members are ignored.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus

from chalice.app import BaseLambdaEvent

from chalicelib.errors import RequestMalformed
from chalicelib.uploads.attempts import Execution, ExecutionStatus, ObjectCreated


class RawEvent(BaseLambdaEvent):
    """An event as it came. Chalice's own event classes raise KeyError for a malformed payload."""

    def _extract_attributes(self, event_dict: object) -> None:
        """Extract nothing."""


def objects_created(event: object) -> Iterator[ObjectCreated | RequestMalformed]:
    """Iterate over the objects of an S3 event message, version 2.x; a malformed record yields the error instead.

    Keys are URL-encoded in the message, with plus for space. The test message that S3 sends when a notification is
    configured has no records.
    """
    records = event.get("Records", []) if isinstance(event, Mapping) else None
    if not isinstance(records, list):
        yield RequestMalformed(
            "$.Records: expected an array" if isinstance(event, Mapping) else "$: expected an object"
        )
        return
    for index, record in enumerate(records):
        try:
            yield _object_created(_Node(record, f"$.Records[{index}]"))
        except RequestMalformed as error:
            yield error


def _object_created(record: "_Node") -> ObjectCreated:
    created = record["s3"]["object"]
    return ObjectCreated(
        bucket=record["s3"]["bucket"]["name"].text(),
        key=unquote_plus(created["key"].text()),
        version_id=created["versionId"].optional_text(),
        etag=created["eTag"].optional_text() or "",
        sequencer=created["sequencer"].optional_text() or "",
    )


def unsuccessful_executions(state_machine_name: str) -> dict[str, Any]:
    """Return the EventBridge pattern for executions of a state machine that fail, time out or are aborted.

    It matches a machine of that name in any account and region: neither is known when Chalice packages the app.
    """
    return {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {
            "status": [ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.ABORTED],
            "stateMachineArn": [{"suffix": f":stateMachine:{state_machine_name}"}],
        },
    }


def execution(event: object) -> Execution:
    """Parse an event of the type `Step Functions Execution Status Change`; raises RequestMalformed."""
    detail = _Node(event)["detail"]
    status = detail["status"].text()
    if status not in set(ExecutionStatus):
        raise RequestMalformed(f"$.detail.status: expected one of {', '.join(ExecutionStatus)}")
    return Execution(name=detail["name"].text(), status=ExecutionStatus(status), error=detail["error"].optional_text())


class _Node:
    """A value in a payload, with its path for error messages."""

    def __init__(self, value: object, path: str = "$") -> None:
        self._value = value
        self._path = path

    def __getitem__(self, name: str) -> "_Node":
        """Return a member, which may be missing; raises RequestMalformed if this is not an object."""
        if not isinstance(self._value, Mapping):
            raise RequestMalformed(f"{self._path}: expected an object")
        return _Node(self._value.get(name), f"{self._path}.{name}")

    def text(self) -> str:
        """Return the text; raises RequestMalformed if it is missing, empty or not text."""
        if not isinstance(self._value, str) or not self._value:
            raise RequestMalformed(f"{self._path}: expected some text")
        return self._value

    def optional_text(self) -> str | None:
        """Return the text, or None if it is missing or empty; raises RequestMalformed."""
        return None if self._value in (None, "") else self.text()
