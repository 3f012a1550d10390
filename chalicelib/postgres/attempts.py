"""Registering uploads, and beginning attempts at them."""

from typing import Any

from psycopg import Connection
from psycopg.sql import SQL

from chalicelib.errors import AttemptSuperseded, NothingToValidate, UploadIdTaken, UploadNotFound
from chalicelib.postgres import rows
from chalicelib.postgres.database import Repository, transaction
from chalicelib.postgres.rows import UploadRow
from chalicelib.uploads import ports
from chalicelib.uploads.attempts import Attempt, ObjectCreated, PlannedExecution, PlannedUpload, upload_id_of
from chalicelib.uploads.lifecycle import NOTIFICATION, RESTARTS, Cause, Status, predecessors
from chalicelib.uploads.read_models import Upload

_REGISTER = """
    INSERT INTO csv_uploads (upload_id, owner, filename, schema_name, bucket, object_key, status, actor, reason)
    VALUES (%(upload_id)s, %(owner)s, %(filename)s, %(schema_name)s, %(bucket)s, %(object_key)s, 'PENDING',
            %(actor)s, %(reason)s)
    ON CONFLICT (upload_id) DO NOTHING
"""

_IS_ALREADY_ATTEMPTED = SQL("(NOT announced AND version_id = %(version_id)s)")
"""Whether the sweep already began an attempt at the version that an event announces. The event then begins no other.

Only version ids are compared. An ETag may be that of the same bytes, uploaded again for another schema: such an event
begins an attempt.
"""

_BEGIN_ANNOUNCED = SQL(
    """
    UPDATE csv_uploads
       SET status = 'VALIDATING', attempt = attempt + 1, execution_name = %(execution_name)s,
           version_id = %(version_id)s, etag = %(etag)s, sequencer = %(sequencer)s, announced = true, restarts = 0,
           row_count = NULL, error_count = NULL, errors = '[]', validated_schema = NULL, unchecked = '[]',
           rejected_rows = NULL, content_sha256 = NULL, schema_sha256 = NULL, swept_at = NULL,
           loaded_rows = NULL, loaded_table = NULL, arrival = nextval('csv_upload_arrivals'),
           actor = %(actor)s, reason = %(reason)s, updated_at = greatest(clock_timestamp(), updated_at)
     WHERE upload_id = %(upload_id)s
       AND bucket = %(bucket)s AND object_key = %(object_key)s
       AND status = ANY(%(predecessors)s)
       AND (execution_name IS NULL OR sequencer < %(sequencer)s)
       AND {is_already_attempted} IS NOT TRUE
    RETURNING attempt
    """
).format(is_already_attempted=_IS_ALREADY_ATTEMPTED)

_BEGIN_NEXT = """
    UPDATE csv_uploads
       SET status = 'VALIDATING', attempt = attempt + 1, execution_name = %(execution_name)s,
           version_id = %(version_id)s, etag = %(etag)s, announced = %(announced)s, restarts = %(restarts)s,
           sequencer = coalesce(sequencer, ''),
           row_count = NULL, error_count = NULL, errors = '[]', validated_schema = NULL, unchecked = '[]',
           rejected_rows = NULL, content_sha256 = NULL, schema_sha256 = NULL, swept_at = NULL,
           loaded_rows = NULL, loaded_table = NULL,
           -- A restart or a replay of a version does not make it newer.
           arrival = CASE WHEN version_id IS NOT DISTINCT FROM %(version_id)s AND etag = %(etag)s THEN
                          coalesce(arrival, nextval('csv_upload_arrivals'))
                          ELSE nextval('csv_upload_arrivals') END,
           actor = %(actor)s, reason = %(reason)s, updated_at = greatest(clock_timestamp(), updated_at)
     WHERE upload_id = %(upload_id)s
       AND bucket = %(bucket)s AND object_key = %(object_key)s
       AND status = ANY(%(predecessors)s)
       AND attempt = %(after)s
    RETURNING attempt
"""

_SET_SEQUENCER = SQL(
    """
    UPDATE csv_uploads
       SET announced = true, sequencer = greatest(sequencer, %(sequencer)s)
     WHERE upload_id = %(upload_id)s
       AND {is_already_attempted}
    """
).format(is_already_attempted=_IS_ALREADY_ATTEMPTED)
"""Store the event's sequencer with an attempt that the sweep began, so that later events are compared with it."""

_RESUME = """
    UPDATE csv_uploads
       SET resumptions = resumptions + 1, actor = %(actor)s, reason = %(reason)s,
           updated_at = greatest(clock_timestamp(), updated_at)
     WHERE execution_name = %(execution_name)s
       AND status = 'VALIDATING'
    RETURNING upload_id
"""


