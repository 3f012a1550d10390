"""What the use cases rely on in the keeper of statuses, on the real PostgreSQL.

There is no fake of it: what it does is to guard, and guards are only worth something where they stand.
"""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from attrs import evolve

from chalicelib.adapters import upload_rows
from chalicelib.adapters.database import Database
from chalicelib.adapters.upload_status import PostgresUploadStatusRepository
from chalicelib.domain.attempt import Attempt, ObjectCreated, Standing
from chalicelib.domain.contracts import StatusUpdate, Verdict
from chalicelib.domain.lifecycle import EXECUTION, NOTIFICATION, RESTARTS, SETTLER, SWEEP, Cause, Status
from chalicelib.domain.registration import PlannedUpload
from chalicelib.errors import (
    AttemptSettled,
    AttemptSuperseded,
    NothingToValidate,
    TransitionIllegal,
    UploadIdTaken,
    UploadNotFound,
)
from chalicelib.validation import FILE, Fault, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

CREATED = ObjectCreated(bucket="inbox", key="uploads/acme/42/a b.csv", version_id="v1", etag="e1", sequencer="0A")
FIRST = Attempt.of(CREATED)
SECOND = Attempt.of(evolve(CREATED, version_id="v2", sequencer="0B"))
ERRORS = (
    ValidationError(row=3, line=4, column="id", field=1, code="type-error", message="expected an integer"),
    ValidationError(column="file", code="source-error", message='"quoted" ünïcode'),
)


def verdict(attempt: Attempt, status: Status = Status.VALIDATED, errors: tuple[ValidationError, ...] = ()) -> Any:
    """Make the update that an attempt's execution would send."""
    return StatusUpdate(
        upload_id=attempt.upload_id,
        status=status,
        execution_name=attempt.execution_name,
        error_count=len(errors),
        errors=errors,
        row_count=7,
    )


@pytest.fixture
def uploads(database: Database) -> PostgresUploadStatusRepository:
    """The repository, without any upload."""
    return PostgresUploadStatusRepository(database)


def test_file_without_record_gets_one(uploads: PostgresUploadStatusRepository) -> None:
    """A file dropped straight into the bucket is an upload like any other."""
    assert uploads.mark_validating(FIRST)
    upload = uploads.find("42")
    assert upload.status is Status.VALIDATING
    assert (upload.owner, upload.bucket, upload.key) == ("acme", "inbox", "uploads/acme/42/a b.csv")
    assert upload.filename == "a b.csv"
    assert (upload.attempt, upload.execution_name) == (1, FIRST.execution_name)
    assert (upload.row_count, upload.error_count, upload.errors) == (None, None, ())


def test_event_that_comes_twice_begins_one_attempt_but_may_start_it_again(
    uploads: PostgresUploadStatusRepository,
) -> None:
    """Whoever brought it first may have died before the execution was started."""
    assert uploads.mark_validating(FIRST)
    assert uploads.mark_validating(FIRST)
    assert uploads.find("42").attempt == 1


def test_event_that_comes_after_the_verdict_changes_nothing(uploads: PostgresUploadStatusRepository) -> None:
    """A late duplicate does not validate again."""
    uploads.mark_validating(FIRST)
    uploads.record_verdict(verdict(FIRST))
    assert not uploads.mark_validating(FIRST)
    assert uploads.find("42").status is Status.VALIDATED


@pytest.mark.parametrize("status", [None, Status.VALIDATED, Status.VALIDATION_FAILED])
def test_newer_object_begins_a_new_attempt(uploads: PostgresUploadStatusRepository, status: Status | None) -> None:
    """From VALIDATING as from either verdict, and the old verdict is forgotten."""
    uploads.mark_validating(FIRST)
    if status:
        uploads.record_verdict(verdict(FIRST, status, ERRORS if status is Status.VALIDATION_FAILED else ()))
    assert uploads.mark_validating(SECOND)
    upload = uploads.find("42")
    assert (upload.status, upload.attempt) == (Status.VALIDATING, 2)
    assert upload.execution_name == SECOND.execution_name
    assert (upload.row_count, upload.error_count, upload.errors) == (None, None, ())


