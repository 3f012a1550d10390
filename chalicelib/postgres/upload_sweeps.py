"""What a sweep looks after, and how far it has come, within a transaction of the caller's."""

from datetime import timedelta

import psycopg

from chalicelib.postgres import upload_rows
from chalicelib.uploads.attempts import PlannedExecution, UploadState
from chalicelib.uploads.lifecycle import Cause

_RESUME = """
    UPDATE csv_uploads
       SET resumptions = resumptions + 1, actor = %(actor)s, reason = %(reason)s, updated_at = now()
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
              AND (status = 'VALIDATING' OR updated_at > now() - interval '7 days')
            ORDER BY coalesce(swept_at, updated_at)
            LIMIT %(most)s
              FOR UPDATE SKIP LOCKED)
    RETURNING upload_id
"""

_LAST_SWEPT = "SELECT object_key FROM csv_sweep"
_KEEP_SWEPT = "UPDATE csv_sweep SET object_key = %(key)s"


def resume(connection: psycopg.Connection, execution_name: str, cause: Cause) -> PlannedExecution | None:
    """Write down that the present attempt's execution, of that name, has to be started still."""
    parameters = {"execution_name": execution_name, "actor": cause.actor, "reason": cause.reason}
    if not connection.execute(_RESUME, parameters).fetchone():
        return None
    row = upload_rows.row_of_execution(connection, execution_name)
    return row.state.execution if row else None


def claim_unsettled(connection: psycopg.Connection, idle: timedelta, most: int) -> tuple[UploadState, ...]:
    """Give uploads without a verdict that nothing has happened to for so long."""
    claimed = connection.execute(_CLAIM_UNSETTLED, {"idle": idle, "most": most}).fetchall()
    return tuple(upload_rows.states(connection, [upload_id for (upload_id,) in claimed]).values())


def sweep_marker(connection: psycopg.Connection) -> str:
    """Give the object key behind which a sweep through the bucket goes on."""
    (key,) = connection.execute(_LAST_SWEPT).fetchone() or (None,)
    return str(key)


def save_sweep_marker(connection: psycopg.Connection, key: str) -> None:
    """Keep the object key behind which the next sweep goes on."""
    connection.execute(_KEEP_SWEPT, {"key": key})
