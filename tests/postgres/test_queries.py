"""Queries of uploads and their audit."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from attrs import evolve

from chalicelib.errors import UploadNotFound
from chalicelib.postgres.database import Database
from chalicelib.postgres.rows import MAX_ATTEMPTS
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.attempts import Attempt, UploadState
from chalicelib.uploads.lifecycle import EXECUTION, NOTIFICATION, SETTLER, SWEEP, Cause, Status
from chalicelib.uploads.paging import UploadQuery
from tests.postgres.upload import BY_OPERATOR, CREATED, ERRORS, FAULT, FIRST, SECOND, register, verdict


def test_unknown_upload_is_not_found(uploads: PostgresUploads) -> None:
    """Neither a query nor a verdict finds it."""
    with pytest.raises(UploadNotFound):
        uploads.find("42")
    with pytest.raises(UploadNotFound):
        uploads.record_verdict(verdict(FIRST))


def test_state_is_status_attempt_and_version(uploads: PostgresUploads) -> None:
    """Unknown uploads are omitted."""
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


def test_audit_has_actors_and_reasons(uploads: PostgresUploads) -> None:
    """Each transition has its own, whichever function caused it."""
    uploads.begin_announced(FIRST)
    uploads.resume(FIRST.execution_name, Cause(actor=SWEEP, reason="never started"))
    uploads.settle(FIRST.execution_name, FAULT, Cause(actor=SETTLER, reason="timed out"))
    execution = uploads.replay("42", after=1, cause=BY_OPERATOR)
    uploads.record_verdict(evolve(verdict(FIRST), execution_name=execution.name))
    steps = [(it.from_status, it.to_status, it.attempt, it.actor, it.reason) for it in uploads.transitions("42")]
    pending, validating, validated, failed = Status
    assert steps == [
        (None, pending, 0, NOTIFICATION, None),
        (pending, validating, 1, NOTIFICATION, None),
        (validating, validating, 1, SWEEP, "never started"),
        (validating, failed, 1, SETTLER, "timed out"),
        (failed, validating, 2, "operator:ada", "the schema was corrected"),
        (validating, validated, 2, EXECUTION, None),
    ]


def test_upload_shows_its_latest_attempts(uploads: PostgresUploads) -> None:
    """Their number is limited, so that the response is; the audit has every transition."""
    uploads.begin_announced(FIRST)
    for _ in range(MAX_ATTEMPTS + 1):
        uploads.replay("42", after=None, cause=BY_OPERATOR)
    latest = list(range(MAX_ATTEMPTS + 2, 2, -1))
    upload = uploads.find("42")
    assert latest == [it.attempt for it in upload.attempts]
    assert latest[::-1] == [it.attempt for it in upload.timeline]
    assert [0, 1, *latest[::-1]] == [it.attempt for it in uploads.transitions("42") if it.attempt != 2]


def test_every_transition_is_audited(uploads: PostgresUploads, dsn: str) -> None:
    """Transitions have attempt, execution and error count, in order; repeated calls add none."""
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


def test_newer_object_during_a_validation_is_audited(uploads: PostgresUploads, dsn: str) -> None:
    """From VALIDATING to VALIDATING is a transition, too, because the attempt changes."""
    uploads.begin_announced(FIRST)
    uploads.begin_announced(SECOND)
    assert (2, SECOND.execution_name, "VALIDATING", "VALIDATING", None) == _audit(dsn)[-1]


def test_times_of_transitions_increase(uploads: PostgresUploads, dsn: str) -> None:
    """They do even if an earlier transaction makes the later transition; the verdict has its transition's time."""
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
    """The file need not be registered; a new attempt has no schema and no unchecked rules until its verdict."""
    uploads.begin_announced(FIRST)
    assert uploads.find("42").schema is None
    uploads.record_verdict(evolve(verdict(FIRST), schema="orders", unchecked=("$.foreignKeys[0]: …",)))
    assert ("orders", ("$.foreignKeys[0]: …",)) == (uploads.find("42").schema, uploads.find("42").unchecked)
    assert ["orders"] == [upload.schema for upload in uploads.page(UploadQuery()).uploads]
    uploads.begin_announced(SECOND)
    assert (None, ()) == (uploads.find("42").schema, uploads.find("42").unchecked)


def test_earlier_upload_of_the_same_content_and_dataset_is_named(uploads: PostgresUploads) -> None:
    """Of the same owner only: others are not disclosed. A new attempt has no digests until its verdict."""
    digests = {"content_sha256": "a" * 64, "schema_sha256": "b" * 64, "rejected_rows": 0}
    for upload_id, owner, schema in (
        ("42", "acme", "orders"),
        ("43", "acme", "orders"),
        ("44", "acme", "people"),
        ("45", "other", "orders"),
        ("46", "acme", "orders"),
    ):
        attempt = Attempt.for_object(evolve(CREATED, key=f"uploads/{owner}/{upload_id}/a.csv"))
        uploads.begin_announced(attempt)
        uploads.record_verdict(evolve(verdict(attempt), schema=schema, **digests))
    assert [None, "42", None, None, "42"] == [uploads.find(str(each)).same_as for each in range(42, 47)]
    upload = uploads.find("43")
    assert ("a" * 64, "b" * 64, 0) == (upload.content_sha256, upload.schema_sha256, upload.rejected_rows)
    uploads.begin_announced(Attempt.for_object(evolve(CREATED, key="uploads/acme/43/a.csv", sequencer="0C")))
    assert (None, None) == (uploads.find("43").content_sha256, uploads.find("43").same_as)


def test_registration_has_an_expiry(uploads: PostgresUploads) -> None:
    """It expires after seven days; an upload whose file has arrived does not expire."""
    register(uploads)
    upload = uploads.find("42")
    assert upload.created_at + timedelta(days=7) == upload.expires_at
    assert "default" == upload.schema
    uploads.begin_announced(FIRST)
    assert uploads.find("42").expires_at is None


def test_list_by_owner_and_status_has_an_index(dsn: str) -> None:
    """Uploads of a rare status are found among many of one owner, in the list's order, without reading the others."""
    query = "EXPLAIN SELECT * FROM csv_uploads WHERE owner = 'acme' AND status = 'PENDING'"
    with psycopg.connect(dsn) as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(f"{query} ORDER BY created_at DESC, upload_id DESC".encode()).fetchall()
    assert "Index Scan using csv_uploads_newest_of_owner_and_status" in plan[0][0]


def test_audit_is_append_only(uploads: PostgresUploads, dsn: str) -> None:
    """A trigger refuses changes, also by the owner of the database."""
    uploads.begin_announced(FIRST)
    for statement in ("DELETE FROM csv_upload_transitions", "UPDATE csv_upload_transitions SET attempt = 7"):
        with psycopg.connect(dsn) as connection, pytest.raises(psycopg.errors.RaiseException, match="only ever"):
            connection.execute(statement.encode())


def test_statuses_equal_those_of_the_database(dsn: str) -> None:
    """A status that only the code has would be refused by the CHECK constraint."""
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