def test_older_event_never_replaces_a_newer_attempt(uploads: PostgresUploadStatusRepository) -> None:
    """Events out of order leave the newest object's attempt in place."""
    uploads.mark_validating(SECOND)
    assert not uploads.mark_validating(FIRST)
    assert uploads.find("42").execution_name == SECOND.execution_name


def test_upload_id_of_another_object_is_taken(uploads: PostgresUploadStatusRepository) -> None:
    """Two objects cannot share a status."""
    uploads.mark_validating(FIRST)
    with pytest.raises(UploadIdTaken):
        uploads.mark_validating(Attempt.of(evolve(CREATED, key="uploads/other/42/a b.csv", sequencer="0C")))
    assert uploads.find("42").execution_name == FIRST.execution_name


@pytest.mark.parametrize(("status", "errors"), [(Status.VALIDATED, ()), (Status.VALIDATION_FAILED, ERRORS)], ids=str)
def test_verdict_is_read_back_as_it_was_recorded(
    uploads: PostgresUploadStatusRepository, status: Status, errors: tuple[ValidationError, ...]
) -> None:
    """Status, counts and every member of every error."""
    uploads.mark_validating(FIRST)
    assert status is uploads.record_verdict(verdict(FIRST, status, errors)).status
    upload = uploads.find("42")
    assert (upload.status, upload.row_count, upload.error_count) == (status, 7, len(errors))
    assert errors == upload.errors


def test_verdict_may_be_recorded_twice(uploads: PostgresUploadStatusRepository) -> None:
    """A Lambda that is retried after its work was done finds it done."""
    uploads.mark_validating(FIRST)
    recorded = uploads.record_verdict(verdict(FIRST))
    assert recorded == uploads.record_verdict(verdict(FIRST))


def test_verdict_is_told_of_as_it_is_on_record(uploads: PostgresUploadStatusRepository) -> None:
    """Whose upload it was, which attempt, and when that began and ended, by the database's clock."""
    uploads.mark_validating(FIRST)
    recorded = uploads.record_verdict(verdict(FIRST, Status.VALIDATION_FAILED, ERRORS))
    began, ended = (step.occurred_at for step in uploads.transitions("42")[-2:])
    expected = Verdict(
        upload_id="42",
        owner="acme",
        bucket="inbox",
        key="uploads/acme/42/a b.csv",
        filename="a b.csv",
        status=Status.VALIDATION_FAILED,
        system_failure=False,
        attempt=1,
        execution_name=FIRST.execution_name,
        row_count=7,
        error_count=2,
        actor=EXECUTION,
        began_at=began,
        occurred_at=ended,
    )
    assert expected == recorded


def test_verdict_on_what_could_not_be_checked_is_told_apart(uploads: PostgresUploadStatusRepository) -> None:
    """It blames nobody's file, whether the execution says so or whoever settles its attempt."""
    uploads.mark_validating(FIRST)
    fault = Fault("system-error", "the file could not be checked: Unforeseen").at(column=FILE)
    assert uploads.record_verdict(verdict(FIRST, Status.VALIDATION_FAILED, (fault,))).system_failure
    uploads.mark_validating(SECOND)
    settled = uploads.settle(SECOND.execution_name, Fault("system-error", "ABORTED"), Cause(actor=SETTLER))
    assert settled is not None
    assert settled.system_failure


def test_verdict_of_a_superseded_attempt_is_refused(uploads: PostgresUploadStatusRepository) -> None:
    """A late execution has no say in a newer object's status."""
    uploads.mark_validating(FIRST)
    uploads.mark_validating(SECOND)
    with pytest.raises(AttemptSuperseded):
        uploads.record_verdict(verdict(FIRST))
    assert uploads.find("42").status is Status.VALIDATING


def test_verdict_does_not_change_into_the_other(uploads: PostgresUploadStatusRepository) -> None:
    """One attempt has one verdict."""
    uploads.mark_validating(FIRST)
    uploads.record_verdict(verdict(FIRST))
    with pytest.raises(TransitionIllegal):
        uploads.record_verdict(verdict(FIRST, Status.VALIDATION_FAILED, ERRORS))
    assert uploads.find("42").status is Status.VALIDATED


