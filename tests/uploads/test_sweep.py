"""The sweep: uploads and objects whose events were lost get their verdicts."""

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
    """A repository without any upload."""
    return PostgresUploads(database)


@pytest.fixture
def executions() -> InMemoryExecutions:
    """Executions, none of them started."""
    return InMemoryExecutions()


@pytest.fixture
def bucket() -> InMemoryBucket:
    """An empty bucket."""
    return InMemoryBucket("inbox")


@pytest.fixture
def sweep(uploads: PostgresUploads, executions: InMemoryExecutions, bucket: InMemoryBucket) -> Sweep:
    """The use case, for which nothing is too young."""
    return Sweep(uploads=uploads, executions=executions, bucket=bucket, grace=timedelta(0))


def begin(uploads: PostgresUploads, bucket: InMemoryBucket, key: str = KEY) -> Attempt:
    """Put an object and record an attempt at it, as the orchestrator does before it starts the execution."""
    attempt = Attempt.for_object(evolve(bucket.put(key), sequencer="0A"))
    uploads.begin_announced(attempt)
    return attempt


def test_execution_that_was_never_started_is(
    sweep: Sweep, uploads: PostgresUploads, executions: InMemoryExecutions, bucket: InMemoryBucket
) -> None:
    """The orchestrator crashed between its two steps, and S3 did not repeat the event."""
    attempt = begin(uploads, bucket)
    sweep.run()
    assert [attempt.execution] == list(executions.planned.values())
    assert [(SWEEP, "the execution had never been started")] == _last_word(uploads)


def test_execution_that_runs_is_left_alone(
    sweep: Sweep, uploads: PostgresUploads, executions: InMemoryExecutions, bucket: InMemoryBucket
) -> None:
    """However long it takes."""
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
def test_execution_that_is_over_is_settled(  # noqa: PLR0913, PLR0917 - four parts of a case, and three of a world
    sweep: Sweep,
    uploads: PostgresUploads,
    executions: InMemoryExecutions,
    bucket: InMemoryBucket,
    ended: ExecutionStatus,
    status: Status,
    attempts: int,
) -> None:
    """The event of its end was lost. One that succeeded without a trace met a database that was restored."""
    attempt = begin(uploads, bucket)
    executions.start(attempt.execution)
    executions.end(attempt.execution_name, ended)
    sweep.run()
    assert (status, attempts) == (uploads.find("42").status, uploads.find("42").attempt)
    assert [SWEEP] == [actor for actor, _ in _last_word(uploads)]


def test_object_that_no_upload_knows_gets_one(
    sweep: Sweep, uploads: PostgresUploads, executions: InMemoryExecutions, bucket: InMemoryBucket
) -> None:
    """Its event was lost, or the bucket was full before Assay came."""
    found = bucket.put(KEY)
    sweep.run()
    assert uploads.find("42").status is Status.VALIDATING
    (planned,) = executions.planned.values()
    assert found.version_id == planned.request.version_id
    assert [(SWEEP, "the object was in the bucket, and no event had announced it")] == _last_word(uploads)


def test_object_that_replaced_another_unheard_begins_an_attempt(
    sweep: Sweep, uploads: PostgresUploads, executions: InMemoryExecutions, bucket: InMemoryBucket
) -> None:
    """The verdict is to be that of the newest."""
    attempt = begin(uploads, bucket)
    uploads.record_verdict(StatusUpdate(upload_id="42", status=Status.VALIDATED, execution_name=attempt.execution_name))
    newest = bucket.put(KEY)
    sweep.run()
    (planned,) = executions.planned.values()
    assert newest.version_id == planned.request.version_id
    assert (Status.VALIDATING, 2) == (uploads.find("42").status, uploads.find("42").attempt)


def test_what_is_known_is_not_found_again(
    sweep: Sweep, uploads: PostgresUploads, executions: InMemoryExecutions, bucket: InMemoryBucket
) -> None:
    """A second sweep changes nothing."""
    bucket.put(KEY)
    sweep.run()
    before = uploads.transitions("42")
    sweep.run()
    assert (before, 1) == (uploads.transitions("42"), len(executions.planned))


def test_pending_upload_whose_object_is_there_is_taken_up(
    sweep: Sweep, uploads: PostgresUploads, bucket: InMemoryBucket, database: Database
) -> None:
    """One whose object is not there waits on."""
    for upload_id in ("42", "43"):
        _register(database, upload_id)
    bucket.put(KEY)
    sweep.run()
    assert [Status.VALIDATING, Status.PENDING] == [uploads.find(it).status for it in ("42", "43")]


def test_bucket_is_gone_through_bit_by_bit(sweep: Sweep, uploads: PostgresUploads, bucket: InMemoryBucket) -> None:
    """A sweep is bounded; the next one resumes, and after the end starts again."""
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


def test_objects_that_can_be_no_upload_do_no_harm(
    sweep: Sweep, uploads: PostgresUploads, executions: InMemoryExecutions, bucket: InMemoryBucket
) -> None:
    """It was said when they arrived."""
    executions.start(begin(uploads, bucket).execution)
    bucket.put("uploads/a.csv")
    bucket.put("uploads/other/42/b.csv")
    sweep.run()
    assert len(executions.planned) == 1


def test_one_that_fails_does_not_stop_the_others(
    sweep: Sweep,
    executions: InMemoryExecutions,
    bucket: InMemoryBucket,
    log_lines: Callable[[], list[dict[str, Any]]],
) -> None:
    """All have their turn, and the sweep fails as a whole, so that the failure is seen."""
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
    """Or every sweep would crash at the same page; the next round finds what was left."""
    keys = [f"uploads/acme/{number}/a.csv" for number in range(4)]
    for key in keys:
        bucket.put(key)
    with monkeypatch.context() as bug:
        bug.setattr(bucket, "present", lambda _key: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sweep.run()
    assert keys[1] == uploads.sweep_marker()
    sweep.run()
    sweep.run()
    assert len(keys) == len(uploads.states([str(number) for number in range(4)]))


def test_key_with_nul_does_not_stop_the_sweep(
    sweep: Sweep, uploads: PostgresUploads, executions: InMemoryExecutions, bucket: InMemoryBucket
) -> None:
    """S3 allows it in a key, and it may be the last key of a page."""
    bucket.page_keys = 1
    for key in ("uploads/a\0/0/x.csv", "uploads/b/1/x.csv", "uploads/c/2/x.csv"):
        bucket.put(key)
    sweep.run()
    assert {"1", "2"} == {it.request.upload_id for it in executions.planned.values()}
    assert uploads.sweep_marker() == ""


def test_sweeps_that_run_at_once_do_each_thing_once(
    dsn: str, executions: InMemoryExecutions, bucket: InMemoryBucket, uploads: PostgresUploads
) -> None:
    """Objects without an upload, and attempts without an execution: one attempt each, one execution each."""
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


def _last_word(uploads: PostgresUploads) -> list[tuple[str | None, str | None]]:
    return [(it.actor, it.reason) for it in uploads.transitions("42")[-1:]]


def _register(database: Database, upload_id: str) -> None:
    object_key = ObjectKey(owner="acme", upload_id=upload_id, filename="a.csv")
    planned = PlannedUpload(bucket="inbox", object_key=object_key, schema="default")
    PostgresUploads(database).register(planned, Cause(actor="api:ada"))
