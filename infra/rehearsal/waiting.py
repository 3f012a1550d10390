"""Wait for conditions of a deployed stage."""

import json
import time
from collections.abc import Callable
from typing import Final

import boto3
from attrs import define, field

TRACES: Final = "emulator/traces"
_PATIENCE: Final = 20.0  # seconds
_POLL_SECONDS: Final = 0.1


class CheckFailed(Exception):
    """A deployed stage does not do what it should; the message says what fails."""


@define
class Listener:
    """Reads verdict events from a queue, and deletes them: one queue serves one listener."""

    queue: str
    _received: set[tuple[str, str]] = field(factory=set, init=False)

    def has_received(self, upload_id: str, actor: str) -> bool:
        """Return whether an event announced a verdict on an upload, recorded by that actor."""
        sqs = boto3.client("sqs")
        url = sqs.get_queue_url(QueueName=self.queue)["QueueUrl"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                detail = json.loads(message["Body"])["detail"]
                self._received.add((detail["uploadId"], detail["actor"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return (upload_id, actor) in self._received


def wait_until(holds: Callable[[], bool], otherwise: str, *, seconds: float = _PATIENCE) -> None:
    """Wait until a condition holds; raise CheckFailed with the message `otherwise` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise CheckFailed(otherwise)
        time.sleep(_POLL_SECONDS)


def is_logged(group: str, words: str, *, since: int) -> bool:
    """Return whether a log group has a line with the words, written at `since` (milliseconds of the epoch) or later."""
    logs = boto3.client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
    try:
        return any(words in event["message"] for page in pages for event in page["events"])
    except logs.exceptions.ResourceNotFoundException:
        return False