def test_unknown_upload_is_not_found(uploads: PostgresUploadStatusRepository) -> None:
    """Neither by a reader nor by a verdict."""
    with pytest.raises(UploadNotFound):
        uploads.find("42")
    with pytest.raises(UploadNotFound):
        uploads.record_verdict(verdict(FIRST))


FOUND = evolve(CREATED, version_id="v9", etag="e9", sequencer="")
BY_SWEEP = Cause(actor=SWEEP, reason="found")
BY_SOMEBODY = Cause(actor="operator:ada", reason="the schema was mended")
FAULT = Fault("system-error", "the file could not be checked: States.Timeout")


def test_object_that_no_event_told_of_begins_an_attempt(uploads: PostgresUploadStatusRepository) -> None:
    """With a record of its own if it has none."""
    execution = uploads.mark_found(FOUND, after=0, cause=BY_SWEEP)
    assert execution
    assert ("42", "v9") == (execution.request.upload_id, execution.request.version_id)
    upload = uploads.find("42")
    assert (Status.VALIDATING, 1, execution.name) == (upload.status, upload.attempt, upload.execution_name)


def test_object_is_found_once(uploads: PostgresUploadStatusRepository) -> None:
    """Two sweeps that come upon it at once begin one attempt."""
    execution = uploads.mark_found(FOUND, after=0, cause=BY_SWEEP)
    assert execution == uploads.mark_found(FOUND, after=0, cause=BY_SWEEP)
    assert uploads.mark_found(FOUND, after=1, cause=BY_SWEEP) is None
    assert uploads.find("42").attempt == 1


def test_attempt_that_began_meanwhile_goes_before_what_was_found(uploads: PostgresUploadStatusRepository) -> None:
    """What was seen in the bucket before it is old."""
    uploads.mark_validating(SECOND)
    assert uploads.mark_found(FOUND, after=0, cause=BY_SWEEP) is None
    assert uploads.find("42").execution_name == SECOND.execution_name


def test_event_about_the_version_that_was_found_begins_no_other_attempt(
    uploads: PostgresUploadStatusRepository,
) -> None:
    """But it may start the execution, and its place among the events counts from then on."""
    execution = uploads.mark_found(FOUND, after=0, cause=BY_SWEEP)
    late = Attempt.of(evolve(FOUND, sequencer="0B"))
    assert [execution] * 2 == [uploads.mark_validating(late) for _ in range(2)]
    assert not uploads.mark_validating(FIRST)
    assert uploads.find("42").attempt == 1


def test_same_bytes_that_come_again_without_versions_begin_an_attempt(uploads: PostgresUploadStatusRepository) -> None:
    """It may be for another schema that they did: an eTag does not tell."""
    unversioned = evolve(FOUND, version_id=None)
    uploads.mark_found(unversioned, after=0, cause=BY_SWEEP)
    assert uploads.mark_validating(Attempt.of(evolve(unversioned, sequencer="0B")))
    assert uploads.find("42").attempt == 2


def test_execution_that_cannot_be_started_for_long_costs_no_restart(uploads: PostgresUploadStatusRepository) -> None:
    """Step Functions was away; the version has not been tried yet."""
    uploads.mark_validating(FIRST)
    for _ in range(RESTARTS + 1):
        assert uploads.resume(FIRST.execution_name, BY_SWEEP)
    assert uploads.restart(FIRST.execution_name, BY_SWEEP)


def test_event_about_the_version_that_was_found_changes_no_verdict(uploads: PostgresUploadStatusRepository) -> None:
    """It comes too late for that."""
    execution = uploads.mark_found(FOUND, after=0, cause=BY_SWEEP)
    assert execution
    uploads.record_verdict(evolve(verdict(FIRST), execution_name=execution.name))
    assert uploads.mark_validating(Attempt.of(evolve(FOUND, sequencer="0B"))) is None
    assert uploads.find("42").status is Status.VALIDATED


def test_object_that_is_found_under_a_taken_upload_id_is_refused(uploads: PostgresUploadStatusRepository) -> None:
    """As if an event had told of it."""
    uploads.mark_validating(FIRST)
    with pytest.raises(UploadIdTaken):
        uploads.mark_found(evolve(FOUND, key="uploads/other/42/b.csv"), after=1, cause=BY_SWEEP)


