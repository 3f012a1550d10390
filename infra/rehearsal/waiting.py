"""Watch a deployed stage until something shows, or say that it does not."""

import json
import time
from collections.abc import Callable
from typing import Final

import boto3
from attrs import define, field

TRACES: Final = "emulator/traces"
_PATIENCE: Final = 5.0  # seconds
_GLANCE: Final = 0.1  # seconds


class CheckFailed(Exception):
    """Something that a deployment is for does not work; the message says what."""


@define
class Listener:
    """Reads verdict events from a queue. Each message reaches only one listener."""

    queue: str
    _heard: set[tuple[str, str]] = field(factory=set, init=False)

    def has_heard(self, upload_id: str, actor: str) -> bool:
        """Return whether there was a verdict on an upload, recorded by that actor."""
        sqs = boto3.client("sqs")
        url = sqs.get_queue_url(QueueName=self.queue)["QueueUrl"]
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            for message in messages:
                detail = json.loads(message["Body"])["detail"]
                self._heard.add((detail["uploadId"], detail["actor"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return (upload_id, actor) in self._heard


def wait_until(holds: Callable[[], bool], otherwise: str, *, seconds: float = _PATIENCE) -> None:
    """Wait until a condition holds; raise CheckFailed with the message `otherwise` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise CheckFailed(otherwise)
        time.sleep(_GLANCE)


def is_logged(group: str, words: str, *, since: int) -> bool:
    """Return whether a log group has a line with the words since then, in milliseconds of the epoch."""
    logs = boto3.client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
    try:
        return any(words in event["message"] for page in pages for event in page["events"])
    except logs.exceptions.ResourceNotFoundException:
        return False
