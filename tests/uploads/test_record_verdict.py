"""Verdicts are published once they are recorded."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from attrs import evolve

from chalicelib.errors import AttemptSuperseded
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.attempts import Attempt, ExecutionStatus
from chalicelib.uploads.lifecycle import EXECUTION, SETTLER, SWEEP, Status
from chalicelib.uploads.messages import StatusReply, StatusUpdate
from chalicelib.uploads.record_verdict import record_verdict
from chalicelib.uploads.settle import settle_execution
from chalicelib.uploads.sweep import Sweep
from chalicelib.uploads.task_failure import TaskFailure
from chalicelib.validation import ValidationError
from tests.fakes import InMemoryBucket, InMemoryBus, InMemoryExecutions
from tests.uploads.upload import ATTEMPT, CREATED

Record = Callable[[StatusUpdate], StatusReply]
UPDATE = StatusUpdate(upload_id="42", status=Status.VALIDATED, execution_name=ATTEMPT.execution_name, row_count=7)


@pytest.fixture
def executions() -> InMemoryExecutions:
    """Executions, with the attempt's running."""
    executions = InMemoryExecutions()
    executions.start(ATTEMPT.execution)
    return executions


@pytest.fixture
def bus() -> InMemoryBus:
    """A bus without published verdicts."""
    return InMemoryBus()


@pytest.fixture
def record(uploads: PostgresUploads, bus: InMemoryBus) -> Record:
    """The use case."""
    return partial(record_verdict, uploads=uploads, bus=bus)


def published(bus: InMemoryBus) -> list[tuple[str, Status, str]]:
    """Return execution name, status and actor of each published verdict."""
    return [(it.execution_name, it.status, it.actor) for it in bus.verdicts]


def test_verdict_of_an_execution_is_published(record: Record, bus: InMemoryBus) -> None:
    """It is published after it is recorded."""
    record(UPDATE)
    assert [(ATTEMPT.execution_name, Status.VALIDATED, EXECUTION)] == published(bus)


def test_verdict_that_is_recorded_twice_is_published_twice(record: Record, bus: InMemoryBus) -> None:
    """The first call may have crashed before it published; subscribers accept equal events."""
    record(UPDATE)
    record(UPDATE)
    first, second = bus.verdicts
    assert first == second


def test_refused_verdict_is_not_published(record: Record, uploads: PostgresUploads, bus: InMemoryBus) -> None:
    """The verdict of a superseded attempt is not recorded, so there is nothing to publish."""
    uploads.begin_announced(Attempt.for_object(evolve(CREATED, version_id="v2", sequencer="0B")))
    with suppress(AttemptSuperseded):
        record(UPDATE)
    assert [] == published(bus)


SYSTEM_FAILURE = StatusUpdate(
    upload_id="42",
    status=Status.VALIDATION_FAILED,
    execution_name=ATTEMPT.execution_name,
    error_count=1,
    errors=(ValidationError(column="file", code="system-error", message="the file could not be checked: E"),),
)


@pytest.mark.parametrize(
    ("error", "cause", "shown"),
    [
        ("SchemaInvalid", json.dumps({"errorMessage": "$.fields: missing", "stackTrace": []}), ": $.fields: missing"),
        ("SchemaInvalid", None, ""),
        ("SchemaInvalid", "no JSON", ""),
        ("SchemaInvalid", json.dumps({"errorMessage": None}), ""),
        ("ObjectForbidden", json.dumps({"errorMessage": "S3 denies access"}), ""),
        ("States.Timeout", None, ""),
    ],
)
def test_error_shows_the_message_of_a_broken_schema_alone(
    record: Record, uploads: PostgresUploads, error: str, cause: str | None, shown: str
) -> None:
    """Path and reason of a broken schema are for the people of the upload; other messages are for operators."""
    record(evolve(SYSTEM_FAILURE, failure=TaskFailure(Error=error, Cause=cause)))
    assert [f"the file could not be checked: E{shown}"] == [it.message for it in uploads.find("42").errors]


def test_unavailable_bus_causes_a_warning(
    record: Record,
    uploads: PostgresUploads,
    bus: InMemoryBus,
    log_lines: Callable[[], list[dict[str, Any]]],
) -> None:
    """The verdict is recorded all the same."""
    bus.unavailable = True
    assert StatusReply(upload_id="42", status=Status.VALIDATED) == record(UPDATE)
    assert uploads.find("42").status is Status.VALIDATED
    assert [
        {
            "level": "WARNING",
            "message": "verdict not published",
            "uploadId": "42",
            "execution": ATTEMPT.execution_name,
            "error": "EventsUnavailable",
            "reason": "could not publish to assay: ThrottlingException",
        }
    ] == log_lines()


def test_nothing_is_published_without_a_bus(uploads: PostgresUploads) -> None:
    """A stage without an event bus publishes no verdicts."""
    assert StatusReply(upload_id="42", status=Status.VALIDATED) == record_verdict(UPDATE, uploads=uploads)


def test_settlement_is_published(uploads: PostgresUploads, executions: InMemoryExecutions, bus: InMemoryBus) -> None:
    """With the settler as actor, and once: the second time there is nothing to settle."""
    aborted = executions.end(ATTEMPT.execution_name, ExecutionStatus.ABORTED)
    for _ in range(2):
        settle_execution(aborted, actor=SETTLER, uploads=uploads, executions=executions, bus=bus)
    assert [(ATTEMPT.execution_name, Status.VALIDATION_FAILED, SETTLER)] == published(bus)


def test_settlement_by_the_sweep_is_published(
    uploads: PostgresUploads, executions: InMemoryExecutions, bus: InMemoryBus
) -> None:
    """Its event differs from the settler's only in the actor."""
    executions.end(ATTEMPT.execution_name, ExecutionStatus.ABORTED)
    bucket = InMemoryBucket("inbox")
    Sweep(uploads=uploads, executions=executions, bucket=bucket, grace=timedelta(0), bus=bus).run()
    assert [(ATTEMPT.execution_name, Status.VALIDATION_FAILED, SWEEP)] == published(bus)
