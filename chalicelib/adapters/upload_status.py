"""The status of every upload, in PostgreSQL.

Four statements move an upload, each only as far as its guard allows: two begin an attempt, two end it. The audit is
written by a trigger in the same transaction.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, LiteralString

import psycopg
from attrs import frozen
from psycopg.types.json import Jsonb

from chalicelib import codec
from chalicelib.adapters import upload_list, upload_rows
from chalicelib.adapters.database import Database
from chalicelib.adapters.upload_rows import UploadRow
from chalicelib.domain.attempt import Attempt, ObjectCreated, Standing
from chalicelib.domain.contracts import StatusUpdate, Transition, Upload, Verdict
from chalicelib.domain.execution import PlannedExecution
from chalicelib.domain.lifecycle import EXECUTION, NOTIFICATION, RESTARTS, Cause, Status, predecessors
from chalicelib.domain.listing import UploadPage, UploadQuery
from chalicelib.domain.registration import PlannedUpload
from chalicelib.errors import (
    AttemptSettled,
    AttemptSuperseded,
    NothingToValidate,
    TransitionIllegal,
    UploadIdTaken,
    UploadNotFound,
)
from chalicelib.validation import FILE, Fault

_REGISTER = """
    INSERT INTO csv_uploads (upload_id, owner, filename, schema_name, bucket, object_key, status, actor, reason)
    VALUES (%(upload_id)s, %(owner)s, %(filename)s, %(schema_name)s, %(bucket)s, %(object_key)s, 'PENDING',
            %(actor)s, %(reason)s)
    ON CONFLICT (upload_id) DO NOTHING
"""

_BEGIN_ANNOUNCED = """
    UPDATE csv_uploads
       SET status = 'VALIDATING', attempt = attempt + 1, execution_name = %(execution_name)s,
           version_id = %(version_id)s, etag = %(etag)s, sequencer = %(sequencer)s, announced = true, restarts = 0,
           row_count = NULL, error_count = NULL, errors = '[]',
           actor = %(actor)s, reason = %(reason)s, updated_at = now()
     WHERE upload_id = %(upload_id)s
       AND bucket = %(bucket)s AND object_key = %(object_key)s
       AND status = ANY(%(predecessors)s)
       AND (execution_name IS NULL OR sequencer < %(sequencer)s)
       AND NOT (NOT announced AND version_id IS NOT DISTINCT FROM %(version_id)s AND etag = %(etag)s)
    RETURNING attempt
"""

_BEGIN_NEXT = """
    UPDATE csv_uploads
       SET status = 'VALIDATING', attempt = attempt + 1, execution_name = %(execution_name)s,
           version_id = %(version_id)s, etag = %(etag)s, announced = %(announced)s, restarts = %(restarts)s,
           sequencer = coalesce(sequencer, ''),
           row_count = NULL, error_count = NULL, errors = '[]',
           actor = %(actor)s, reason = %(reason)s, updated_at = now()
     WHERE upload_id = %(upload_id)s
       AND bucket = %(bucket)s AND object_key = %(object_key)s
       AND status = ANY(%(predecessors)s)
       AND attempt = %(after)s
    RETURNING attempt
"""

_RECORD_VERDICT = """
    UPDATE csv_uploads
       SET status = %(status)s, row_count = %(row_count)s, error_count = %(error_count)s, errors = %(errors)s,
           actor = %(actor)s, reason = %(reason)s, updated_at = now()
     WHERE upload_id = %(upload_id)s
       AND execution_name = %(execution_name)s
       AND status = ANY(%(predecessors)s)
    RETURNING status
"""

_ANNOUNCE = """
    UPDATE csv_uploads
       SET announced = true, sequencer = greatest(sequencer, %(sequencer)s)
     WHERE upload_id = %(upload_id)s
       AND NOT announced AND version_id IS NOT DISTINCT FROM %(version_id)s AND etag = %(etag)s
"""
"""An event tells of the version at which an attempt has been begun without it: its place among the events is known."""

_RESUME = """
    UPDATE csv_uploads
       SET restarts = restarts + 1, actor = %(actor)s, reason = %(reason)s, updated_at = now()
     WHERE execution_name = %(execution_name)s
       AND status = 'VALIDATING'
    RETURNING upload_id
