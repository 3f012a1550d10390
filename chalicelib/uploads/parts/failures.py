"""Failures of the children of a Map, which they record: Step Functions itself says only that a child has failed."""

import json
from collections.abc import Iterable
from typing import Final

from attrs import evolve

from chalicelib.telemetry import logs
from chalicelib.uploads.parts.failed_child import FailedChild
from chalicelib.uploads.parts.location import PartsLocation
from chalicelib.uploads.parts.ports import PartStore
from chalicelib.uploads.task_failure import TaskFailure, exception_message

_CAUSE_CHARACTERS: Final = 4_000
"""How much of the cause of a child is kept. The cause of an execution has room for 32,768."""


def record_failure(store: PartStore, location: PartsLocation, failed: FailedChild) -> None:
    """Write why a child failed for good."""
    store.write_failure(location, failed)
    logs.add_fields(outcome="failed", error=failed.failure.Error)


def recorded_failure(store: PartStore, location: PartsLocation, files: Iterable[str]) -> TaskFailure | None:
    """Return the first failure of a child that has not been repeated since, and name the child; None if there is none.

    `files` are the names of all files at the location.
    """
    names = sorted(files)
    for failed in store.failures(location, filter(FailedChild.is_name, names)):
        if not any(name.startswith(failed.writes) for name in names):
            cause = exception_message(failed.failure) or failed.failure.Cause or "no cause is known"
            message = json.dumps({"errorMessage": f"{failed.what}: {cause[:_CAUSE_CHARACTERS]}"})
            return evolve(failed.failure, Cause=message, Part=failed.what)
    return None
