"""Attempts: who may begin one, and after which."""

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
from tests.postgres.upload import BY_SOMEBODY, BY_SWEEP, CREATED, ERRORS, FAULT, FIRST, FOUND, SECOND, register, verdict

if TYPE_CHECKING:
    from collections.abc import Callable


def test_file_without_record_gets_one(uploads: PostgresUploads) -> None:
    """A file dropped straight into the bucket is an upload like any other."""
    assert uploads.begin_announced(FIRST)
    upload = uploads.find("42")
    assert upload.status is Status.VALIDATING
    assert (upload.owner, upload.bucket, upload.key) == ("acme", "inbox", "uploads/acme/42/a b.csv")
    assert upload.filename == "a b.csv"
    assert (upload.attempt, upload.execution_name) == (1, FIRST.execution_name)
    assert (upload.row_count, upload.error_count, upload.errors) == (None, None, ())


def test_event_that_comes_twice_begins_one_attempt_but_may_start_it_again(
    uploads: PostgresUploads,
) -> None:
    """The first delivery may have crashed before the execution was started."""
    assert uploads.begin_announced(FIRST)
    assert uploads.begin_announced(FIRST)
    assert uploads.find("42").attempt == 1


def test_event_that_comes_after_the_verdict_changes_nothing(uploads: PostgresUploads) -> None:
    """A late duplicate does not validate again."""
    uploads.begin_announced(FIRST)
    uploads.record_verdict(verdict(FIRST))
    assert not uploads.begin_announced(FIRST)
    assert uploads.find("42").status is Status.VALIDATED


@pytest.mark.parametrize("status", [None, Status.VALIDATED, Status.VALIDATION_FAILED])
def test_newer_object_begins_a_new_attempt(uploads: PostgresUploads, status: Status | None) -> None:
    """From VALIDATING as from either verdict, and the old verdict is forgotten."""
    uploads.begin_announced(FIRST)
    if status:
        uploads.record_verdict(verdict(FIRST, status, ERRORS if status is Status.VALIDATION_FAILED else ()))
    assert uploads.begin_announced(SECOND)
    upload = uploads.find("42")
    assert (upload.status, upload.attempt) == (Status.VALIDATING, 2)
    assert upload.execution_name == SECOND.execution_name
    assert (upload.row_count, upload.error_count, upload.errors) == (None, None, ())


def test_older_event_never_replaces_a_newer_attempt(uploads: PostgresUploads) -> None:
    """Events out of order leave the newest object's attempt in place."""
    uploads.begin_announced(SECOND)
    assert not uploads.begin_announced(FIRST)
    assert uploads.find("42").execution_name == SECOND.execution_name


def test_upload_id_of_another_object_is_taken(uploads: PostgresUploads) -> None:
    """Two objects cannot share a status."""
    uploads.begin_announced(FIRST)
    with pytest.raises(UploadIdTaken):
        uploads.begin_announced(Attempt.for_object(evolve(CREATED, key="uploads/other/42/a b.csv", sequencer="0C")))
    assert uploads.find("42").execution_name == FIRST.execution_name


def test_object_without_an_event_begins_an_attempt(uploads: PostgresUploads) -> None:
    """With a record of its own if it has none."""
    execution = uploads.begin_found(FOUND, after=0, cause=BY_SWEEP)
    assert execution
    assert ("42", "v9") == (execution.request.upload_id, execution.request.version_id)
    upload = uploads.find("42")
    assert (Status.VALIDATING, 1, execution.name) == (upload.status, upload.attempt, upload.execution_name)


def test_object_is_found_once(uploads: PostgresUploads) -> None:
    """Two sweeps that come upon it at once begin one attempt."""
    execution = uploads.begin_found(FOUND, after=0, cause=BY_SWEEP)
    assert execution == uploads.begin_found(FOUND, after=0, cause=BY_SWEEP)
    assert uploads.begin_found(FOUND, after=1, cause=BY_SWEEP) is None
    assert uploads.find("42").attempt == 1