"""

_CLAIM_UNSETTLED = """
    UPDATE csv_uploads
       SET swept_at = now()
     WHERE upload_id IN (
           SELECT upload_id
             FROM csv_uploads
            WHERE status IN ('PENDING', 'VALIDATING')
              AND updated_at <= now() - %(idle)s
              AND (swept_at IS NULL OR swept_at <= now() - %(idle)s)
            ORDER BY swept_at NULLS FIRST, updated_at
            LIMIT %(most)s
              FOR UPDATE SKIP LOCKED)
    RETURNING upload_id
"""

_LAST_SWEPT = "SELECT object_key FROM csv_sweep"
_KEEP_SWEPT = "UPDATE csv_sweep SET object_key = %(key)s"


@frozen
class PostgresUploadStatusRepository:
    """Keeps the status of every upload in the table `csv_uploads`."""

    database: Database

    def register(self, upload: PlannedUpload, cause: Cause) -> Upload:
        """Make a record of an upload before its object arrives."""
        return self.database.run(lambda connection: _register(connection, upload, cause))

    def mark_validating(self, attempt: Attempt) -> PlannedExecution | None:
        """Begin the attempt that an event asks for, unless the upload has come further."""
        return self.database.run(lambda connection: _mark_validating(connection, attempt))

    def mark_found(self, found: ObjectCreated, *, after: int, cause: Cause) -> PlannedExecution | None:
        """Begin an attempt at a version that no event has told of, if `after` is the number of the present attempt."""
        attempt = Attempt.of(found, number=after + 1)
        return self.database.run(lambda connection: _mark_found(connection, attempt, after, cause))

    def replay(self, upload_id: str, *, after: int | None, cause: Cause) -> PlannedExecution:
        """Begin another attempt at the present version."""
        return self.database.run(lambda connection: _replay(connection, upload_id, after, cause))

    def restart(self, execution_name: str, cause: Cause) -> PlannedExecution | None:
        """Begin another attempt at the present version because that execution came to nothing."""
        return self.database.run(lambda connection: _restart(connection, execution_name, cause))

    def resume(self, execution_name: str, cause: Cause) -> PlannedExecution | None:
        """Write down that the present attempt's execution, of that name, has to be started still."""
        return self.database.run(lambda connection: _resume(connection, execution_name, cause))

    def settle(self, execution_name: str, fault: Fault, cause: Cause) -> Verdict | None:
        """Give VALIDATION_FAILED, with that fault of the file, to the attempt of an execution that will not."""
        return self.database.run(lambda connection: _settle(connection, execution_name, fault, cause))

    def record_verdict(self, update: StatusUpdate) -> Verdict:
        """Move the upload to its verdict and give what is on record then."""
        return self.database.run(lambda connection: _record_verdict(connection, update))

    def claim_unsettled(self, *, idle: timedelta, most: int) -> tuple[Standing, ...]:
        """Give uploads without a verdict that nothing has happened to for so long."""
        return self.database.run(lambda connection: _claim_unsettled(connection, idle, most))

    def standings(self, upload_ids: Iterable[str]) -> Mapping[str, Standing]:
        """Tell where uploads stand; those without a record are left out."""
        return self.database.run(lambda connection: upload_rows.standings(connection, list(upload_ids)))

    def transitions(self, upload_id: str) -> tuple[Transition, ...]:
        """Give the steps that an upload has taken, the first one first."""
        return self.database.run(lambda connection: upload_rows.transitions(connection, upload_id))

    def page(self, query: UploadQuery) -> UploadPage:
        """List uploads, newest first."""
        return self.database.run(lambda connection: upload_list.page(connection, query))

    def find(self, upload_id: str) -> Upload:
        """Give what is known of an upload; raises UploadNotFound."""
        return self.database.run(lambda connection: upload_rows.find(connection, upload_id))

    def last_swept(self) -> str:
        """Give the object key behind which a sweep through the bucket goes on."""
        return self.database.run(lambda connection: str(_one(connection, _LAST_SWEPT)))

    def keep_swept(self, key: str) -> None:
        """Keep the object key behind which the next sweep goes on."""
        self.database.run(lambda connection: connection.execute(_KEEP_SWEPT, {"key": key}))

    def ping(self) -> None:
        """Make sure that the database answers."""
        self.database.run(lambda connection: connection.execute("SELECT 1"))