@pytest.mark.parametrize("status", [None, Status.VALIDATED, Status.VALIDATION_FAILED])
def test_replay_is_another_attempt_at_the_same_version(
    uploads: PostgresUploadStatusRepository, status: Status | None
) -> None:
    """Whatever became of the present one; under another name, for a name is taken for 90 days."""
    uploads.mark_validating(FIRST)
    if status:
        uploads.record_verdict(verdict(FIRST, status, ERRORS if status is Status.VALIDATION_FAILED else ()))
    execution = uploads.replay("42", after=1, cause=BY_SOMEBODY)
    assert (FIRST.execution.request, True) == (execution.request, execution.name != FIRST.execution_name)
    upload = uploads.find("42")
    assert (Status.VALIDATING, 2, execution.name) == (upload.status, upload.attempt, upload.execution_name)
    assert (upload.row_count, upload.error_count, upload.errors) == (None, None, ())
    with pytest.raises(AttemptSuperseded):
        uploads.record_verdict(verdict(FIRST))


def test_replay_that_is_asked_for_twice_begins_one_attempt(uploads: PostgresUploadStatusRepository) -> None:
    """If it says which one it is to replace; it may start the execution again, but not for somebody else."""
    uploads.mark_validating(FIRST)
    execution = uploads.replay("42", after=1, cause=BY_SOMEBODY)
    assert execution == uploads.replay("42", after=1, cause=BY_SOMEBODY)
    assert uploads.find("42").attempt == 2
    uploads.record_verdict(evolve(verdict(FIRST), execution_name=execution.name))
    with pytest.raises(AttemptSuperseded, match="attempt 1 is not the present one at upload 42: 2 is"):
        uploads.replay("42", after=1, cause=BY_SOMEBODY)


def test_newer_object_goes_before_a_replay(uploads: PostgresUploadStatusRepository) -> None:
    """A replay has the sequencer of the version that it is about, and no more; that one's event starts it, at most."""
    uploads.mark_validating(FIRST)
    execution = uploads.replay("42", after=None, cause=BY_SOMEBODY)
    assert execution == uploads.mark_validating(FIRST)
    assert uploads.mark_validating(SECOND)
    assert uploads.find("42").execution_name == SECOND.execution_name


def test_nothing_is_replayed_before_there_is_an_object(uploads: PostgresUploadStatusRepository) -> None:
    """The message says what to do."""
    register(uploads)
    with pytest.raises(NothingToValidate, match=r"upload uploads/acme/42/a b\.csv first"):
        uploads.replay("42", after=None, cause=BY_SOMEBODY)
    with pytest.raises(UploadNotFound):
        uploads.replay("43", after=None, cause=BY_SOMEBODY)


def test_version_is_restarted_a_few_times(uploads: PostgresUploadStatusRepository) -> None:
    """After that, what is wrong is wrong for good; a newer object begins anew."""
    uploads.mark_validating(FIRST)
    name = FIRST.execution_name
    for number in range(2, RESTARTS + 2):
        execution = uploads.restart(name, BY_SWEEP)
        assert execution
        assert number == uploads.find("42").attempt
        name = execution.name
    assert uploads.restart(name, BY_SWEEP) is None
    uploads.mark_validating(SECOND)
    assert uploads.restart(SECOND.execution_name, BY_SWEEP)


def test_restart_that_is_asked_for_twice_begins_one_attempt(uploads: PostgresUploadStatusRepository) -> None:
    """Its commit may have been lost on the way back, or whoever asked before the execution was started."""
    uploads.mark_validating(FIRST)
    execution = uploads.restart(FIRST.execution_name, BY_SWEEP)
    assert execution
    assert execution == uploads.restart(FIRST.execution_name, BY_SWEEP)
    assert 2 == uploads.find("42").attempt
    again = uploads.restart(execution.name, BY_SWEEP)
    assert again
    assert uploads.restart(FIRST.execution_name, BY_SWEEP) is None
    uploads.record_verdict(evolve(verdict(FIRST), execution_name=again.name))
    assert uploads.restart(execution.name, BY_SWEEP) is None


