"""Attempts: which event, sweep or replay begins one, and when it is refused."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
import pytest
from attrs import evolve

from chalicelib.errors import (
    AttemptSuperseded,
    NothingToValidate,
    UploadIdTaken,
    UploadNotFound,
)
from chalicelib.postgres import rows
from chalicelib.postgres.database import Database
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.attempts import Attempt
from chalicelib.uploads.lifecycle import RESTARTS, Status
from tests.postgres.upload import BY_OPERATOR, BY_SWEEP, CREATED, ERRORS, FAULT, FIRST, FOUND, SECOND, register, verdict

if TYPE_CHECKING:
    from collections.abc import Callable


def test_file_that_was_not_registered_gets_an_upload(uploads: PostgresUploads) -> None:
    """A file that is put directly into the bucket needs no registration."""
    assert uploads.begin_announced(FIRST)
    upload = uploads.find("42")
    assert upload.status is Status.VALIDATING
    assert (upload.owner, upload.bucket, upload.key) == ("acme", "inbox", "uploads/acme/42/a b.csv")
    assert upload.filename == "a b.csv"
    assert (upload.attempt, upload.execution_name) == (1, FIRST.execution_name)
    assert (upload.row_count, upload.error_count, upload.errors) == (None, None, ())


def test_duplicate_event_begins_one_attempt_and_returns_its_execution(
    uploads: PostgresUploads,
) -> None:
    """The first delivery may have crashed before it started the execution."""
    assert uploads.begin_announced(FIRST)
    assert uploads.begin_announced(FIRST)
    assert uploads.find("42").attempt == 1


def test_duplicate_event_after_the_verdict_changes_nothing(uploads: PostgresUploads) -> None:
    """A late duplicate starts no execution."""
    uploads.begin_announced(FIRST)
    uploads.record_verdict(verdict(FIRST))
    assert not uploads.begin_announced(FIRST)
    assert uploads.find("42").status is Status.VALIDATED


@pytest.mark.parametrize("status", [None, Status.VALIDATED, Status.VALIDATION_FAILED])
def test_newer_object_begins_a_new_attempt(uploads: PostgresUploads, status: Status | None) -> None:
    """The upload is VALIDATING again, from any status, without the old verdict's counts and errors."""
    uploads.begin_announced(FIRST)
    if status:
        uploads.record_verdict(verdict(FIRST, status, ERRORS if status is Status.VALIDATION_FAILED else ()))
    assert uploads.begin_announced(SECOND)
    upload = uploads.find("42")
    assert (upload.status, upload.attempt) == (Status.VALIDATING, 2)
    assert upload.execution_name == SECOND.execution_name
    assert (upload.row_count, upload.error_count, upload.errors) == (None, None, ())


def test_older_event_never_replaces_a_newer_attempt(uploads: PostgresUploads) -> None:
    """Events may arrive out of order; the newest object's attempt stays current."""
    uploads.begin_announced(SECOND)
    assert not uploads.begin_announced(FIRST)
    assert uploads.find("42").execution_name == SECOND.execution_name


def test_upload_id_of_another_object_is_taken(uploads: PostgresUploads) -> None:
    """An upload id belongs to one object key."""
    uploads.begin_announced(FIRST)
    with pytest.raises(UploadIdTaken):
        uploads.begin_announced(Attempt.for_object(evolve(CREATED, key="uploads/other/42/a b.csv", sequencer="0C")))
    assert uploads.find("42").execution_name == FIRST.execution_name


def test_object_without_an_event_begins_an_attempt(uploads: PostgresUploads) -> None:
    """The sweep finds it in the bucket; it gets an upload if it has none."""
    execution = uploads.begin_found(FOUND, after=0, cause=BY_SWEEP)
    assert execution
    assert ("42", "v9") == (execution.request.upload_id, execution.request.version_id)
    upload = uploads.find("42")
    assert (Status.VALIDATING, 1, execution.name) == (upload.status, upload.attempt, upload.execution_name)


def test_object_that_is_found_twice_begins_one_attempt(uploads: PostgresUploads) -> None:
    """Two sweeps that find it at the same time begin one attempt."""
    execution = uploads.begin_found(FOUND, after=0, cause=BY_SWEEP)
    assert execution == uploads.begin_found(FOUND, after=0, cause=BY_SWEEP)
    assert uploads.begin_found(FOUND, after=1, cause=BY_SWEEP) is None
    assert uploads.find("42").attempt == 1


def test_found_object_does_not_replace_an_attempt_that_began_meanwhile(uploads: PostgresUploads) -> None:
    """The sweep's listing is older than that attempt."""
    uploads.begin_announced(SECOND)
    assert uploads.begin_found(FOUND, after=0, cause=BY_SWEEP) is None
    assert uploads.find("42").execution_name == SECOND.execution_name