def _register(connection: psycopg.Connection, upload: PlannedUpload, cause: Cause) -> Upload:
    object_key = upload.object_key
    parameters = {
        "upload_id": object_key.upload_id,
        "owner": object_key.owner,
        "filename": object_key.filename,
        "schema_name": upload.schema,
        "bucket": upload.bucket,
        "object_key": str(object_key),
        "actor": cause.actor,
        "reason": cause.reason,
    }
    connection.execute(_REGISTER, parameters)
    known = upload_rows.find(connection, object_key.upload_id)
    if (known.bucket, known.key, known.schema) != (upload.bucket, str(object_key), upload.schema):
        raise UploadIdTaken(f"the upload id {object_key.upload_id} belongs to another object")
    return known


def _mark_validating(connection: psycopg.Connection, attempt: Attempt) -> PlannedExecution | None:
    parameters = _beginning(attempt, Cause(actor=NOTIFICATION)) | {"sequencer": attempt.sequencer}
    connection.execute(_REGISTER, parameters)
    if connection.execute(_BEGIN_ANNOUNCED, parameters).fetchone():
        return attempt.execution
    standing = _present(connection, attempt).standing
    adopted = connection.execute(_ANNOUNCE, parameters).rowcount == 1
    # The same event again: whoever brought it first may have died before the execution was started.
    if standing.status is Status.VALIDATING and (adopted or standing.execution_name == attempt.execution_name):
        return standing.execution
    return None


def _mark_found(connection: psycopg.Connection, attempt: Attempt, after: int, cause: Cause) -> PlannedExecution | None:
    connection.execute(_REGISTER, _beginning(attempt, cause))
    present = _present(connection, attempt).standing
    if present.number and present.created.is_version_of(attempt.created):
        return None
    return _begin_next(connection, attempt, cause, after=after, announced=False, restarts=0)


def _replay(connection: psycopg.Connection, upload_id: str, after: int | None, cause: Cause) -> PlannedExecution:
    row = upload_rows.rows(connection, [upload_id]).get(upload_id)
    if row is None:
        raise UploadNotFound(f"there is no upload {upload_id}")
    present = row.standing
    if present.status is Status.PENDING:
        raise NothingToValidate(f"no object has arrived for upload {upload_id}: upload {present.created.key} first")
    if after is not None and after != present.number:
        raise AttemptSuperseded(f"attempt {after} is not the present one at upload {upload_id}: {present.number} is")
    planned = _begin_again(connection, row, cause, restarts=0)
    if planned is None:
        raise AttemptSuperseded(f"somebody else has just begun an attempt at upload {upload_id}")
    return planned


def _restart(connection: psycopg.Connection, execution_name: str, cause: Cause) -> PlannedExecution | None:
    row = upload_rows.row_of_execution(connection, execution_name)
    if row is None or not row.is_validating or row.restarts >= RESTARTS:
        return None
    return _begin_again(connection, row, cause, restarts=row.restarts + 1)


def _begin_again(
    connection: psycopg.Connection, row: UploadRow, cause: Cause, *, restarts: int
) -> PlannedExecution | None:
    present = row.standing
    attempt = Attempt.of(present.created, number=present.number + 1)
    return _begin_next(connection, attempt, cause, after=present.number, announced=row.announced, restarts=restarts)


def _begin_next(  # noqa: PLR0913 - what the statement sets, and its guard
    connection: psycopg.Connection, attempt: Attempt, cause: Cause, *, after: int, announced: bool, restarts: int
) -> PlannedExecution | None:
    parameters = _beginning(attempt, cause) | {"after": after, "announced": announced, "restarts": restarts}
    return attempt.execution if connection.execute(_BEGIN_NEXT, parameters).fetchone() else None