def test_attempt_that_began_meanwhile_goes_before_what_was_found(uploads: PostgresUploads) -> None:
    """What was seen in the bucket before it is old."""
    uploads.begin_announced(SECOND)
    assert uploads.begin_found(FOUND, after=0, cause=BY_SWEEP) is None
    assert uploads.find("42").execution_name == SECOND.execution_name


def test_event_about_the_version_that_was_found_begins_no_other_attempt(
    uploads: PostgresUploads,
) -> None:
    """But it may start the execution, and its place among the events counts from then on."""
    execution = uploads.begin_found(FOUND, after=0, cause=BY_SWEEP)
    late = Attempt.for_object(evolve(FOUND, sequencer="0B"))
    assert [execution] * 2 == [uploads.begin_announced(late) for _ in range(2)]
    assert not uploads.begin_announced(FIRST)
    assert uploads.find("42").attempt == 1


def test_same_bytes_that_come_again_without_versions_begin_an_attempt(uploads: PostgresUploads) -> None:
    """They may have come for another schema, which the ETag does not show."""
    unversioned = evolve(FOUND, version_id=None)
    uploads.begin_found(unversioned, after=0, cause=BY_SWEEP)
    assert uploads.begin_announced(Attempt.for_object(evolve(unversioned, sequencer="0B")))
    assert uploads.find("42").attempt == 2


def test_execution_that_cannot_be_started_for_long_costs_no_restart(uploads: PostgresUploads) -> None:
    """Step Functions was away; the version has not been tried yet."""
    uploads.begin_announced(FIRST)
    for _ in range(RESTARTS + 1):
        assert uploads.resume(FIRST.execution_name, BY_SWEEP)
    assert uploads.restart(FIRST.execution_name, BY_SWEEP)


def test_event_about_the_version_that_was_found_changes_no_verdict(uploads: PostgresUploads) -> None:
    """It comes too late for that."""
    execution = uploads.begin_found(FOUND, after=0, cause=BY_SWEEP)
    assert execution
    uploads.record_verdict(evolve(verdict(FIRST), execution_name=execution.name))
    assert uploads.begin_announced(Attempt.for_object(evolve(FOUND, sequencer="0B"))) is None
    assert uploads.find("42").status is Status.VALIDATED


def test_object_that_is_found_under_a_taken_upload_id_is_refused(uploads: PostgresUploads) -> None:
    """As if an event had announced it."""
    uploads.begin_announced(FIRST)
    with pytest.raises(UploadIdTaken):
        uploads.begin_found(evolve(FOUND, key="uploads/other/42/b.csv"), after=1, cause=BY_SWEEP)


@pytest.mark.parametrize("status", [None, Status.VALIDATED, Status.VALIDATION_FAILED])
def test_replay_is_another_attempt_at_the_same_version(uploads: PostgresUploads, status: Status | None) -> None:
    """Whatever became of the present one; under another name, for a name is taken for 90 days."""
    uploads.begin_announced(FIRST)
    if status:
        uploads.record_verdict(verdict(FIRST, status, ERRORS if status is Status.VALIDATION_FAILED else ()))
    execution = uploads.replay("42", after=1, cause=BY_SOMEBODY)
    assert (FIRST.execution.request, True) == (execution.request, execution.name != FIRST.execution_name)
    upload = uploads.find("42")
    assert (Status.VALIDATING, 2, execution.name) == (upload.status, upload.attempt, upload.execution_name)
    assert (upload.row_count, upload.error_count, upload.errors) == (None, None, ())
    with pytest.raises(AttemptSuperseded):
        uploads.record_verdict(verdict(FIRST))