def test_event_about_a_found_version_begins_no_second_attempt(
    uploads: PostgresUploads,
) -> None:
    """The event may start the execution, and its sequencer becomes the attempt's."""
    execution = uploads.begin_found(FOUND, after=0, cause=BY_SWEEP)
    late = Attempt.for_object(evolve(FOUND, sequencer="0B"))
    assert [execution] * 2 == [uploads.begin_announced(late) for _ in range(2)]
    assert not uploads.begin_announced(FIRST)
    assert uploads.find("42").attempt == 1


def test_same_bytes_in_an_unversioned_bucket_begin_another_attempt(uploads: PostgresUploads) -> None:
    """Their metadata may name another schema, which the ETag does not show."""
    unversioned = evolve(FOUND, version_id=None)
    uploads.begin_found(unversioned, after=0, cause=BY_SWEEP)
    assert uploads.begin_announced(Attempt.for_object(evolve(unversioned, sequencer="0B")))
    assert uploads.find("42").attempt == 2


def test_resuming_an_attempt_uses_up_no_restart(uploads: PostgresUploads) -> None:
    """While Step Functions is unavailable, the version has not been validated."""
    uploads.begin_announced(FIRST)
    for _ in range(RESTARTS + 1):
        assert uploads.resume(FIRST.execution_name, BY_SWEEP)
    assert uploads.restart(FIRST.execution_name, BY_SWEEP)


def test_late_event_about_a_found_version_changes_no_verdict(uploads: PostgresUploads) -> None:
    """The version has its verdict already."""
    execution = uploads.begin_found(FOUND, after=0, cause=BY_SWEEP)
    assert execution
    uploads.record_verdict(evolve(verdict(FIRST), execution_name=execution.name))
    assert uploads.begin_announced(Attempt.for_object(evolve(FOUND, sequencer="0B"))) is None
    assert uploads.find("42").status is Status.VALIDATED


def test_found_object_with_a_taken_upload_id_is_refused(uploads: PostgresUploads) -> None:
    """The error is that of an announced object."""
    uploads.begin_announced(FIRST)
    with pytest.raises(UploadIdTaken):
        uploads.begin_found(evolve(FOUND, key="uploads/other/42/b.csv"), after=1, cause=BY_SWEEP)


@pytest.mark.parametrize("status", [None, Status.VALIDATED, Status.VALIDATION_FAILED])
def test_replay_is_another_attempt_at_the_same_version(uploads: PostgresUploads, status: Status | None) -> None:
    """Any status allows it; its execution has another name, because Step Functions reserves names for 90 days."""
    uploads.begin_announced(FIRST)
    if status:
        uploads.record_verdict(verdict(FIRST, status, ERRORS if status is Status.VALIDATION_FAILED else ()))
    execution = uploads.replay("42", after=1, cause=BY_OPERATOR)
    assert (FIRST.execution.request, True) == (execution.request, execution.name != FIRST.execution_name)
    upload = uploads.find("42")
    assert (Status.VALIDATING, 2, execution.name) == (upload.status, upload.attempt, upload.execution_name)
    assert (upload.row_count, upload.error_count, upload.errors) == (None, None, ())
    with pytest.raises(AttemptSuperseded):
        uploads.record_verdict(verdict(FIRST))


def test_repeated_replay_begins_one_attempt(uploads: PostgresUploads) -> None:
    """This requires that it names the attempt to replace, and has the same actor; it returns the same execution."""
    uploads.begin_announced(FIRST)
    execution = uploads.replay("42", after=1, cause=BY_OPERATOR)
    assert execution == uploads.replay("42", after=1, cause=BY_OPERATOR)
    assert uploads.find("42").attempt == 2
    uploads.record_verdict(evolve(verdict(FIRST), execution_name=execution.name))
    with pytest.raises(AttemptSuperseded, match="attempt 1 is not the current one at upload 42: 2 is"):
        uploads.replay("42", after=1, cause=BY_OPERATOR)


def test_newer_object_replaces_a_replay(uploads: PostgresUploads) -> None:
    """A replay has the sequencer of its version, so that the version's own event begins no other attempt."""
    uploads.begin_announced(FIRST)
    execution = uploads.replay("42", after=None, cause=BY_OPERATOR)
    assert execution == uploads.begin_announced(FIRST)
    assert uploads.begin_announced(SECOND)
    assert uploads.find("42").execution_name == SECOND.execution_name


def test_upload_without_an_object_cannot_be_replayed(uploads: PostgresUploads) -> None:
    """The message says to upload the object first."""
    register(uploads)
    with pytest.raises(NothingToValidate, match=r"upload uploads/acme/42/a b\.csv first"):
        uploads.replay("42", after=None, cause=BY_OPERATOR)
    with pytest.raises(UploadNotFound):
        uploads.replay("43", after=None, cause=BY_OPERATOR)


