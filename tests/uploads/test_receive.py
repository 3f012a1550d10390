"""The objects of an S3 event: each gets its attempt and its execution, independently of the others."""

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
MALFORMED = evolve(CREATED, key="uploads/a.csv")

Receive = Callable[[list[ObjectCreated | RequestMalformed]], None]


@pytest.fixture
def uploads(database: Database) -> PostgresUploads:
    """A repository without uploads."""
    return PostgresUploads(database)


@pytest.fixture
def executions() -> InMemoryExecutions:
    """Executions of which none has started."""
    return InMemoryExecutions()


@pytest.fixture
def receive(uploads: PostgresUploads, executions: InMemoryExecutions) -> Receive:
    """The use case."""
    return partial(receive_uploads, uploads=uploads, executions=executions)


def test_object_is_marked_validating_and_its_execution_started(
    receive: Receive, uploads: PostgresUploads, executions: InMemoryExecutions
) -> None:
    """The execution's input has the upload id, bucket, key and version."""
    receive([CREATED])
    assert uploads.find("42").status is Status.VALIDATING
    request = ValidationRequest(upload_id="42", bucket="inbox", key="uploads/acme/42/a b.csv", version_id="v1")
    name = Attempt.for_object(CREATED).execution_name
    assert {name: PlannedExecution(name=name, request=request)} == executions.planned


def test_next_delivery_starts_the_execution_that_a_crash_prevented(
    receive: Receive, uploads: PostgresUploads, executions: InMemoryExecutions
) -> None:
    """A crash between the two steps leaves an attempt without an execution: the same event starts it."""
    uploads.begin_announced(Attempt.for_object(CREATED))
    receive([CREATED])
    assert len(executions.planned) == 1


def test_duplicate_after_the_verdict_starts_nothing(
    receive: Receive, uploads: PostgresUploads, executions: InMemoryExecutions
) -> None:
    """The attempt has its verdict; a late duplicate event changes nothing."""
    receive([CREATED])
    name = Attempt.for_object(CREATED).execution_name
    uploads.record_verdict(StatusUpdate(upload_id="42", status=Status.VALIDATED, execution_name=name))
    receive([CREATED])
    assert len(executions.planned) == 1


def test_rejected_object_is_logged_and_counted(
    receive: Receive, executions: InMemoryExecutions, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """A malformed key or a taken upload id does not fail the event: the other objects are received."""
    taken = evolve(CREATED, key="uploads/other/42/b.csv")
    with logs.invocation("csv_orchestrator", "request"):
        receive([CREATED, MALFORMED, taken, OTHER])
    assert ["42", "43"] == [it.request.upload_id for it in executions.planned.values()]
    malformed, already_taken, *uploads, canonical = log_lines()
    assert ["42", "42", "43"] == [line["uploadId"] for line in uploads]
    assert (MALFORMED.key, taken.key) == (malformed["key"], already_taken["key"])
    assert "the upload id is not 1 to 64" in malformed["reason"]
    assert "belongs to another object" in already_taken["reason"]
    assert (2, 2, 0) == (canonical["started"], canonical["rejected"], canonical["failed"])


def test_one_object_that_fails_does_not_stop_the_others(receive: Receive, executions: InMemoryExecutions) -> None:
    """The others are received; then the event fails as a whole, so that it is delivered again."""
    executions.unavailable.add("42")
    with pytest.raises(ExecutionsUnavailable):
        receive([CREATED, OTHER])
    assert ["43"] == [it.request.upload_id for it in executions.planned.values()]
    executions.unavailable.clear()
    receive([CREATED, OTHER])
    assert {"42", "43"} == {it.request.upload_id for it in executions.planned.values()}


def test_record_without_an_object_fails_the_event_after_the_others(receive: Receive, uploads: PostgresUploads) -> None:
    """A malformed record cannot be received; the failure makes it visible."""
    with pytest.raises(RequestMalformed):
        receive([RequestMalformed("$.Records[0].s3: expected an object"), CREATED])
    assert uploads.find("42").status is Status.VALIDATING
    with pytest.raises(UploadNotFound):
        uploads.find("43")