class PostgresAttempts(Repository, ports.Attempts):
    """Registers uploads and begins attempts, in the table `csv_uploads`."""

    @transaction
    def register(self, connection: Connection, upload: PlannedUpload, cause: Cause) -> Upload:
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
        known = rows.find(connection, object_key.upload_id)
        if (known.bucket, known.key, known.schema) != (upload.bucket, str(object_key), upload.schema):
            raise UploadIdTaken(f"the upload id {object_key.upload_id} belongs to another object")
        return known

    @transaction
    def begin_announced(self, connection: Connection, attempt: Attempt) -> PlannedExecution | None:
        parameters = _parameters(attempt, Cause(actor=NOTIFICATION)) | {"sequencer": attempt.sequencer}
        connection.execute(_REGISTER, parameters)
        if connection.execute(_BEGIN_ANNOUNCED, parameters).fetchone():
            return attempt.execution
        connection.execute(_SET_SEQUENCER, parameters)
        current = _current_row(connection, attempt).state
        # The same event again: its first delivery may have crashed before the execution was started.
        is_same = current.created.is_version_of(attempt.created) and current.created.sequencer == attempt.sequencer
        return current.execution if is_same and current.status is Status.VALIDATING else None

    @transaction
    def begin_found(
        self, connection: Connection, found: ObjectCreated, *, after: int, cause: Cause
    ) -> PlannedExecution | None:
        attempt = Attempt.for_object(found, number=after + 1)
        connection.execute(_REGISTER, _parameters(attempt, cause))
        current = _current_row(connection, attempt).state
        if current.execution_name == attempt.execution_name:
            return current.execution if current.status is Status.VALIDATING else None
        if current.number and current.created.is_version_of(attempt.created):
            return None
        return _begin_next(connection, attempt, cause, after=after, announced=False, restarts=0)

    @transaction
    def replay(self, connection: Connection, upload_id: str, *, after: int | None, cause: Cause) -> PlannedExecution:
        row = rows.of_uploads(connection, [upload_id]).get(upload_id)
        if row is None:
            raise UploadNotFound(f"there is no upload {upload_id}")
        current = row.state
        if current.status is Status.PENDING:
            raise NothingToValidate(f"no object has arrived for upload {upload_id}: upload {current.created.key} first")
        if after is not None and after + 1 == current.number and row.actor == cause.actor and row.is_validating:
            return current.execution
        if after is not None and after != current.number:
            raise AttemptSuperseded(
                f"attempt {after} is not the current one at upload {upload_id}: {current.number} is"
            )
        planned = _begin_again(connection, row, cause, restarts=0)
        if planned is None:
            raise AttemptSuperseded(f"another attempt at upload {upload_id} has just begun")
        return planned

    @transaction
    def restart(self, connection: Connection, execution_name: str, cause: Cause) -> PlannedExecution | None:
        row = rows.of_execution(connection, execution_name)
        if row is None:
            return _restarted(connection, execution_name)
        if not row.is_validating or row.restarts >= RESTARTS:
            return None
        return _begin_again(connection, row, cause, restarts=row.restarts + 1)

    @transaction
    def resume(self, connection: Connection, execution_name: str, cause: Cause) -> PlannedExecution | None:
        parameters = {"execution_name": execution_name, "actor": cause.actor, "reason": cause.reason}
        if not connection.execute(_RESUME, parameters).fetchone():
            return None
        row = rows.of_execution(connection, execution_name)
        return row.state.execution if row else None


def _restarted(connection: Connection, execution_name: str) -> PlannedExecution | None:
    """Return the execution that replaced this one, if it is the current one and has no verdict yet."""
    upload_id = upload_id_of(execution_name)
    row = rows.of_uploads(connection, [upload_id]).get(upload_id)
    if row is None or not row.is_validating or not row.restarts:
        return None
    steps = rows.transitions(connection, upload_id)
    replaced = {step.execution_name for step in steps if step.attempt == row.state.number - 1}
    return row.state.execution if execution_name in replaced else None


def _begin_again(connection: Connection, row: UploadRow, cause: Cause, *, restarts: int) -> PlannedExecution | None:
    current = row.state
    attempt = Attempt.for_object(current.created, number=current.number + 1)
    return _begin_next(connection, attempt, cause, after=current.number, announced=row.announced, restarts=restarts)


def _begin_next(  # noqa: PLR0913 - what the statement sets, and its guard
    connection: Connection, attempt: Attempt, cause: Cause, *, after: int, announced: bool, restarts: int
) -> PlannedExecution | None:
    parameters = _parameters(attempt, cause) | {"after": after, "announced": announced, "restarts": restarts}
    return attempt.execution if connection.execute(_BEGIN_NEXT, parameters).fetchone() else None


def _parameters(attempt: Attempt, cause: Cause) -> dict[str, Any]:
    """Return the parameters of the statements that register an upload and begin an attempt."""
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


def _current_row(connection: Connection, attempt: Attempt) -> UploadRow:
    """Return the row of an attempt's upload, which exists; raises UploadIdTaken if it belongs to another object."""
    row = rows.of_uploads(connection, [attempt.upload_id])[attempt.upload_id]
    current = row.state.created
    if (current.bucket, current.key) != (attempt.created.bucket, attempt.created.key):
        raise UploadIdTaken(f"the upload id {attempt.upload_id} belongs to another object")
    return row
