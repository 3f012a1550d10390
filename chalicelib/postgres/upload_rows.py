"""Reading what PostgreSQL knows of uploads: rows as the domain's values, within a transaction of the caller's."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from attrs import frozen
from psycopg.rows import dict_row
from psycopg.sql import SQL

from chalicelib import codec
from chalicelib.errors import AttemptSuperseded, UploadNotFound
from chalicelib.uploads import read_models
from chalicelib.uploads.attempts import ObjectCreated, UploadState
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.messages import Verdict
from chalicelib.uploads.read_models import Transition, Upload
from chalicelib.validation import ValidationError

_ROWS = """
    SELECT upload_id, status, attempt, bucket, object_key, version_id, etag, sequencer, execution_name,
           announced, restarts, actor
      FROM csv_uploads
     WHERE upload_id = ANY(%(upload_ids)s)
"""

_ROW_OF_EXECUTION = """
    SELECT upload_id, status, attempt, bucket, object_key, version_id, etag, sequencer, execution_name,
           announced, restarts, actor
      FROM csv_uploads
     WHERE execution_name = %(execution_name)s
       FOR UPDATE
"""
"""Nobody else moves the upload until the transaction ends: what is decided by the row is still so when it is done."""

_FIND = """
    SELECT upload_id, owner, bucket, object_key, filename, schema_name, status, attempt, execution_name,
           row_count, error_count, errors, created_at, updated_at
      FROM csv_uploads
     WHERE upload_id = %(upload_id)s
"""

IS_SYSTEM_FAILURE = SQL("""errors @> '[{"code": "system-error"}]'""")
"""Whether a verdict says no more than that the file could not be checked; such an error is the only one."""

_VERDICT = SQL(
    """
    SELECT upload_id, owner, bucket, object_key AS key, filename, status, attempt, execution_name,
           {is_system_failure} AS system_failure,
           row_count, error_count, actor, updated_at AS occurred_at,
           (SELECT min(step.occurred_at)
              FROM csv_upload_transitions AS step
             WHERE step.upload_id = csv_uploads.upload_id
               AND step.attempt = csv_uploads.attempt AND step.to_status = 'VALIDATING') AS began_at
      FROM csv_uploads
     WHERE execution_name = %(execution_name)s
    """
).format(is_system_failure=IS_SYSTEM_FAILURE)

_TRANSITIONS = """
    SELECT attempt, execution_name, from_status, to_status, row_count, error_count, actor, reason, occurred_at
      FROM csv_upload_transitions
     WHERE upload_id = %(upload_id)s AND attempt > %(after)s
     ORDER BY transition_id
"""

MAX_ATTEMPTS = 100
"""Of so many an upload tells, the latest: with the longest reasons that is a quarter of what Lambda answers with."""


@frozen(kw_only=True)
class UploadRow:
    """An upload's row, as far as what may be done with it depends on it."""

    state: UploadState
    announced: bool
    restarts: int
    actor: str

    @property
    def is_validating(self) -> bool:
        """Whether a verdict is still to come."""
        return self.state.status is Status.VALIDATING


def states(connection: psycopg.Connection, upload_ids: Sequence[str]) -> Mapping[str, UploadState]:
    """Tell where uploads stand; those without a row are left out."""
    return {upload_id: row.state for upload_id, row in rows(connection, upload_ids).items()}


def row_of_execution(connection: psycopg.Connection, execution_name: str) -> UploadRow | None:
    """Give the row of the upload whose present attempt is that execution, and keep it from changing."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_ROW_OF_EXECUTION, {"execution_name": execution_name}).fetchone()
    return _upload_row(found) if found else None


def rows(connection: psycopg.Connection, upload_ids: Sequence[str]) -> Mapping[str, UploadRow]:
    """Give the rows of uploads by their ids; those that there are."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_ROWS, {"upload_ids": list(upload_ids)}).fetchall()
    return {row["upload_id"]: _upload_row(row) for row in found}


def _upload_row(row: dict[str, Any]) -> UploadRow:
    created = ObjectCreated(
        bucket=row["bucket"],
        key=row["object_key"],
        version_id=row["version_id"],
        etag=row["etag"] or "",
        sequencer=row["sequencer"] or "",
    )
    state = UploadState(
        upload_id=row["upload_id"],
        status=Status(row["status"]),
        number=row["attempt"],
        created=created,
        execution_name=row["execution_name"],
    )
    return UploadRow(state=state, announced=row["announced"], restarts=row["restarts"], actor=row["actor"])


def transitions(connection: psycopg.Connection, upload_id: str, *, after: int = -1) -> tuple[Transition, ...]:
    """Give the steps that an upload has taken after the attempt of that number, the first one first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_TRANSITIONS, {"upload_id": upload_id, "after": after}).fetchall()
    return tuple(Transition(**row) for row in found)


def verdict(connection: psycopg.Connection, execution_name: str) -> Verdict:
    """Give the verdict of the present attempt of that name, which has one; raises AttemptSuperseded if it is no more.

    It can be replaced between two statements of a transaction that has not moved it itself.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_VERDICT, {"execution_name": execution_name}).fetchone()
    if row is None:
        raise AttemptSuperseded(f"{execution_name} is not the present attempt at its upload")
    return Verdict(**row)


def find(connection: psycopg.Connection, upload_id: str) -> Upload:
    """Give what is known of an upload; raises UploadNotFound."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_FIND, {"upload_id": upload_id}).fetchone()
    if row is None:
        raise UploadNotFound(f"there is no upload {upload_id}")
    steps = transitions(connection, upload_id, after=row["attempt"] - MAX_ATTEMPTS)
    return Upload(
        **{name: value for name, value in row.items() if name not in {"object_key", "schema_name", "status", "errors"}},
        key=row["object_key"],
        schema=row["schema_name"],
        status=Status(row["status"]),
        errors=codec.structure(row["errors"], tuple[ValidationError, ...]),
        attempts=read_models.attempts(steps),
        timeline=read_models.timeline(steps),
    )
