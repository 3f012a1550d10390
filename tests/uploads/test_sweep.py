"""The sweep: uploads and objects whose events were lost get a verdict."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from chalicelib.errors import ExecutionsUnavailable
from chalicelib.postgres.database import Database
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.telemetry import logs
from chalicelib.uploads.attempts import Attempt, ExecutionStatus, PlannedUpload
from chalicelib.uploads.lifecycle import SWEEP, Cause, Status
from chalicelib.uploads.messages import StatusUpdate
from chalicelib.uploads.object_key import ObjectKey
from chalicelib.uploads.sweep import MAX_PAGES, Sweep
from tests.fakes import InMemoryBucket, InMemoryExecutions

KEY = "uploads/acme/42/a.csv"


@pytest.fixture
def uploads(database: Database) -> PostgresUploads:
    """A repository without uploads."""
    return PostgresUploads(database)


@pytest.fixture
def executions() -> InMemoryExecutions:
    """Executions of which none has started."""
    return InMemoryExecutions()


@pytest.fixture
def bucket() -> InMemoryBucket:
    """An empty bucket."""
    return InMemoryBucket("inbox")


@pytest.fixture
def sweep(uploads: PostgresUploads, executions: InMemoryExecutions, bucket: InMemoryBucket) -> Sweep:
    """The use case, without a grace period."""
    return Sweep(uploads=uploads, executions=executions, bucket=bucket, grace=timedelta(0))


def begin(uploads: PostgresUploads, bucket: InMemoryBucket, key: str = KEY) -> Attempt:
    """Put an object and record an attempt at it, as the orchestrator does before it starts the execution."""
    attempt = Attempt.for_object(evolve(bucket.put(key), sequencer="0A"))
    uploads.begin_announced(attempt)
    return attempt


def test_execution_that_was_never_started_is_started(
    sweep: Sweep, uploads: PostgresUploads, executions: InMemoryExecutions, bucket: InMemoryBucket
) -> None:
    """The orchestrator crashed between its two steps, and S3 did not repeat the event."""
    attempt = begin(uploads, bucket)
    sweep.run()
    assert [attempt.execution] == list(executions.planned.values())
    assert [(SWEEP, "the execution had never been started")] == _last_transition(uploads)


def test_running_execution_is_left_alone(
    sweep: Sweep, uploads: PostgresUploads, executions: InMemoryExecutions, bucket: InMemoryBucket
) -> None:
    """The upload may stay VALIDATING as long as its execution runs."""
    executions.start(begin(uploads, bucket).execution)
    before = uploads.transitions("42")
    sweep.run()
    assert before == uploads.transitions("42")


@pytest.mark.parametrize(
    ("ended", "status", "attempts"),
    [
        (ExecutionStatus.FAILED, Status.VALIDATING, 2),
        (ExecutionStatus.TIMED_OUT, Status.VALIDATION_FAILED, 1),
        (ExecutionStatus.ABORTED, Status.VALIDATION_FAILED, 1),
        (ExecutionStatus.SUCCEEDED, Status.VALIDATING, 2),
    ],
)
def test_execution_that_has_ended_is_settled(  # noqa: PLR0913, PLR0917 - four fixtures and three parameters
    sweep: Sweep,
    uploads: PostgresUploads,
    executions: InMemoryExecutions,
    bucket: InMemoryBucket,
    ended: ExecutionStatus,
    status: Status,
    attempts: int,
) -> None:
    """The event of its end was lost. A successful one without a verdict is possible if the database was restored."""
    attempt = begin(uploads, bucket)
    executions.start(attempt.execution)
    executions.end(attempt.execution_name, ended)
    sweep.run()
    assert (status, attempts) == (uploads.find("42").status, uploads.find("42").attempt)
    assert [SWEEP] == [actor for actor, _ in _last_transition(uploads)]


def test_unknown_object_gets_an_upload(
    sweep: Sweep, uploads: PostgresUploads, executions: InMemoryExecutions, bucket: InMemoryBucket
) -> None:
    """Its event was lost, or it is older than the deployment."""
    found = bucket.put(KEY)
    sweep.run()
    assert uploads.find("42").status is Status.VALIDATING
    (planned,) = executions.planned.values()
    assert found.version_id == planned.request.version_id
    assert [(SWEEP, "the object was in the bucket, and no event had announced it")] == _last_transition(uploads)


def test_unannounced_newer_version_begins_an_attempt(
    sweep: Sweep, uploads: PostgresUploads, executions: InMemoryExecutions, bucket: InMemoryBucket
) -> None:
    """The upload's verdict must be about the newest version."""
    attempt = begin(uploads, bucket)
    uploads.record_verdict(StatusUpdate(upload_id="42", status=Status.VALIDATED, execution_name=attempt.execution_name))
    newest = bucket.put(KEY)
    sweep.run()
    (planned,) = executions.planned.values()
    assert newest.version_id == planned.request.version_id
    assert (Status.VALIDATING, 2) == (uploads.find("42").status, uploads.find("42").attempt)


def test_second_sweep_changes_nothing(
    sweep: Sweep, uploads: PostgresUploads, executions: InMemoryExecutions, bucket: InMemoryBucket
) -> None:
    """An object with an attempt is not found again."""
    bucket.put(KEY)
    sweep.run()
    before = uploads.transitions("42")
    sweep.run()
    assert (before, 1) == (uploads.transitions("42"), len(executions.planned))


