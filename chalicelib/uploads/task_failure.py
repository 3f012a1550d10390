"""Why a task of the state machine failed."""

import json
from contextlib import suppress

from attrs import frozen


@frozen(kw_only=True)
class TaskFailure:
    """Why a task failed, with the names that Step Functions gives its members."""

    Error: str
    """The class of the exception, or an error of Lambda or Step Functions."""
    Cause: str | None = None
    """For an exception of a function, JSON with its `errorMessage`. A time-out may have none."""
    Part: str | None = None
    """Which part of an object failed, in words; None if the task was not about a part. Assay adds it."""


def exception_message(failure: TaskFailure) -> str | None:
    """Return the message in the cause, which Lambda writes as JSON; None if it has none."""
    with suppress(ValueError, RecursionError):
        match json.loads(failure.Cause or ""):
            case {"errorMessage": str(message)}:
                return message
    return None
