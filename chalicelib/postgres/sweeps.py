"""Which uploads a sweep looks at, and how far it has come through the bucket."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from psycopg import Connection

from chalicelib.postgres import rows
from chalicelib.postgres.database import Repository, transaction
from chalicelib.uploads import ports
from chalicelib.uploads.attempts import UploadState

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

_MARKER = "SELECT object_key FROM csv_sweep"
_SAVE_MARKER = "UPDATE csv_sweep SET object_key = %(key)s"


class PostgresSweeps(Repository, ports.Sweeps):
    """Keeps in `csv_uploads` when each upload was last swept, and in `csv_sweep` the marker."""

    @transaction
    def claim_unsettled(self, connection: Connection, *, idle: timedelta, most: int) -> tuple[UploadState, ...]:
        claimed = connection.execute(_CLAIM_UNSETTLED, {"idle": idle, "most": most}).fetchall()
        return tuple(rows.states(connection, [upload_id for (upload_id,) in claimed]).values())

    @transaction
    def states(self, connection: Connection, upload_ids: Collection[str]) -> Mapping[str, UploadState]:
        return rows.states(connection, upload_ids)

    @transaction
    def sweep_marker(self, connection: Connection) -> str:
        (key,) = connection.execute(_MARKER).fetchone() or (None,)
        return str(key)

    @transaction
    def save_sweep_marker(self, connection: Connection, key: str) -> None:
        connection.execute(_SAVE_MARKER, {"key": key})