def test_pending_upload_whose_object_exists_gets_an_attempt(
    sweep: Sweep, uploads: PostgresUploads, bucket: InMemoryBucket, database: Database
) -> None:
    """A registration without an object stays PENDING."""
    for upload_id in ("42", "43"):
        _register(database, upload_id)
    bucket.put(KEY)
    sweep.run()
    assert [Status.VALIDATING, Status.PENDING] == [uploads.find(it).status for it in ("42", "43")]


def test_sweep_resumes_the_listing_of_the_bucket(
    sweep: Sweep, uploads: PostgresUploads, bucket: InMemoryBucket
) -> None:
    """A sweep lists a limited number of pages; the next one resumes at the marker, and starts over after the end."""
    one_sweep = MAX_PAGES * bucket.page_keys
    keys = [f"uploads/acme/{number:03}/a.csv" for number in range(one_sweep + 1)]
    for key in keys:
        bucket.put(key)
    sweep.run()
    assert one_sweep == len(uploads.states([f"{number:03}" for number in range(len(keys))]))
    assert keys[one_sweep - 1] == uploads.sweep_marker()
    sweep.run()
    assert len(keys) == len(uploads.states([f"{number:03}" for number in range(len(keys))]))
    assert uploads.sweep_marker() == ""


def test_objects_that_cannot_be_uploads_are_ignored(
    sweep: Sweep, uploads: PostgresUploads, executions: InMemoryExecutions, bucket: InMemoryBucket
) -> None:
    """They were rejected when they arrived."""
    executions.start(begin(uploads, bucket).execution)
    bucket.put("uploads/a.csv")
    bucket.put("uploads/other/42/b.csv")
    sweep.run()
    assert len(executions.planned) == 1


def test_one_upload_that_fails_does_not_stop_the_others(
    sweep: Sweep,
    executions: InMemoryExecutions,
    bucket: InMemoryBucket,
    log_lines: Callable[[], list[dict[str, Any]]],
) -> None:
    """The others are handled; then the sweep fails as a whole, so that the failure is visible."""
    bucket.put(KEY)
    bucket.put("uploads/acme/43/a.csv")
    executions.unavailable.add("42")
    with logs.invocation("upload_sweep", "request"), pytest.raises(ExecutionsUnavailable):
        sweep.run()
    warning, *uploads, canonical = log_lines()
    assert ["42", "43"] == [line["uploadId"] for line in uploads]
    assert (KEY, "ExecutionsUnavailable") == (warning["key"], warning["error"])
    assert (1, 1) == (canonical["found"], canonical["failed"])
    executions.unavailable.clear()
    sweep.run()
    assert {"42", "43"} == {it.request.upload_id for it in executions.planned.values()}


def test_crashing_page_is_skipped_by_the_next_sweep(
    sweep: Sweep, uploads: PostgresUploads, bucket: InMemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise every sweep would crash at the same page; the next round of the bucket returns to it."""
    keys = [f"uploads/acme/{number}/a.csv" for number in range(4)]
    for key in keys:
        bucket.put(key)
    with monkeypatch.context() as bug:
        bug.setattr(bucket, "current_version", lambda _key: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sweep.run()
    assert keys[1] == uploads.sweep_marker()
    sweep.run()
    sweep.run()
    assert len(keys) == len(uploads.states([str(number) for number in range(4)]))


def test_key_with_nul_does_not_stop_the_sweep(
    sweep: Sweep, uploads: PostgresUploads, executions: InMemoryExecutions, bucket: InMemoryBucket
) -> None:
    """S3 allows NUL in keys, and such a key may be the last of a page."""
    bucket.page_keys = 1
    for key in ("uploads/a\0/0/x.csv", "uploads/b/1/x.csv", "uploads/c/2/x.csv"):
        bucket.put(key)
    sweep.run()
    assert {"1", "2"} == {it.request.upload_id for it in executions.planned.values()}
    assert uploads.sweep_marker() == ""


def test_concurrent_sweeps_start_each_execution_once(
    dsn: str, executions: InMemoryExecutions, bucket: InMemoryBucket, uploads: PostgresUploads
) -> None:
    """Each object without an upload gets one attempt, and each attempt without an execution gets one."""
    bucket.page_keys = 100
    for number in range(20):
        begin(uploads, bucket, f"uploads/acme/begun-{number}/a.csv")
        bucket.put(f"uploads/acme/unknown-{number}/a.csv")
    databases = [Database(lambda: dsn) for _ in range(4)]
    sweeps = [
        Sweep(
            uploads=PostgresUploads(database),
            executions=executions,
            bucket=bucket,
            grace=timedelta(0),
        )
        for database in databases
    ]
    with ThreadPoolExecutor(len(sweeps)) as pool:
        for done in [pool.submit(sweep.run) for sweep in sweeps]:
            done.result()
    for database in databases:
        database.close()
    upload_ids = [it.request.upload_id for it in executions.planned.values()]
    assert (40, 40) == (len(upload_ids), len(set(upload_ids)))
    assert {1} == {state.number for state in uploads.states(upload_ids).values()}


def _last_transition(uploads: PostgresUploads) -> list[tuple[str | None, str | None]]:
    return [(it.actor, it.reason) for it in uploads.transitions("42")[-1:]]


def _register(database: Database, upload_id: str) -> None:
    object_key = ObjectKey(owner="acme", upload_id=upload_id, filename="a.csv")
    planned = PlannedUpload(bucket="inbox", object_key=object_key, schema="default")
    PostgresUploads(database).register(planned, Cause(actor="api:ada"))
