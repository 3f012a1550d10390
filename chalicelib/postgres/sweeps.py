"""The uploads that a sweep claims, and its position in the listing of the bucket."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from urllib.parse import quote, unquote

from psycopg import Connection

from chalicelib.postgres import rows
from chalicelib.postgres.database import Repository, transaction
from chalicelib.uploads import ports
from chalicelib.uploads.attempts import UploadState
from chalicelib.uploads.lifecycle import REGISTRATION_VALID_FOR

# Each claim reads from the start of a partial index of its own, whose expression must be the same.
_CLAIM_VALIDATING = """
    UPDATE csv_uploads
       SET swept_at = now()
     WHERE upload_id IN (
           SELECT upload_id
             FROM csv_uploads
            WHERE status = 'VALIDATING'
              AND greatest(swept_at, updated_at) <= now() - %(idle)s
            ORDER BY greatest(swept_at, updated_at)
            LIMIT %(most)s
              FOR UPDATE SKIP LOCKED)
    RETURNING upload_id
"""
_CLAIM_PENDING = """
    UPDATE csv_uploads
       SET swept_at = CASE WHEN created_at <= now() - %(valid_for)s THEN 'infinity' ELSE now() END
     WHERE upload_id IN (
           SELECT upload_id
             FROM csv_uploads
            WHERE status = 'PENDING'
              AND greatest(swept_at, updated_at) <= now() - %(idle)s
            ORDER BY greatest(swept_at, updated_at)
            LIMIT %(most)s
              FOR UPDATE SKIP LOCKED)
    RETURNING upload_id
"""
"""A registration that has expired is claimed once more, and never again."""

_MARKER = "SELECT object_key FROM csv_sweep"
_SAVE_MARKER = "UPDATE csv_sweep SET object_key = %(key)s"


class PostgresSweeps(Repository, ports.Sweeps):
    """Keeps in `csv_uploads` when each upload was last swept, and in `csv_sweep` the marker.

    The marker is URL-encoded: an object key may contain NUL, which PostgreSQL does not store.
    """

    @transaction
    def claim_without_verdict(self, connection: Connection, *, idle: timedelta, most: int) -> tuple[UploadState, ...]:
        claimed = connection.execute(_CLAIM_VALIDATING, {"idle": idle, "most": most}).fetchall()
        parameters = {"idle": idle, "most": most - len(claimed), "valid_for": REGISTRATION_VALID_FOR}
        claimed += connection.execute(_CLAIM_PENDING, parameters).fetchall()
        return tuple(rows.states(connection, [upload_id for (upload_id,) in claimed]).values())

    @transaction
    def states(self, connection: Connection, upload_ids: Collection[str]) -> Mapping[str, UploadState]:
        return rows.states(connection, upload_ids)

    @transaction
    def sweep_marker(self, connection: Connection) -> str:
        (marker,) = connection.execute(_MARKER).fetchone() or ("",)
        return unquote(marker, errors="surrogatepass")

    @transaction
    def save_sweep_marker(self, connection: Connection, key: str) -> None:
        connection.execute(_SAVE_MARKER, {"key": quote(key, errors="surrogatepass")})
