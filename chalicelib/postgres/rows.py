"""Rows of uploads as values of `uploads`, read within a transaction of the caller's."""

from collections.abc import Collection, Mapping
from typing import Any

from attrs import frozen
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.sql import SQL

from chalicelib import codec
from chalicelib.errors import AttemptSuperseded, UploadNotFound
from chalicelib.uploads import read_models
from chalicelib.uploads.attempts import ObjectCreated, UploadState
from chalicelib.uploads.lifecycle import REGISTRATION_VALID_FOR, Status
from chalicelib.uploads.messages import Verdict
from chalicelib.uploads.read_models import Transition, Upload
from chalicelib.validation.report import ValidationError

_ROW = """
    SELECT upload_id, status, attempt, bucket, object_key, version_id, etag, sequencer, execution_name,
           announced, restarts, actor
      FROM csv_uploads
"""
_OF_UPLOADS = _ROW + " WHERE upload_id = ANY(%(upload_ids)s)"
_OF_EXECUTION = _ROW + " WHERE execution_name = %(execution_name)s FOR UPDATE"
"""Locks the row, so that what is decided by it still holds when the transaction acts on it."""

SCHEMA = SQL("coalesce(validated_schema, schema_name)")
"""The schema that the file was validated against, or is registered for."""

_SAME_AS = SQL(
    """
    (SELECT earlier.upload_id
       FROM csv_uploads AS earlier
      WHERE earlier.content_sha256 = csv_uploads.content_sha256
        AND earlier.validated_schema = csv_uploads.validated_schema
        AND earlier.owner = csv_uploads.owner
        AND (earlier.created_at, earlier.upload_id) < (csv_uploads.created_at, csv_uploads.upload_id)
      ORDER BY earlier.created_at, earlier.upload_id
      LIMIT 1)
    """
)
"""The first upload with the same content and dataset. Uploads of other owners are not disclosed."""

_FIND = SQL(
    """
    SELECT upload_id, owner, bucket, object_key AS key, filename, {schema} AS schema, status, attempt, execution_name,
           row_count, error_count, errors, unchecked, rejected_rows, content_sha256, schema_sha256,
           {same_as} AS same_as, loaded_rows, loaded_table, created_at, updated_at
      FROM csv_uploads
     WHERE upload_id = %(upload_id)s
    """
).format(schema=SCHEMA, same_as=_SAME_AS)

IS_SYSTEM_FAILURE = SQL("""errors @> '[{"code": "system-error"}]'""")
"""Whether the verdict is a system failure; its error is then the only one."""

_VERDICT = SQL(
    """
    SELECT upload_id, owner, bucket, object_key AS key, filename, status, attempt, execution_name,
           {is_system_failure} AS system_failure,
           row_count, error_count, row_count - rejected_rows AS accepted_rows, rejected_rows,
           content_sha256, schema_sha256, loaded_rows, loaded_table,
           actor, updated_at AS occurred_at,
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
"""How many of its latest attempts an upload shows. With the longest reasons they take a quarter of Lambda's limit."""


@frozen(kw_only=True)
class UploadRow:
    """What decides which statement may change an upload."""

    state: UploadState
    announced: bool
    restarts: int
    actor: str

    @property
    def is_validating(self) -> bool:
        """Whether the current attempt has no verdict yet."""
        return self.state.status is Status.VALIDATING


def states(connection: Connection, upload_ids: Collection[str]) -> Mapping[str, UploadState]:
    """Return the states of uploads by upload id, without those that have no row."""
    return {upload_id: row.state for upload_id, row in of_uploads(connection, upload_ids).items()}


def of_execution(connection: Connection, execution_name: str) -> UploadRow | None:
    """Return and lock the row of the upload whose current attempt has that execution."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_OF_EXECUTION, {"execution_name": execution_name}).fetchone()
    return _upload_row(found) if found else None


def of_uploads(connection: Connection, upload_ids: Collection[str]) -> Mapping[str, UploadRow]:
    """Return the rows of uploads by upload id, without those that have none."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_OF_UPLOADS, {"upload_ids": list(upload_ids)}).fetchall()
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


def transitions(connection: Connection, upload_id: str, *, after: int = -1) -> tuple[Transition, ...]:
    """Return the transitions of an upload after the attempt of that number, in order."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_TRANSITIONS, {"upload_id": upload_id, "after": after}).fetchall()
    return tuple(Transition(**row) for row in found)


def verdict(connection: Connection, execution_name: str) -> Verdict:
    """Return the verdict of the current attempt with that execution, which has one.

    Raises AttemptSuperseded if it is no longer the current attempt: another transaction can replace it between two
    statements of one that has not changed the row itself.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_VERDICT, {"execution_name": execution_name}).fetchone()
    if row is None:
        raise AttemptSuperseded(f"{execution_name} is not the current attempt at its upload")
    return Verdict(**row)


def find(connection: Connection, upload_id: str) -> Upload:
    """Return an upload with its history; raises UploadNotFound."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_FIND, {"upload_id": upload_id}).fetchone()
    if row is None:
        raise UploadNotFound(f"there is no upload {upload_id}")
    steps = transitions(connection, upload_id, after=row["attempt"] - MAX_ATTEMPTS)
    status = Status(row["status"])
    errors = codec.structure(row["errors"], tuple[ValidationError, ...])
    found = row | {"status": status, "errors": errors, "unchecked": tuple(row["unchecked"])}
    return Upload(
        **found,
        expires_at=row["created_at"] + REGISTRATION_VALID_FOR if status is Status.PENDING else None,
        attempts=read_models.attempts(steps),
        timeline=read_models.timeline(steps),
    )