def test_replay_is_not_taken_for_a_restart(uploads: PostgresUploadStatusRepository) -> None:
    """Whoever hears of the execution that it took the place of has nothing to do."""
    uploads.mark_validating(FIRST)
    uploads.replay("42", after=1, cause=BY_SOMEBODY)
    assert uploads.restart(FIRST.execution_name, BY_SWEEP) is None


@pytest.mark.parametrize("move", ["restart", "resume", "settle"])
def test_execution_that_nobody_waits_for_moves_nothing(uploads: PostgresUploadStatusRepository, move: str) -> None:
    """One that was never an attempt, one that is superseded, one that has its verdict."""
    moves: dict[str, Callable[[str], object]] = {
        "restart": lambda name: uploads.restart(name, BY_SWEEP),
        "resume": lambda name: uploads.resume(name, BY_SWEEP),
        "settle": lambda name: uploads.settle(name, FAULT, BY_SWEEP),
    }
    assert not moves[move]("by-hand")
    uploads.mark_validating(FIRST)
    uploads.mark_validating(SECOND)
    assert not moves[move](FIRST.execution_name)
    uploads.record_verdict(verdict(SECOND))
    assert not moves[move](SECOND.execution_name)
    assert (Status.VALIDATED, 2) == (uploads.find("42").status, uploads.find("42").attempt)


def test_execution_that_was_never_started_is_the_same_one_still(uploads: PostgresUploadStatusRepository) -> None:
    """Whoever recorded the attempt may only be slow: the name keeps the two from doing it twice."""
    uploads.mark_validating(FIRST)
    assert FIRST.execution == uploads.resume(FIRST.execution_name, BY_SWEEP)
    assert uploads.find("42").attempt == 1


def test_settled_upload_says_what_happened(uploads: PostgresUploadStatusRepository) -> None:
    """By an error of the file as a whole, as if the state machine had recorded it."""
    uploads.mark_validating(FIRST)
    settled = uploads.settle(FIRST.execution_name, FAULT, BY_SWEEP)
    assert settled
    assert (SWEEP, 1, None) == (settled.actor, settled.error_count, settled.row_count)
    upload = uploads.find("42")
    assert (Status.VALIDATION_FAILED, 1, None) == (upload.status, upload.error_count, upload.row_count)
    assert (FAULT.at(column="file"),) == upload.errors


@pytest.mark.parametrize(("status", "errors"), [(Status.VALIDATED, ()), (Status.VALIDATION_FAILED, ERRORS)], ids=str)
def test_verdict_on_a_settled_attempt_is_refused(
    uploads: PostgresUploadStatusRepository, status: Status, errors: tuple[ValidationError, ...]
) -> None:
    """Of an execution that was redriven, say; whether it agrees or not."""
    uploads.mark_validating(FIRST)
    uploads.settle(FIRST.execution_name, FAULT, BY_SWEEP)
    with pytest.raises(AttemptSettled):
        uploads.record_verdict(verdict(FIRST, status, errors))
    assert (FAULT.at(column="file"),) == uploads.find("42").errors


def test_uploads_without_a_verdict_are_claimed_by_one(uploads: PostgresUploadStatusRepository, dsn: str) -> None:
    """PENDING and VALIDATING ones; the next who asks is given none of them until they have been idle as long again."""
    for number in range(3):
        uploads.mark_validating(attempt(number))
    uploads.record_verdict(evolve(verdict(attempt(0)), upload_id="0"))
    register(uploads)
    _age(dsn)
    claimed = uploads.claim_unsettled(idle=HOUR, most=10)
    assert {"1", "2", "42"} == {standing.upload_id for standing in claimed}
    assert () == uploads.claim_unsettled(idle=HOUR, most=10)
    _age(dsn)
    assert len(claimed) == len(uploads.claim_unsettled(idle=HOUR, most=10))