def test_replay_that_is_asked_for_twice_begins_one_attempt(uploads: PostgresUploads) -> None:
    """If it names the attempt to replace. It may start the execution again, but only for the same actor."""
    uploads.begin_announced(FIRST)
    execution = uploads.replay("42", after=1, cause=BY_SOMEBODY)
    assert execution == uploads.replay("42", after=1, cause=BY_SOMEBODY)
    assert uploads.find("42").attempt == 2
    uploads.record_verdict(evolve(verdict(FIRST), execution_name=execution.name))
    with pytest.raises(AttemptSuperseded, match="attempt 1 is not the current one at upload 42: 2 is"):
        uploads.replay("42", after=1, cause=BY_SOMEBODY)


def test_newer_object_goes_before_a_replay(uploads: PostgresUploads) -> None:
    """A replay has the sequencer of the version that it is about, and no more; that one's event starts it, at most."""
    uploads.begin_announced(FIRST)
    execution = uploads.replay("42", after=None, cause=BY_SOMEBODY)
    assert execution == uploads.begin_announced(FIRST)
    assert uploads.begin_announced(SECOND)
    assert uploads.find("42").execution_name == SECOND.execution_name


def test_nothing_is_replayed_before_there_is_an_object(uploads: PostgresUploads) -> None:
    """The message says what to do."""
    register(uploads)
    with pytest.raises(NothingToValidate, match=r"upload uploads/acme/42/a b\.csv first"):
        uploads.replay("42", after=None, cause=BY_SOMEBODY)
    with pytest.raises(UploadNotFound):
        uploads.replay("43", after=None, cause=BY_SOMEBODY)


def test_version_is_restarted_a_few_times(uploads: PostgresUploads) -> None:
    """After that, the failure is permanent; a newer object has restarts of its own."""
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


def test_restart_that_is_asked_for_twice_begins_one_attempt(uploads: PostgresUploads) -> None:
    """The answer to its commit may have been lost, or the caller crashed before it started the execution."""
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


def test_replay_is_not_taken_for_a_restart(uploads: PostgresUploads) -> None:
    """An event about the execution that it replaced changes nothing."""
    uploads.begin_announced(FIRST)
    uploads.replay("42", after=1, cause=BY_SOMEBODY)
    assert uploads.restart(FIRST.execution_name, BY_SWEEP) is None


@pytest.mark.parametrize("move", ["restart", "resume", "settle"])
def test_execution_of_no_current_attempt_moves_nothing(uploads: PostgresUploads, move: str) -> None:
    """One that was never an attempt, one that is superseded, one that has its verdict."""
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
def test_restart_is_of_the_attempt_that_was_looked_at(
    uploads: PostgresUploads, dsn: str, meanwhile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A concurrent change comes before it or after it, and not in between."""
    uploads.begin_announced(FIRST)
    others = Database(lambda: dsn)
    other = PostgresUploads(others)
    moves: dict[str, Callable[[], object]] = {
        "restart": lambda: other.restart(FIRST.execution_name, BY_SWEEP),
        "newer object": lambda: other.begin_announced(SECOND),
        "verdict": lambda: other.record_verdict(verdict(FIRST)),
    }
    look, pool = rows.of_execution, ThreadPoolExecutor(1)

    def look_while_somebody_moves(connection: psycopg.Connection, name: str) -> rows.UploadRow | None:
        row = look(connection, name)
        if not moving:
            moving.append(pool.submit(moves[meanwhile]))
            wait(moving, timeout=0.2)  # it has to wait for us; if it does not, it has moved by then
        return row

    moving: list[Future[object]] = []
    monkeypatch.setattr(rows, "of_execution", look_while_somebody_moves)
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
    """The same event in eight places at once makes one attempt."""
    databases = [Database(lambda: dsn) for _ in range(8)]
    with ThreadPoolExecutor(len(databases)) as pool:
        list(pool.map(lambda database: PostgresUploads(database).begin_announced(FIRST), databases))
    assert PostgresUploads(databases[0]).find("42").attempt == 1
    for database in databases:
        database.close()