def test_version_has_a_limited_number_of_restarts(uploads: PostgresUploads) -> None:
    """After that, the failure is permanent; a newer version has restarts of its own."""
    uploads.begin_announced(FIRST)
    name = FIRST.execution_name
    for number in range(2, RESTARTS + 2):
        execution = uploads.restart(name, BY_SWEEP)
        assert execution
        assert number == uploads.find("42").attempt
        name = execution.name
    assert uploads.restart(name, BY_SWEEP) is None
    uploads.begin_announced(SECOND)
    assert uploads.restart(SECOND.execution_name, BY_SWEEP)


def test_repeated_restart_begins_one_attempt(uploads: PostgresUploads) -> None:
    """The response to the commit may be lost, or the caller may crash before it starts the execution."""
    uploads.begin_announced(FIRST)
    execution = uploads.restart(FIRST.execution_name, BY_SWEEP)
    assert execution
    assert execution == uploads.restart(FIRST.execution_name, BY_SWEEP)
    assert 2 == uploads.find("42").attempt
    again = uploads.restart(execution.name, BY_SWEEP)
    assert again
    assert uploads.restart(FIRST.execution_name, BY_SWEEP) is None
    uploads.record_verdict(evolve(verdict(FIRST), execution_name=again.name))
    assert uploads.restart(execution.name, BY_SWEEP) is None


def test_replay_does_not_count_as_a_restart(uploads: PostgresUploads) -> None:
    """An event about the replaced execution changes nothing."""
    uploads.begin_announced(FIRST)
    uploads.replay("42", after=1, cause=BY_OPERATOR)
    assert uploads.restart(FIRST.execution_name, BY_SWEEP) is None


@pytest.mark.parametrize("move", ["restart", "resume", "settle"])
def test_only_the_current_attempts_execution_has_an_effect(uploads: PostgresUploads, move: str) -> None:
    """An execution without an attempt, of a superseded attempt, or with a verdict has none."""
    moves: dict[str, Callable[[str], object]] = {
        "restart": lambda name: uploads.restart(name, BY_SWEEP),
        "resume": lambda name: uploads.resume(name, BY_SWEEP),
        "settle": lambda name: uploads.settle(name, FAULT, BY_SWEEP),
    }
    assert not moves[move]("by-hand")
    uploads.begin_announced(FIRST)
    uploads.begin_announced(SECOND)
    assert not moves[move](FIRST.execution_name)
    uploads.record_verdict(verdict(SECOND))
    assert not moves[move](SECOND.execution_name)
    assert (Status.VALIDATED, 2) == (uploads.find("42").status, uploads.find("42").attempt)


@pytest.mark.parametrize("meanwhile", ["restart", "newer object", "verdict"])
def test_restart_is_atomic(uploads: PostgresUploads, dsn: str, meanwhile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A concurrent change happens before or after it, never between its read and its write."""
    uploads.begin_announced(FIRST)
    others = Database(lambda: dsn)
    other = PostgresUploads(others)
    moves: dict[str, Callable[[], object]] = {
        "restart": lambda: other.restart(FIRST.execution_name, BY_SWEEP),
        "newer object": lambda: other.begin_announced(SECOND),
        "verdict": lambda: other.record_verdict(verdict(FIRST)),
    }
    read, pool = rows.of_execution, ThreadPoolExecutor(1)

    def read_during_a_change(connection: psycopg.Connection, name: str) -> rows.UploadRow | None:
        row = read(connection, name)
        if not moving:
            moving.append(pool.submit(moves[meanwhile]))
            wait(moving, timeout=0.2)  # a correct change waits for this transaction; an incorrect one is done by then
        return row

    moving: list[Future[object]] = []
    monkeypatch.setattr(rows, "of_execution", read_during_a_change)
    uploads.restart(FIRST.execution_name, BY_SWEEP)
    with suppress(AttemptSuperseded):
        moving[0].result()
    pool.shutdown()
    others.close()
    steps = [(it.from_status, it.to_status, it.attempt) for it in uploads.transitions("42")]
    expected = [(None, Status.PENDING, 0), (Status.PENDING, Status.VALIDATING, 1)]
    expected.append((Status.VALIDATING, Status.VALIDATING, 2))
    if meanwhile == "newer object":
        expected.append((Status.VALIDATING, Status.VALIDATING, 3))
        assert uploads.find("42").execution_name == SECOND.execution_name
    assert expected == steps


def test_one_of_many_concurrent_deliveries_begins_the_attempt(dsn: str) -> None:
    """Eight concurrent deliveries of one event begin one attempt."""
    databases = [Database(lambda: dsn) for _ in range(8)]
    with ThreadPoolExecutor(len(databases)) as pool:
        list(pool.map(lambda database: PostgresUploads(database).begin_announced(FIRST), databases))
    assert PostgresUploads(databases[0]).find("42").attempt == 1
    for database in databases:
        database.close()