@pytest.mark.parametrize("meanwhile", ["restart", "newer object", "verdict"])
def test_restart_is_of_the_attempt_that_was_looked_at(
    uploads: PostgresUploadStatusRepository, dsn: str, meanwhile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever somebody else does just then comes before it or after it, and not in between."""
    uploads.mark_validating(FIRST)
    others = Database(lambda: dsn)
    other = PostgresUploadStatusRepository(others)
    moves: dict[str, Callable[[], object]] = {
        "restart": lambda: other.restart(FIRST.execution_name, BY_SWEEP),
        "newer object": lambda: other.mark_validating(SECOND),
        "verdict": lambda: other.record_verdict(verdict(FIRST)),
    }
    look, pool = upload_rows.row_of_execution, ThreadPoolExecutor(1)

    def look_while_somebody_moves(connection: psycopg.Connection, name: str) -> upload_rows.UploadRow | None:
        row = look(connection, name)
        if not moving:
            moving.append(pool.submit(moves[meanwhile]))
            wait(moving, timeout=0.2)  # it has to wait for us; if it does not, it has moved by then
        return row

    moving: list[Future[object]] = []
    monkeypatch.setattr(upload_rows, "row_of_execution", look_while_somebody_moves)
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


def test_claiming_does_not_wait_for_whoever_moves_an_upload(uploads: PostgresUploadStatusRepository, dsn: str) -> None:
    """That one is in good hands."""
    for number in range(2):
        uploads.mark_validating(attempt(number))
    _age(dsn)
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE csv_uploads SET reason = 'busy' WHERE upload_id = '0'")
        assert ["1"] == [standing.upload_id for standing in uploads.claim_unsettled(idle=HOUR, most=10)]


def test_those_are_claimed_first_that_waited_longest(uploads: PostgresUploadStatusRepository, dsn: str) -> None:
    """For something to happen, or to be looked at again: nobody takes the others' turn."""
    for number in range(4):
        uploads.mark_validating(attempt(number))
        _age(dsn)
    assert {"0", "1"} == {it.upload_id for it in uploads.claim_unsettled(idle=HOUR, most=2)}
    _age(dsn)
    assert {"2", "3"} == {it.upload_id for it in uploads.claim_unsettled(idle=HOUR, most=2)}


def test_upload_that_nobody_ever_sent_is_not_looked_at_for_ever(
    uploads: PostgresUploadStatusRepository, dsn: str
) -> None:
    """After a week it is left to the sweep through the bucket."""
    register(uploads)
    _age(dsn)
    assert 1 == len(uploads.claim_unsettled(idle=HOUR, most=10))
    _age(dsn, hours=24 * 7)
    assert () == uploads.claim_unsettled(idle=HOUR, most=10)


def test_upload_to_which_something_has_just_happened_is_not_claimed(uploads: PostgresUploadStatusRepository) -> None:
    """It is in good hands."""
    uploads.mark_validating(FIRST)
    assert () == uploads.claim_unsettled(idle=HOUR, most=10)


def test_standing_is_status_attempt_and_version(uploads: PostgresUploadStatusRepository) -> None:
    """Of those that there are."""
    uploads.mark_validating(FIRST)
    standing = Standing(
        upload_id="42",
        status=Status.VALIDATING,
        number=1,
        created=evolve(CREATED, sequencer=FIRST.sequencer),
        execution_name=FIRST.execution_name,
    )
    assert {"42": standing} == uploads.standings(["42", "43"])
    assert FIRST.execution == standing.execution


def test_sweep_goes_on_where_the_last_one_ended(uploads: PostgresUploadStatusRepository) -> None:
    """Whoever made it."""
    assert uploads.last_swept() == ""
    uploads.keep_swept("uploads/acme/42/ü.csv")
    assert uploads.last_swept() == "uploads/acme/42/ü.csv"


def test_audit_says_who_and_why(uploads: PostgresUploadStatusRepository) -> None:
    """Of every step, whoever made it."""
    uploads.mark_validating(FIRST)
    uploads.resume(FIRST.execution_name, Cause(actor=SWEEP, reason="never started"))
    uploads.settle(FIRST.execution_name, FAULT, Cause(actor=SETTLER, reason="timed out"))
    execution = uploads.replay("42", after=1, cause=BY_SOMEBODY)
    uploads.record_verdict(evolve(verdict(FIRST), execution_name=execution.name))
    steps = [(it.from_status, it.to_status, it.attempt, it.actor, it.reason) for it in uploads.transitions("42")]
    pending, validating, validated, failed = Status
    assert steps == [
        (None, pending, 0, NOTIFICATION, None),
        (pending, validating, 1, NOTIFICATION, None),
        (validating, validating, 1, SWEEP, "never started"),
        (validating, failed, 1, SETTLER, "timed out"),
        (failed, validating, 2, "operator:ada", "the schema was mended"),
        (validating, validated, 2, EXECUTION, None),
    ]


def test_every_transition_is_audited(uploads: PostgresUploadStatusRepository, dsn: str) -> None:
    """In order, with attempt, execution and counts; what moved nothing leaves no trace."""
    uploads.mark_validating(FIRST)
    uploads.mark_validating(FIRST)
    uploads.record_verdict(verdict(FIRST, Status.VALIDATION_FAILED, ERRORS))
    uploads.record_verdict(verdict(FIRST, Status.VALIDATION_FAILED, ERRORS))
    uploads.mark_validating(SECOND)
    uploads.record_verdict(verdict(SECOND))
    first, second = FIRST.execution_name, SECOND.execution_name
    assert _audit(dsn) == [
        (0, None, None, "PENDING", None),
        (1, first, "PENDING", "VALIDATING", None),
        (1, first, "VALIDATING", "VALIDATION_FAILED", 2),
        (2, second, "VALIDATION_FAILED", "VALIDATING", None),
        (2, second, "VALIDATING", "VALIDATED", 0),
    ]


def test_newer_object_is_audited_while_the_older_is_still_validated(
    uploads: PostgresUploadStatusRepository, dsn: str
) -> None:
    """From VALIDATING to VALIDATING is a transition too: the attempt is another."""
    uploads.mark_validating(FIRST)
    uploads.mark_validating(SECOND)
    assert (2, SECOND.execution_name, "VALIDATING", "VALIDATING", None) == _audit(dsn)[-1]


def test_audit_is_only_ever_added_to(uploads: PostgresUploadStatusRepository, dsn: str) -> None:
    """Not even the owner of the database rewrites it by mistake."""
    uploads.mark_validating(FIRST)
    for statement in ("DELETE FROM csv_upload_transitions", "UPDATE csv_upload_transitions SET attempt = 7"):
        with psycopg.connect(dsn) as connection, pytest.raises(psycopg.errors.RaiseException, match="only ever"):
            connection.execute(statement.encode())


def test_statuses_are_those_of_the_database(dsn: str) -> None:
    """A status that only one side knew would be refused, or never be read, in production."""
    with psycopg.connect(dsn) as connection:
        (check,) = connection.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'csv_uploads_status_check'"
        ).fetchone() or ("",)
    assert set(Status) == {name for name in check.split("'") if name.isupper()}


