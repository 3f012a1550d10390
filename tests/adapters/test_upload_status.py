"""The contract of the UploadStatusRepository, on the fake and on PostgreSQL alike, and what only the latter has."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from attrs import evolve

from chalicelib.adapters.database import Database
from chalicelib.adapters.upload_status import PostgresUploadStatusRepository
from chalicelib.domain.attempt import Attempt, ObjectCreated
from chalicelib.domain.contracts import StatusUpdate
from chalicelib.domain.lifecycle import Status
from chalicelib.domain.ports import UploadStatusRepository
from chalicelib.errors import AttemptSuperseded, TransitionIllegal, UploadIdTaken, UploadNotFound
from chalicelib.validation import ValidationError
from tests.fakes import InMemoryUploads

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


class TestContract:
    """What the use cases rely on, whoever keeps the statuses."""

    @pytest.fixture(params=["fake", "postgres"])
    def uploads(self, request: pytest.FixtureRequest) -> UploadStatusRepository:
        """A repository without any upload."""
        if request.param == "fake":
            return InMemoryUploads()
        return PostgresUploadStatusRepository(request.getfixturevalue("database"))

    def test_file_without_record_gets_one(self, uploads: UploadStatusRepository) -> None:
        """A file dropped straight into the bucket is an upload like any other."""
        assert uploads.mark_validating(FIRST)
        upload = uploads.find("42")
        assert upload.status is Status.VALIDATING
        assert (upload.owner, upload.bucket, upload.key) == ("acme", "inbox", "uploads/acme/42/a b.csv")
        assert upload.filename == "a b.csv"
        assert (upload.attempt, upload.execution_name) == (1, FIRST.execution_name)
        assert (upload.row_count, upload.error_count, upload.errors) == (None, None, ())

    def test_event_that_comes_twice_begins_one_attempt_but_may_start_it_again(
        self, uploads: UploadStatusRepository
    ) -> None:
        """Whoever brought it first may have died before the execution was started."""
        assert uploads.mark_validating(FIRST)
        assert uploads.mark_validating(FIRST)
        assert uploads.find("42").attempt == 1

    def test_event_that_comes_after_the_verdict_changes_nothing(self, uploads: UploadStatusRepository) -> None:
        """A late duplicate does not validate again."""
        uploads.mark_validating(FIRST)
        uploads.record_verdict(verdict(FIRST))
        assert not uploads.mark_validating(FIRST)
        assert uploads.find("42").status is Status.VALIDATED

    @pytest.mark.parametrize("status", [None, Status.VALIDATED, Status.VALIDATION_FAILED])
    def test_newer_object_begins_a_new_attempt(self, uploads: UploadStatusRepository, status: Status | None) -> None:
        """From VALIDATING as from either verdict, and the old verdict is forgotten."""
        uploads.mark_validating(FIRST)
        if status:
            uploads.record_verdict(verdict(FIRST, status, ERRORS if status is Status.VALIDATION_FAILED else ()))
        assert uploads.mark_validating(SECOND)
        upload = uploads.find("42")
        assert (upload.status, upload.attempt) == (Status.VALIDATING, 2)
        assert upload.execution_name == SECOND.execution_name
        assert (upload.row_count, upload.error_count, upload.errors) == (None, None, ())

    def test_older_event_never_replaces_a_newer_attempt(self, uploads: UploadStatusRepository) -> None:
        """Events out of order leave the newest object's attempt in place."""
        uploads.mark_validating(SECOND)
        assert not uploads.mark_validating(FIRST)
        assert uploads.find("42").execution_name == SECOND.execution_name

    def test_upload_id_of_another_object_is_taken(self, uploads: UploadStatusRepository) -> None:
        """Two objects cannot share a status."""
        uploads.mark_validating(FIRST)
        with pytest.raises(UploadIdTaken):
            uploads.mark_validating(Attempt.of(evolve(CREATED, key="uploads/other/42/a b.csv", sequencer="0C")))
        assert uploads.find("42").execution_name == FIRST.execution_name

    @pytest.mark.parametrize(
        ("status", "errors"), [(Status.VALIDATED, ()), (Status.VALIDATION_FAILED, ERRORS)], ids=str
    )
    def test_verdict_is_read_back_as_it_was_recorded(
        self, uploads: UploadStatusRepository, status: Status, errors: tuple[ValidationError, ...]
    ) -> None:
        """Status, counts and every member of every error."""
        uploads.mark_validating(FIRST)
        assert status is uploads.record_verdict(verdict(FIRST, status, errors))
        upload = uploads.find("42")
        assert (upload.status, upload.row_count, upload.error_count) == (status, 7, len(errors))
        assert errors == upload.errors

    def test_verdict_may_be_recorded_twice(self, uploads: UploadStatusRepository) -> None:
        """A Lambda that is retried after its work was done finds it done."""
        uploads.mark_validating(FIRST)
        uploads.record_verdict(verdict(FIRST))
        assert uploads.record_verdict(verdict(FIRST)) is Status.VALIDATED

    def test_verdict_of_a_superseded_attempt_is_refused(self, uploads: UploadStatusRepository) -> None:
        """A late execution has no say in a newer object's status."""
        uploads.mark_validating(FIRST)
        uploads.mark_validating(SECOND)
        with pytest.raises(AttemptSuperseded):
            uploads.record_verdict(verdict(FIRST))
        assert uploads.find("42").status is Status.VALIDATING

    def test_verdict_does_not_change_into_the_other(self, uploads: UploadStatusRepository) -> None:
        """One attempt has one verdict."""
        uploads.mark_validating(FIRST)
        uploads.record_verdict(verdict(FIRST))
        with pytest.raises(TransitionIllegal):
            uploads.record_verdict(verdict(FIRST, Status.VALIDATION_FAILED, ERRORS))
        assert uploads.find("42").status is Status.VALIDATED

    def test_unknown_upload_is_not_found(self, uploads: UploadStatusRepository) -> None:
        """Neither by a reader nor by a verdict."""
        with pytest.raises(UploadNotFound):
            uploads.find("42")
        with pytest.raises(UploadNotFound):
            uploads.record_verdict(verdict(FIRST))


