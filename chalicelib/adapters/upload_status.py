"""The status of every upload, in PostgreSQL.

Two statements move an upload, each only as far as its guard allows: one begins an attempt, one ends it with a verdict.
The audit is written by a trigger in the same transaction.
"""

from typing import Any

import psycopg
from attrs import frozen
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from chalicelib import codec
from chalicelib.adapters.database import Database
from chalicelib.domain.attempt import Attempt
from chalicelib.domain.contracts import StatusUpdate, Upload
from chalicelib.domain.lifecycle import Status, predecessors
from chalicelib.errors import AttemptSuperseded, TransitionIllegal, UploadIdTaken, UploadNotFound
from chalicelib.validation import ValidationError

_REGISTER = """
    INSERT INTO csv_uploads (upload_id, owner, filename, bucket, object_key, status)
    VALUES (%(upload_id)s, %(owner)s, %(filename)s, %(bucket)s, %(object_key)s, 'PENDING')
    ON CONFLICT (upload_id) DO NOTHING
"""

_BEGIN_ATTEMPT = """
    UPDATE csv_uploads
       SET status = 'VALIDATING', attempt = attempt + 1,
           version_id = %(version_id)s, etag = %(etag)s, sequencer = %(sequencer)s, execution_name = %(execution_name)s,
           row_count = NULL, error_count = NULL, errors = '[]', updated_at = now()
     WHERE upload_id = %(upload_id)s
       AND bucket = %(bucket)s AND object_key = %(object_key)s
       AND status = ANY(%(predecessors)s)
       AND (execution_name IS NULL OR sequencer < %(sequencer)s)
    RETURNING attempt
"""

_RECORD_VERDICT = """
    UPDATE csv_uploads
       SET status = %(status)s, row_count = %(row_count)s, error_count = %(error_count)s, errors = %(errors)s,
           updated_at = now()
     WHERE upload_id = %(upload_id)s
       AND execution_name = %(execution_name)s
       AND status = ANY(%(predecessors)s)
    RETURNING status
"""

_FIND = """
    SELECT upload_id, owner, bucket, object_key, filename, status, attempt, execution_name,
           row_count, error_count, errors, created_at, updated_at
      FROM csv_uploads
     WHERE upload_id = %(upload_id)s
"""


@frozen
class PostgresUploadStatusRepository:
    """Keeps the status of every upload in the table `csv_uploads`."""

    database: Database

    def mark_validating(self, attempt: Attempt) -> bool:
        """Begin the attempt, unless a newer one has; say whether its execution should run."""
        return self.database.run(lambda connection: _mark_validating(connection, attempt))

    def record_verdict(self, update: StatusUpdate) -> Status:
        """Move the upload to its verdict and give the status it is in."""
        return self.database.run(lambda connection: _record_verdict(connection, update))

    def find(self, upload_id: str) -> Upload:
        """Give what is known of an upload; raises UploadNotFound."""
        return self.database.run(lambda connection: _find(connection, upload_id))

    def ping(self) -> None:
        """Make sure that the database answers."""
        self.database.run(lambda connection: connection.execute("SELECT 1"))


def _mark_validating(connection: psycopg.Connection, attempt: Attempt) -> bool:
    parameters = {
        "upload_id": attempt.upload_id,
        "owner": attempt.object_key.owner,
        "filename": attempt.object_key.filename,
        "bucket": attempt.created.bucket,
        "object_key": attempt.created.key,
        "version_id": attempt.created.version_id,
        "etag": attempt.created.etag,
        "sequencer": attempt.sequencer,
        "execution_name": attempt.execution_name,
        "predecessors": list(predecessors(Status.VALIDATING)),
    }
    connection.execute(_REGISTER, parameters)
    if connection.execute(_BEGIN_ATTEMPT, parameters).fetchone():
        return True
    upload = _find(connection, attempt.upload_id)
    if (upload.bucket, upload.key) != (attempt.created.bucket, attempt.created.key):
        raise UploadIdTaken(f"the upload id {attempt.upload_id} belongs to another object")
    # The same event again: whoever brought it first may have died before the execution was started.
    return upload.execution_name == attempt.execution_name and upload.status is Status.VALIDATING


def _record_verdict(connection: psycopg.Connection, update: StatusUpdate) -> Status:
    parameters = {
        "upload_id": update.upload_id,
        "execution_name": update.execution_name,
        "status": update.status,
        "row_count": update.row_count,
        "error_count": update.error_count,
        "errors": Jsonb(codec.unstructure(update.errors)),
        "predecessors": list(predecessors(update.status)),
    }
    if connection.execute(_RECORD_VERDICT, parameters).fetchone():
        return update.status
    upload = _find(connection, update.upload_id)
    if upload.execution_name != update.execution_name:
        raise AttemptSuperseded(f"{update.execution_name} is not the present attempt at upload {update.upload_id}")
    if upload.status is not update.status:
        raise TransitionIllegal(f"upload {update.upload_id} cannot go from {upload.status} to {update.status}")
    return upload.status


def _find(connection: psycopg.Connection, upload_id: str) -> Upload:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_FIND, {"upload_id": upload_id}).fetchone()
    if row is None:
        raise UploadNotFound(f"there is no upload {upload_id}")
    return _upload(row)


def _upload(row: dict[str, Any]) -> Upload:
    return Upload(
        **{name: value for name, value in row.items() if name not in {"object_key", "status", "errors"}},
        key=row["object_key"],
        status=Status(row["status"]),
        errors=codec.structure(row["errors"], tuple[ValidationError, ...]),
    )
