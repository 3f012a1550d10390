"""Objects that arrive: recorded, then started, each for itself."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from attrs import evolve

from chalicelib.errors import ExecutionsUnavailable, RequestMalformed, UploadNotFound
from chalicelib.postgres.database import Database
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.telemetry import logs
from chalicelib.uploads.attempts import Attempt, ObjectCreated, PlannedExecution
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.messages import StatusUpdate, ValidationRequest
from chalicelib.uploads.receive import receive_uploads
from tests.fakes import InMemoryExecutions

CREATED = ObjectCreated(bucket="inbox", key="uploads/acme/42/a b.csv", version_id="v1", sequencer="0A")
OTHER = evolve(CREATED, key="uploads/acme/43/a.csv")
UNFIT = evolve(CREATED, key="uploads/a.csv")

Receive = Callable[[list[ObjectCreated | RequestMalformed]], None]


@pytest.fixture
def uploads(database: Database) -> PostgresUploads:
    """A repository without any upload."""
    return PostgresUploads(database)


@pytest.fixture
def executions() -> InMemoryExecutions:
    """Executions, none of them started."""
    return InMemoryExecutions()


@pytest.fixture
def receive(uploads: PostgresUploads, executions: InMemoryExecutions) -> Receive:
    """The use case."""
    return partial(receive_uploads, uploads=uploads, executions=executions)


def test_object_is_marked_validating_and_its_execution_started(
    receive: Receive, uploads: PostgresUploads, executions: InMemoryExecutions
) -> None:
    """With exactly its upload id, bucket, key and version."""
    receive([CREATED])
    assert uploads.find("42").status is Status.VALIDATING
    request = ValidationRequest(upload_id="42", bucket="inbox", key="uploads/acme/42/a b.csv", version_id="v1")
    name = Attempt.for_object(CREATED).execution_name
    assert {name: PlannedExecution(name=name, request=request)} == executions.planned


def test_crash_between_the_two_steps_is_made_good_by_the_next_delivery(
    receive: Receive, uploads: PostgresUploads, executions: InMemoryExecutions
) -> None:
    """The attempt was recorded, its execution not started: the same event starts it."""
    uploads.begin_announced(Attempt.for_object(CREATED))
    receive([CREATED])
    assert len(executions.planned) == 1


def test_duplicate_after_the_verdict_starts_nothing(
    receive: Receive, uploads: PostgresUploads, executions: InMemoryExecutions
) -> None:
    """What is done is done."""
    receive([CREATED])
    name = Attempt.for_object(CREATED).execution_name
    uploads.record_verdict(StatusUpdate(upload_id="42", status=Status.VALIDATED, execution_name=name))
    receive([CREATED])
    assert len(executions.planned) == 1


def test_object_that_can_never_be_an_upload_is_neither_raised_nor_hidden(
    receive: Receive, executions: InMemoryExecutions, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """It is logged with its reason and counted; the others have their turn."""
    taken = evolve(CREATED, key="uploads/other/42/b.csv")
    with logs.invocation("csv_orchestrator", "request"):
        receive([CREATED, UNFIT, taken, OTHER])
    assert ["42", "43"] == [it.request.upload_id for it in executions.planned.values()]
    unfit, already_taken, *uploads, canonical = log_lines()
    assert ["42", "42", "43"] == [line["uploadId"] for line in uploads]
    assert (UNFIT.key, taken.key) == (unfit["key"], already_taken["key"])
    assert "the upload id is not 1 to 64" in unfit["reason"]
    assert "belongs to another object" in already_taken["reason"]
    assert (2, 2, 0) == (canonical["started"], canonical["rejected"], canonical["failed"])


def test_one_object_that_fails_does_not_stop_the_others(receive: Receive, executions: InMemoryExecutions) -> None:
    """All have their turn, and the event fails as a whole, so that it is delivered again."""
    executions.unavailable.add("42")
    with pytest.raises(ExecutionsUnavailable):
        receive([CREATED, OTHER])
    assert ["43"] == [it.request.upload_id for it in executions.planned.values()]
    executions.unavailable.clear()
    receive([CREATED, OTHER])
    assert {"42", "43"} == {it.request.upload_id for it in executions.planned.values()}


def test_record_without_an_object_fails_the_event_after_the_others(receive: Receive, uploads: PostgresUploads) -> None:
    """It cannot be received, and must be seen."""
    with pytest.raises(RequestMalformed):
        receive([RequestMalformed("$.Records[0].s3: expected an object"), CREATED])
    assert uploads.find("42").status is Status.VALIDATING
    with pytest.raises(UploadNotFound):
        uploads.find("43")
