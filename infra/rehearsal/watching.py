"""Watch a deployed stage until something shows, or say that it does not."""

import time
from collections.abc import Callable
from typing import Final

import boto3

TRACES: Final = "emulator/traces"
_PATIENCE: Final = 5.0  # seconds
_GLANCE: Final = 0.1  # seconds


class Broken(Exception):
    """Something that a deployment is for does not work; the message says what."""


def wait_until(holds: Callable[[], bool], otherwise: str, *, seconds: float = _PATIENCE) -> None:
    """Wait until something holds; raises Broken with the other words if it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise Broken(otherwise)
        time.sleep(_GLANCE)


def is_logged(group: str, words: str, *, since: int) -> bool:
    """Tell whether a log group has the words in a line since then, in milliseconds of the epoch."""
    logs = boto3.client("logs")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since)
    try:
        return any(words in event["message"] for page in pages for event in page["events"])
    except logs.exceptions.ResourceNotFoundException:
        return False
