"""Reading uploads and their audit, on a real PostgreSQL."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from attrs import evolve

from chalicelib.errors import UploadNotFound
from chalicelib.postgres.database import Database
from chalicelib.postgres.rows import MAX_ATTEMPTS
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.attempts import UploadState
from chalicelib.uploads.lifecycle import EXECUTION, NOTIFICATION, SETTLER, SWEEP, Cause, Status
from chalicelib.uploads.paging import UploadQuery
from tests.postgres.upload import BY_SOMEBODY, CREATED, ERRORS, FAULT, FIRST, SECOND, register, verdict


def test_unknown_upload_is_not_found(uploads: PostgresUploads) -> None:
    """Neither by a reader nor by a verdict."""
    with pytest.raises(UploadNotFound):
        uploads.find("42")
    with pytest.raises(UploadNotFound):
        uploads.record_verdict(verdict(FIRST))


def test_state_is_status_attempt_and_version(uploads: PostgresUploads) -> None:
    """Of those that there are."""
    uploads.begin_announced(FIRST)
    state = UploadState(
        upload_id="42",
        status=Status.VALIDATING,
        number=1,
        created=evolve(CREATED, sequencer=FIRST.sequencer),
        execution_name=FIRST.execution_name,
    )
    assert {"42": state} == uploads.states(["42", "43"])
    assert FIRST.execution == state.execution


def test_audit_says_who_and_why(uploads: PostgresUploads) -> None:
    """Every transition is recorded, whatever caused it."""
    uploads.begin_announced(FIRST)
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


def test_upload_shows_its_latest_attempts(uploads: PostgresUploads) -> None:
    """However often it is replayed, it can be answered for; the audit has every step."""
    uploads.begin_announced(FIRST)
    for _ in range(MAX_ATTEMPTS + 1):
        uploads.replay("42", after=None, cause=BY_SOMEBODY)
    latest = list(range(MAX_ATTEMPTS + 2, 2, -1))
    upload = uploads.find("42")
    assert latest == [it.attempt for it in upload.attempts]
    assert latest[::-1] == [it.attempt for it in upload.timeline]
    assert [0, 1, *latest[::-1]] == [it.attempt for it in uploads.transitions("42") if it.attempt != 2]


def test_every_transition_is_audited(uploads: PostgresUploads, dsn: str) -> None:
    """In order, with attempt, execution and counts; what moved nothing leaves no trace."""
    uploads.begin_announced(FIRST)
    uploads.begin_announced(FIRST)
    uploads.record_verdict(verdict(FIRST, Status.VALIDATION_FAILED, ERRORS))
    uploads.record_verdict(verdict(FIRST, Status.VALIDATION_FAILED, ERRORS))
    uploads.begin_announced(SECOND)
    uploads.record_verdict(verdict(SECOND))
    first, second = FIRST.execution_name, SECOND.execution_name
    assert _audit(dsn) == [
        (0, None, None, "PENDING", None),
        (1, first, "PENDING", "VALIDATING", None),
        (1, first, "VALIDATING", "VALIDATION_FAILED", 2),
        (2, second, "VALIDATION_FAILED", "VALIDATING", None),
        (2, second, "VALIDATING", "VALIDATED", 0),
    ]


def test_newer_object_is_audited_while_the_older_is_still_validated(uploads: PostgresUploads, dsn: str) -> None:
    """From VALIDATING to VALIDATING is a transition too: the attempt is another."""
    uploads.begin_announced(FIRST)
    uploads.begin_announced(SECOND)
    assert (2, SECOND.execution_name, "VALIDATING", "VALIDATING", None) == _audit(dsn)[-1]


def test_times_of_transitions_never_go_backwards(uploads: PostgresUploads, dsn: str) -> None:
    """Not even if a transaction that started earlier moves the upload later; the verdict has the transition's time."""
    others = Database(lambda: dsn)

    def begin_late(connection: psycopg.Connection) -> None:
        connection.execute("SELECT now()")
        PostgresUploads(others).begin_announced(FIRST)
        PostgresUploads.begin_announced.__wrapped__(uploads, connection, SECOND)  # type: ignore[attr-defined]

    uploads.database.run(begin_late)
    recorded = uploads.record_verdict(verdict(SECOND))
    others.close()
    times = [step.occurred_at for step in uploads.transitions("42")]
    assert sorted(times) == times
    assert times[-1] == recorded.occurred_at >= recorded.began_at


def test_schema_is_the_one_that_the_file_was_validated_against(uploads: PostgresUploads) -> None:
    """Also of a file that was not registered; a new attempt has none, and nothing unchecked, until its verdict."""
    uploads.begin_announced(FIRST)
    assert uploads.find("42").schema is None
    uploads.record_verdict(evolve(verdict(FIRST), schema="orders", unchecked=("$.foreignKeys[0]: …",)))
    assert ("orders", ("$.foreignKeys[0]: …",)) == (uploads.find("42").schema, uploads.find("42").unchecked)
    assert ["orders"] == [upload.schema for upload in uploads.page(UploadQuery()).uploads]
    uploads.begin_announced(SECOND)
    assert (None, ()) == (uploads.find("42").schema, uploads.find("42").unchecked)


def test_registration_says_when_it_expires(uploads: PostgresUploads) -> None:
    """Seven days after it; an upload whose file has arrived does not expire."""
    register(uploads)
    upload = uploads.find("42")
    assert upload.created_at + timedelta(days=7) == upload.expires_at
    assert "default" == upload.schema
    uploads.begin_announced(FIRST)
    assert uploads.find("42").expires_at is None


def test_list_by_owner_and_status_has_an_index(dsn: str) -> None:
    """Of a million uploads of one owner, those of a rare status are read alone, in the order of the list."""
    query = "EXPLAIN SELECT * FROM csv_uploads WHERE owner = 'acme' AND status = 'PENDING'"
    with psycopg.connect(dsn) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(f"{query} ORDER BY created_at DESC, upload_id DESC".encode()).fetchall()
    assert "Index Scan using csv_uploads_newest_of_owner_and_status" in plan[0][0]


def test_audit_is_only_ever_added_to(uploads: PostgresUploads, dsn: str) -> None:
    """Not even the owner of the database rewrites it by mistake."""
    uploads.begin_announced(FIRST)
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


def _audit(dsn: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            "SELECT attempt, execution_name, from_status, to_status, error_count"
            " FROM csv_upload_transitions WHERE upload_id = '42' ORDER BY transition_id"
        ).fetchall()
