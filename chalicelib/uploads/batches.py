"""Process many items, so that the failure of one does not stop the others."""

from collections import Counter
from collections.abc import Callable, Iterable
from enum import StrEnum

from attrs import frozen

from chalicelib.errors import AssayError
from chalicelib.telemetry import logs
from chalicelib.telemetry.log_fields import LogFields


@frozen(kw_only=True)
class Task:
    """What is done with one item."""

    run: Callable[[], StrEnum]
    """Does it, and returns the outcome."""
    log_fields: LogFields
    """What identifies the item in the log, if it fails."""


def run_batch(tasks: Iterable[Task], *, failed: StrEnum) -> None:
    """Run every task, and raise the first failure at the end.

    A failure is logged and counted as `failed`. How many tasks had which outcome is in the canonical line.
    """
    outcomes: Counter[StrEnum] = Counter()
    failures: list[AssayError] = []
    try:
        for task in tasks:
            outcomes[_run(task, failed, failures)] += 1
    finally:
        logs.add_counts({outcome: outcomes[outcome] for outcome in type(failed)})
    if failures:
        raise failures[0]


def _run(task: Task, failed: StrEnum, failures: list[AssayError]) -> StrEnum:
    try:
        return task.run()
    except AssayError as error:
        failures.append(error)
        logs.warn("failed, to be tried again", error, **task.log_fields)
        return failed