def test_one_of_many_concurrent_deliveries_begins_the_attempt(dsn: str) -> None:
    """The same event in eight places at once makes one attempt."""
    databases = [Database(lambda: dsn) for _ in range(8)]
    with ThreadPoolExecutor(len(databases)) as pool:
        list(pool.map(lambda database: PostgresUploadStatusRepository(database).mark_validating(FIRST), databases))
    assert PostgresUploadStatusRepository(databases[0]).find("42").attempt == 1
    for database in databases:
        database.close()


def _audit(dsn: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            "SELECT attempt, execution_name, from_status, to_status, error_count"
            " FROM csv_upload_transitions WHERE upload_id = '42' ORDER BY transition_id"
        ).fetchall()


HOUR = timedelta(hours=1)


def attempt(number: int) -> Attempt:
    """Make the attempt at an upload of its own."""
    return Attempt.of(evolve(CREATED, key=f"uploads/acme/{number}/a.csv"))


def register(uploads: PostgresUploadStatusRepository) -> None:
    """Have upload 42 be PENDING, before its object is there."""
    planned = PlannedUpload(bucket="inbox", object_key=FIRST.object_key, schema="default")
    uploads.register(planned, Cause(actor="api:ada"))


def _age(dsn: str, hours: int = 2) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "UPDATE csv_uploads SET updated_at = updated_at - %(age)s, swept_at = swept_at - %(age)s",
            {"age": timedelta(hours=hours)},
        )