def _beginning(attempt: Attempt, cause: Cause) -> dict[str, Any]:
    """Give the parameters of the statements that register an upload and begin an attempt at it."""
    return {
        "upload_id": attempt.upload_id,
        "owner": attempt.object_key.owner,
        "filename": attempt.object_key.filename,
        "schema_name": None,
        "bucket": attempt.created.bucket,
        "object_key": attempt.created.key,
        "version_id": attempt.created.version_id,
        "etag": attempt.created.etag,
        "execution_name": attempt.execution_name,
        "predecessors": list(predecessors(Status.VALIDATING)),
        "actor": cause.actor,
        "reason": cause.reason,
    }


def _present(connection: psycopg.Connection, attempt: Attempt) -> UploadRow:
    """Give the row of an attempt's upload, which must be there; raises UploadIdTaken if it is another object's."""
    row = upload_rows.rows(connection, [attempt.upload_id])[attempt.upload_id]
    present = row.standing.created
    if (present.bucket, present.key) != (attempt.created.bucket, attempt.created.key):
        raise UploadIdTaken(f"the upload id {attempt.upload_id} belongs to another object")
    return row


def _resume(connection: psycopg.Connection, execution_name: str, cause: Cause) -> PlannedExecution | None:
    parameters = {"execution_name": execution_name, "actor": cause.actor, "reason": cause.reason}
    if not connection.execute(_RESUME, parameters).fetchone():
        return None
    row = upload_rows.row_of_execution(connection, execution_name)
    return row.standing.execution if row else None


def _settle(connection: psycopg.Connection, execution_name: str, fault: Fault, cause: Cause) -> Verdict | None:
    row = upload_rows.row_of_execution(connection, execution_name)
    if row is None:
        return None
    update = StatusUpdate(
        upload_id=row.standing.upload_id,
        status=Status.VALIDATION_FAILED,
        execution_name=execution_name,
        error_count=1,
        errors=(fault.at(column=FILE),),
    )
    moved = _move_to_verdict(connection, update, cause)
    return upload_rows.verdict(connection, execution_name) if moved else None


def _record_verdict(connection: psycopg.Connection, update: StatusUpdate) -> Verdict:
    if not _move_to_verdict(connection, update, Cause(actor=EXECUTION)):
        _expect_recorded(connection, update)
    return upload_rows.verdict(connection, update.execution_name)


def _expect_recorded(connection: psycopg.Connection, update: StatusUpdate) -> None:
    """Make sure that the execution has recorded this very verdict before; raises what is the matter if not."""
    row = upload_rows.rows(connection, [update.upload_id]).get(update.upload_id)
    if row is None:
        raise UploadNotFound(f"there is no upload {update.upload_id}")
    present = row.standing
    if present.execution_name != update.execution_name:
        raise AttemptSuperseded(f"{update.execution_name} is not the present attempt at upload {update.upload_id}")
    if row.actor != EXECUTION:
        raise AttemptSettled(f"the attempt {update.execution_name} at upload {update.upload_id} has been settled")
    if present.status is not update.status:
        raise TransitionIllegal(f"upload {update.upload_id} cannot go from {present.status} to {update.status}")


def _move_to_verdict(connection: psycopg.Connection, update: StatusUpdate, cause: Cause) -> bool:
    parameters = {
        "upload_id": update.upload_id,
        "execution_name": update.execution_name,
        "status": update.status,
        "row_count": update.row_count,
        "error_count": update.error_count,
        "errors": Jsonb(codec.unstructure(update.errors)),
        "predecessors": list(predecessors(update.status)),
        "actor": cause.actor,
        "reason": cause.reason,
    }
    return connection.execute(_RECORD_VERDICT, parameters).fetchone() is not None


def _claim_unsettled(connection: psycopg.Connection, idle: timedelta, most: int) -> tuple[Standing, ...]:
    claimed = connection.execute(_CLAIM_UNSETTLED, {"idle": idle, "most": most}).fetchall()
    return tuple(upload_rows.standings(connection, [upload_id for (upload_id,) in claimed]).values())


def _one(connection: psycopg.Connection, query: LiteralString) -> Any:
    (value,) = connection.execute(query).fetchone() or (None,)
    return value
