"""Ending attempts with their verdicts."""

from psycopg import Connection
from psycopg.types.json import Jsonb

from chalicelib import codec
from chalicelib.errors import AttemptSettled, AttemptSuperseded, TransitionIllegal, UploadNotFound
from chalicelib.postgres import rows
from chalicelib.postgres.database import Repository, transaction
from chalicelib.uploads import ports
from chalicelib.uploads.lifecycle import EXECUTION, Cause, Status, predecessors
from chalicelib.uploads.messages import StatusUpdate, Verdict
from chalicelib.validation.report import FILE, Fault

_RECORD_VERDICT = """
    UPDATE csv_uploads
       SET status = %(status)s, row_count = %(row_count)s, error_count = %(error_count)s, errors = %(errors)s,
           validated_schema = %(schema)s, unchecked = %(unchecked)s, rejected_rows = %(rejected_rows)s,
           content_sha256 = %(content_sha256)s, schema_sha256 = %(schema_sha256)s,
           actor = %(actor)s, reason = %(reason)s, updated_at = greatest(clock_timestamp(), updated_at)
     WHERE upload_id = %(upload_id)s
       AND execution_name = %(execution_name)s
       AND status = ANY(%(predecessors)s)
    RETURNING status
"""
_HAS_LOAD_IN_DOUBT = """
    SELECT load_in_doubt IS NOT NULL
      FROM csv_uploads
     WHERE execution_name = %(execution_name)s
"""


class PostgresVerdicts(Repository, ports.Verdicts):
    """Records the verdicts of current attempts."""

    @transaction
    def record_verdict(self, connection: Connection, update: StatusUpdate) -> Verdict:
        record(connection, update)
        return rows.verdict(connection, update.execution_name)

    @transaction
    def settle(self, connection: Connection, execution_name: str, fault: Fault, cause: Cause) -> Verdict | None:
        row = rows.of_execution(connection, execution_name)
        if row is None:
            return None
        update = StatusUpdate(
            upload_id=row.state.upload_id,
            status=Status.VALIDATION_FAILED,
            execution_name=execution_name,
            error_count=1,
            errors=(fault.at(column=FILE),),
        )
        moved = _move_to_verdict(connection, update, cause)
        return rows.verdict(connection, execution_name) if moved else None

    @transaction
    def has_load_in_doubt(self, connection: Connection, execution_name: str) -> bool:
        return connection.execute(_HAS_LOAD_IN_DOUBT, {"execution_name": execution_name}).fetchone() == (True,)


def record(connection: Connection, update: StatusUpdate) -> None:
    """Record the verdict of an execution, unless it has recorded the same before; raises the reason for a refusal."""
    if not _move_to_verdict(connection, update, Cause(actor=EXECUTION)):
        expect_recorded(connection, update)


def expect_recorded(connection: Connection, update: StatusUpdate) -> None:
    """Return if this execution has recorded this verdict before; raises the reason for the refusal otherwise."""
    row = rows.of_uploads(connection, [update.upload_id]).get(update.upload_id)
    if row is None:
        raise UploadNotFound(f"there is no upload {update.upload_id}")
    current = row.state
    if current.execution_name != update.execution_name:
        raise AttemptSuperseded(f"{update.execution_name} is not the current attempt at upload {update.upload_id}")
    if row.actor != EXECUTION:
        raise AttemptSettled(f"the attempt {update.execution_name} at upload {update.upload_id} has been settled")
    if current.status is not update.status:
        raise TransitionIllegal(f"upload {update.upload_id} cannot go from {current.status} to {update.status}")


def _move_to_verdict(connection: Connection, update: StatusUpdate, cause: Cause) -> bool:
    parameters = {
        "upload_id": update.upload_id,
        "execution_name": update.execution_name,
        "status": update.status,
        "row_count": update.row_count,
        "error_count": update.error_count,
        "errors": Jsonb(codec.unstructure(update.errors)),
        "schema": update.schema,
        "unchecked": Jsonb(update.unchecked),
        "rejected_rows": update.rejected_rows,
        "content_sha256": update.content_sha256,
        "schema_sha256": update.schema_sha256,
        "predecessors": list(predecessors(update.status)),
        "actor": cause.actor,
        "reason": cause.reason,
    }
    return connection.execute(_RECORD_VERDICT, parameters).fetchone() is not None