class TestPostgres:
    """What only the database does."""

    @pytest.fixture
    def uploads(self, database: Database) -> PostgresUploadStatusRepository:
        """The real repository, without any upload."""
        return PostgresUploadStatusRepository(database)

    def test_every_transition_is_audited(self, uploads: PostgresUploadStatusRepository, dsn: str) -> None:
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
        self, uploads: PostgresUploadStatusRepository, dsn: str
    ) -> None:
        """From VALIDATING to VALIDATING is a transition too: the attempt is another."""
        uploads.mark_validating(FIRST)
        uploads.mark_validating(SECOND)
        assert (2, SECOND.execution_name, "VALIDATING", "VALIDATING", None) == _audit(dsn)[-1]

    def test_audit_is_only_ever_added_to(self, uploads: PostgresUploadStatusRepository, dsn: str) -> None:
        """Not even the owner of the database rewrites it by mistake."""
        uploads.mark_validating(FIRST)
        for statement in ("DELETE FROM csv_upload_transitions", "UPDATE csv_upload_transitions SET attempt = 7"):
            with psycopg.connect(dsn) as connection, pytest.raises(psycopg.errors.RaiseException, match="only ever"):
                connection.execute(statement.encode())

    def test_statuses_are_those_of_the_database(self, dsn: str) -> None:
        """A status that only one side knew would be refused, or never be read, in production."""
        with psycopg.connect(dsn) as connection:
            (check,) = connection.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'csv_uploads_status_check'"
            ).fetchone() or ("",)
        assert set(Status) == {name for name in check.split("'") if name.isupper()}

    def test_one_of_many_concurrent_deliveries_begins_the_attempt(self, dsn: str) -> None:
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
