"""The real use cases on the real PostgreSQL, with a bucket, executions and messages that the tests control.

Only Assay's own use cases change what it has recorded.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import psycopg.rows
from attrs import define, evolve, field, frozen

from chalicelib.errors import (
    AttemptSettled,
    AttemptSuperseded,
    DatabaseUnavailable,
    NothingToValidate,
    TransitionIllegal,
    UploadNotFound,
)
from chalicelib.loading.file_lines import FileLines
from chalicelib.loading.table import ActualTable, Table
from chalicelib.postgres.database import Database, connect
from chalicelib.postgres.loads import PostgresLoads
from chalicelib.postgres.tables import create_table
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.attempts import Execution, ExecutionStatus, ObjectCreated
from chalicelib.uploads.lifecycle import SETTLER, Status
from chalicelib.uploads.loads import PlannedLoad
from chalicelib.uploads.messages import ReplayRequest, StatusUpdate, ValidationRequest
from chalicelib.uploads.receive import receive_uploads
from chalicelib.uploads.record_verdict import record_verdict
from chalicelib.uploads.replay import replay_upload
from chalicelib.uploads.settle import settle_execution
from chalicelib.uploads.sweep import Sweep
from chalicelib.validation import ValidationError
from chalicelib.validation.reading.content import Content
from chalicelib.validation.schema.dataset_options import Load
from tests.fakes import InMemoryBucket, InMemoryExecutions

BUCKET = "inbox"
REFUSED = (AttemptSuperseded, AttemptSettled)
"""Errors after which the state machine ends without a system failure."""


class Crash(BaseException):
    """The function crashed here; nothing after this point has happened."""


@frozen
class CrashingPort:
    """A port whose caller crashes just before or just after the call that the countdown selects takes effect."""

    port: Any
    countdown: "Countdown"

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return the port's own method, counted before and after each call."""
        method = getattr(self.port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self.countdown.tick()
            result = method(*args, **kwargs)
            self.countdown.tick()
            return result

        return call


@define
class Countdown:
    """Crashes the current function at the tick after `steps` others; None never does."""

    steps: int | None

    def tick(self) -> None:
        """Count one step; raise Crash at zero."""
        if self.steps is not None:
            if self.steps == 0:
                raise Crash
            self.steps -= 1


@define
class World:
    """A bucket, executions and a PostgreSQL, and the messages in flight between them."""

    database: Database
    bucket: InMemoryBucket = field(factory=lambda: InMemoryBucket(BUCKET))
    executions: InMemoryExecutions = field(factory=InMemoryExecutions)
    target: str | None = None
    """The DSN of the database that rows are loaded into, if it is not the same one."""
    is_valid: dict[str, bool] = field(factory=dict)
    """Whether the file is valid, by version."""
    notifications: list[ObjectCreated] = field(factory=list)
    status_changes: list[Execution] = field(factory=list)
    refused: set[str] = field(factory=set)
    """The executions whose verdict came too late."""
    _sequencer: int = 0

    def put(self, key: str, *, is_valid: bool) -> None:
        """Put an object; S3 announces it later."""
        created = self.bucket.put(key)
        self.is_valid[str(created.version_id)] = is_valid
        self._sequencer += 1
        # Sequencers differ in length, as S3's do.
        self.notifications.append(evolve(created, sequencer=f"{self._sequencer:04X}{'0' * (self._sequencer % 3)}"))

    def register(self, key: str) -> None:
        """Register an upload without its object, unless it is known."""
        _, owner, upload_id, filename = key.split("/")
        self.database.run(
            lambda connection: connection.execute(_REGISTER, (upload_id, owner, filename, BUCKET, key)).rowcount
        )

    def deliver(self, events: Iterable[ObjectCreated], countdown: Countdown) -> None:
        """Send the orchestrator an event with these records; raises Crash."""
        with _failing():
            receive_uploads(events, uploads=self._uploads(countdown), executions=self._executions(countdown))

    def settle(self, execution: Execution, countdown: Countdown) -> None:
        """Send the settler a status change; raises Crash."""
        settle_execution(
            execution, actor=SETTLER, uploads=self._uploads(countdown), executions=self._executions(countdown)
        )

    def sweep(self, countdown: Countdown) -> None:
        """Sweep once; raises Crash."""
        sweep = Sweep(
            uploads=self._uploads(countdown),
            executions=self._executions(countdown),
            bucket=_crashing(self.bucket, countdown),
            grace=timedelta(0),
            loads=self._loads(countdown) if self.target else None,
        )
        with _failing():
            sweep.run()

    def sweep_marker(self) -> str:
        """Return the key after which the next sweep lists the bucket; empty at its beginning."""
        return PostgresUploads(self.database).sweep_marker()

    def replay(self, upload_id: str, after: int | None, countdown: Countdown) -> None:
        """Replay an upload if it has an object; raises Crash."""
        uploads, executions = self._uploads(countdown), self._executions(countdown)
        request = ReplayRequest(reason="to see", attempt=after)
        try:
            replay_upload(upload_id, request, actor="operator:ada", uploads=uploads, executions=executions)
        except (UploadNotFound, NothingToValidate, AttemptSuperseded, DatabaseUnavailable):
            return

    def record(self, name: str, countdown: Countdown, *, failure: bool) -> None:
        """Record the verdict or the system failure of an execution; raises Crash."""
        request = self.executions.planned[name].request
        update = _system_failure(name, request) if failure else self._verdict(name, request)
        try:
            with _failing():
                if update.status is Status.VALIDATED:
                    self.load(update, request, countdown)
                record_verdict(update, uploads=self._uploads(countdown))
        except REFUSED:
            self.refused.add(name)
        except TransitionIllegal:
            # A verdict that contradicts the one that the same execution has recorded before: only after a redrive.
            return

    def load(
        self,
        update: StatusUpdate,
        request: ValidationRequest,
        countdown: Countdown,
        meanwhile: Callable[[], Any] | None = None,
    ) -> None:
        """Load the rows of a version; raises Crash. `meanwhile` is called within the COPY."""
        loads = self._loads(countdown)
        rows = Rows(version=str(request.version_id), request=request, countdown=countdown, meanwhile=meanwhile)
        planned = PlannedLoad(
            upload_id=request.upload_id,
            execution_name=update.execution_name,
            table=TABLE,
            expected_rows=len(ids(rows.version)),
            content_sha256=None,
            schema_sha256=None,
        )
        loads.load(planned, update, rows)

    def load_while(self, name: str, meanwhile: Callable[[], Any]) -> None:
        """Load the rows of a valid version, within whose COPY something else happens."""
        request = self.executions.planned[name].request
        update = self._verdict(name, request)
        if update.status is Status.VALIDATED:
            try:
                self.load(update, request, Countdown(None), meanwhile)
            except REFUSED:
                self.refused.add(name)
            except (DatabaseUnavailable, TransitionIllegal):
                # The connection was cut, or the same execution has recorded a failure before, as in `record`.
                return

    def cut_connection(self) -> None:
        """End the connection that loads."""
        with psycopg.connect(self._target(), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE '%COPY%' AND pid <> pg_backend_pid()"
            )

    def loaded(self) -> set[tuple[str, int]]:
        """Return the upload and the value of each loaded row; there are no two of the same upload and value."""
        with psycopg.connect(self._target()) as connection:
            found = connection.execute("SELECT _upload_id, id FROM loaded").fetchall()
        assert len(found) == len(set(found)), "a row is loaded twice"
        return set(found)

    def end(self, name: str, status: ExecutionStatus) -> None:
        """End an execution; EventBridge reports it later, unless it succeeded."""
        execution = self.executions.end(name, status, "States.Runtime" if status is ExecutionStatus.FAILED else None)
        if status not in {ExecutionStatus.SUCCEEDED, ExecutionStatus.RUNNING}:
            self.status_changes.append(execution)

    def running(self) -> list[str]:
        """List the executions that run."""
        return [
            execution.name
            for execution in self.executions.executions.values()
            if execution.status is ExecutionStatus.RUNNING
        ]

    def rows(self) -> list[dict[str, Any]]:
        """Return every upload's row."""
        return self._read("SELECT * FROM csv_uploads ORDER BY upload_id")

    def rows_without_sweeps(self) -> list[dict[str, Any]]:
        """Return the same without the times of the last sweep."""
        return [{name: value for name, value in row.items() if name != "swept_at"} for row in self.rows()]

    def audit(self) -> list[dict[str, Any]]:
        """Return every transition, in order."""
        return self._read("SELECT * FROM csv_upload_transitions ORDER BY transition_id")

    def reset(self) -> None:
        """Empty the database, and the table of loaded rows."""
        create_table(self._target, TABLE)
        with psycopg.connect(self._target()) as connection:
            connection.execute("TRUNCATE loaded, _assay_loads")
        self.database.run(
            lambda connection: (
                connection.execute(
                    "TRUNCATE csv_uploads, csv_upload_transitions; UPDATE csv_sweep SET object_key = ''"
                ).rowcount
            )
        )

    def _target(self) -> str:
        return self.target or self.database.dsn()

    def _read(self, query: str) -> list[dict[str, Any]]:
        def read(connection: psycopg.Connection) -> list[dict[str, Any]]:
            with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
                return cursor.execute(query.encode()).fetchall()

        return self.database.run(read)

    def _uploads(self, countdown: Countdown) -> Any:
        return _crashing(PostgresUploads(self.database), countdown)

    def _loads(self, countdown: Countdown) -> Any:
        loads = PostgresLoads(
            assay=self.database.dsn,
            target=self._target if self.target else None,
            connect=lambda dsn: _crashing_at_commits(connect(dsn), countdown),
        )
        return _crashing(loads, countdown)

    def _executions(self, countdown: Countdown) -> Any:
        return _crashing(self.executions, countdown)

    def _verdict(self, name: str, request: ValidationRequest) -> StatusUpdate:
        is_valid = self.is_valid[str(request.version_id)]
        return StatusUpdate(
            upload_id=request.upload_id,
            status=Status.VALIDATED if is_valid else Status.VALIDATION_FAILED,
            execution_name=name,
            error_count=0 if is_valid else 1,
        )


DESCRIPTOR = {"fields": [{"name": "id", "type": "integer"}, {"name": "padding"}]}
TABLE = Table.of(DESCRIPTOR, Load(table="loaded"))
_PADDING = "x" * 600_000
"""Makes a file of several blocks, so that it is read while it is copied."""


def ids(version: str) -> range:
    """Return the values in a version's file, which no other version has."""
    number = int(version.removeprefix("v"))
    return range(10 * number, 10 * number + 4)


@frozen(kw_only=True)
class Rows:
    """The rows of a version; something may happen, or the worker may crash, while they are copied."""

    version: str
    request: ValidationRequest
    countdown: Countdown
    meanwhile: Callable[[], Any] | None

    def lines(self, actual: ActualTable) -> FileLines:
        """Return the lines of COPY."""
        return FileLines.of(
            Content(self._content()),
            descriptor=DESCRIPTOR,
            table=TABLE,
            actual=actual,
            upload_id=self.request.upload_id,
            rejected=(),
        )

    def _content(self) -> Iterator[bytes]:
        yield b"id,padding\n"
        for value in ids(self.version):
            yield f"{value},{_PADDING if self.meanwhile else ''}\n".encode()
        self.countdown.tick()
        if self.meanwhile:
            self.meanwhile()


def _crashing(port: object, countdown: Countdown) -> Any:
    return CrashingPort(port, countdown)


def _crashing_at_commits(connection: Any, countdown: Countdown) -> Any:
    """Return a connection whose user crashes just before or just after a commit takes effect."""
    begin, commit = connection.transaction, connection.commit

    @contextmanager
    def transaction() -> Iterator[None]:
        with begin():
            yield
            countdown.tick()
        countdown.tick()

    def commit_counted() -> None:
        try:
            countdown.tick()
            commit()
            countdown.tick()
        except Crash:
            connection.close()  # at the end of a `with`, nothing else closes it
            raise

    connection.transaction, connection.commit = transaction, commit_counted
    return connection


@contextmanager
def _failing() -> Iterator[None]:
    """Treat a function that fails because a load is in doubt as one that crashed: it is invoked again, or never."""
    try:
        yield
    except DatabaseUnavailable as error:
        if "it is not known yet whether a load" not in str(error):
            raise
        raise Crash from None


def _system_failure(name: str, request: ValidationRequest) -> StatusUpdate:
    return StatusUpdate(
        upload_id=request.upload_id,
        status=Status.VALIDATION_FAILED,
        execution_name=name,
        error_count=1,
        errors=(ValidationError(column="file", code="system-error", message="the file could not be checked: X"),),
    )


_REGISTER = """
    INSERT INTO csv_uploads (upload_id, owner, filename, bucket, object_key, status, actor)
    VALUES (%s, %s, %s, %s, %s, 'PENDING', 'registration')
    ON CONFLICT (upload_id) DO NOTHING
"""
