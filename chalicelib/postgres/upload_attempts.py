"""Registering uploads and beginning attempts at them, within a transaction of the caller's."""

from typing import Any

import psycopg
from psycopg.sql import SQL

from chalicelib.errors import AttemptSuperseded, NothingToValidate, UploadIdTaken, UploadNotFound
from chalicelib.postgres import upload_rows
from chalicelib.postgres.upload_rows import UploadRow
from chalicelib.uploads.attempts import Attempt, PlannedExecution, PlannedUpload, upload_id_of
from chalicelib.uploads.lifecycle import NOTIFICATION, RESTARTS, Cause, Status, predecessors
from chalicelib.uploads.read_models import Upload

_REGISTER = """
    INSERT INTO csv_uploads (upload_id, owner, filename, schema_name, bucket, object_key, status, actor, reason)
    VALUES (%(upload_id)s, %(owner)s, %(filename)s, %(schema_name)s, %(bucket)s, %(object_key)s, 'PENDING',
            %(actor)s, %(reason)s)
    ON CONFLICT (upload_id) DO NOTHING
"""

_IS_ADOPTED = SQL("(NOT announced AND version_id = %(version_id)s)")
"""Whether an event tells of the version at which an attempt has been begun without it, and so begins none of its own.

Without versions an eTag is all there is, and the same bytes may have come again, for another schema: then the event
begins an attempt of its own.
"""

_BEGIN_ANNOUNCED = SQL(
    """
    UPDATE csv_uploads
       SET status = 'VALIDATING', attempt = attempt + 1, execution_name = %(execution_name)s,
           version_id = %(version_id)s, etag = %(etag)s, sequencer = %(sequencer)s, announced = true, restarts = 0,
           row_count = NULL, error_count = NULL, errors = '[]',
           actor = %(actor)s, reason = %(reason)s, updated_at = now()
     WHERE upload_id = %(upload_id)s
       AND bucket = %(bucket)s AND object_key = %(object_key)s
       AND status = ANY(%(predecessors)s)
       AND (execution_name IS NULL OR sequencer < %(sequencer)s)
       AND {is_adopted} IS NOT TRUE
    RETURNING attempt
    """
).format(is_adopted=_IS_ADOPTED)

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

_ANNOUNCE = SQL(
    """
    UPDATE csv_uploads
       SET announced = true, sequencer = greatest(sequencer, %(sequencer)s)
     WHERE upload_id = %(upload_id)s
       AND {is_adopted}
    """
).format(is_adopted=_IS_ADOPTED)
"""The place of the version among the events is known then."""


def register(connection: psycopg.Connection, upload: PlannedUpload, cause: Cause) -> Upload:
    """Make a record of an upload before its object arrives, and tell what is known of it then."""
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


def begin_announced(connection: psycopg.Connection, attempt: Attempt) -> PlannedExecution | None:
    """Begin the attempt that an event asks for, unless the upload has come further."""
    parameters = _beginning(attempt, Cause(actor=NOTIFICATION)) | {"sequencer": attempt.sequencer}
    connection.execute(_REGISTER, parameters)
    if connection.execute(_BEGIN_ANNOUNCED, parameters).fetchone():
        return attempt.execution
    connection.execute(_ANNOUNCE, parameters)
    state = _present(connection, attempt).state
    # The same event again: whoever brought it first may have died before the execution was started.
    is_same = state.created.is_version_of(attempt.created) and state.created.sequencer == attempt.sequencer
    return state.execution if is_same and state.status is Status.VALIDATING else None


def begin_found(connection: psycopg.Connection, attempt: Attempt, after: int, cause: Cause) -> PlannedExecution | None:
    """Begin an attempt at a version that no event has told of, if `after` is the number of the present attempt."""
    connection.execute(_REGISTER, _beginning(attempt, cause))
    present = _present(connection, attempt).state
    if present.execution_name == attempt.execution_name:
        return present.execution if present.status is Status.VALIDATING else None
    if present.number and present.created.is_version_of(attempt.created):
        return None
    return _begin_next(connection, attempt, cause, after=after, announced=False, restarts=0)


def replay(connection: psycopg.Connection, upload_id: str, after: int | None, cause: Cause) -> PlannedExecution:
    """Begin another attempt at the present version."""
    row = upload_rows.rows(connection, [upload_id]).get(upload_id)
    if row is None:
        raise UploadNotFound(f"there is no upload {upload_id}")
    present = row.state
    if present.status is Status.PENDING:
        raise NothingToValidate(f"no object has arrived for upload {upload_id}: upload {present.created.key} first")
    if after is not None and after + 1 == present.number and row.actor == cause.actor and row.is_validating:
        return present.execution
    if after is not None and after != present.number:
        raise AttemptSuperseded(f"attempt {after} is not the present one at upload {upload_id}: {present.number} is")
    planned = _begin_again(connection, row, cause, restarts=0)
    if planned is None:
        raise AttemptSuperseded(f"somebody else has just begun an attempt at upload {upload_id}")
    return planned


def restart(connection: psycopg.Connection, execution_name: str, cause: Cause) -> PlannedExecution | None:
    """Begin another attempt at the present version because that execution came to nothing."""
    row = upload_rows.row_of_execution(connection, execution_name)
    if row is None:
        return _restarted(connection, execution_name)
    if not row.is_validating or row.restarts >= RESTARTS:
        return None
    return _begin_again(connection, row, cause, restarts=row.restarts + 1)


def _restarted(connection: psycopg.Connection, execution_name: str) -> PlannedExecution | None:
    """Give the execution that has been begun in the place of this one, if it is the present one and has no verdict."""
    upload_id = upload_id_of(execution_name)
    row = upload_rows.rows(connection, [upload_id]).get(upload_id)
    if row is None or not row.is_validating or not row.restarts:
        return None
    steps = upload_rows.transitions(connection, upload_id)
    replaced = {step.execution_name for step in steps if step.attempt == row.state.number - 1}
    return row.state.execution if execution_name in replaced else None


def _begin_again(
    connection: psycopg.Connection, row: UploadRow, cause: Cause, *, restarts: int
) -> PlannedExecution | None:
    present = row.state
    attempt = Attempt.for_object(present.created, number=present.number + 1)
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
    present = row.state.created
    if (present.bucket, present.key) != (attempt.created.bucket, attempt.created.key):
        raise UploadIdTaken(f"the upload id {attempt.upload_id} belongs to another object")
    return row
