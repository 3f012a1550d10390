"""Ending attempts with their verdicts, within a transaction of the caller's."""

import psycopg
from psycopg.types.json import Jsonb

from chalicelib import codec
from chalicelib.errors import AttemptSettled, AttemptSuperseded, TransitionIllegal, UploadNotFound
from chalicelib.postgres import upload_rows
from chalicelib.uploads.lifecycle import EXECUTION, Cause, Status, predecessors
from chalicelib.uploads.messages import StatusUpdate, Verdict
from chalicelib.validation import FILE, Fault

_RECORD_VERDICT = """
    UPDATE csv_uploads
       SET status = %(status)s, row_count = %(row_count)s, error_count = %(error_count)s, errors = %(errors)s,
           actor = %(actor)s, reason = %(reason)s, updated_at = now()
     WHERE upload_id = %(upload_id)s
       AND execution_name = %(execution_name)s
       AND status = ANY(%(predecessors)s)
    RETURNING status
"""


def settle(connection: psycopg.Connection, execution_name: str, fault: Fault, cause: Cause) -> Verdict | None:
    """Give VALIDATION_FAILED, with that fault of the file, to the attempt of an execution that will not."""
    row = upload_rows.row_of_execution(connection, execution_name)
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
    return upload_rows.verdict(connection, execution_name) if moved else None


def record_verdict(connection: psycopg.Connection, update: StatusUpdate) -> Verdict:
    """Move the upload to its verdict and give what is on record then."""
    if not _move_to_verdict(connection, update, Cause(actor=EXECUTION)):
        _expect_recorded(connection, update)
    return upload_rows.verdict(connection, update.execution_name)


def _expect_recorded(connection: psycopg.Connection, update: StatusUpdate) -> None:
    """Make sure that the execution has recorded this very verdict before; raises what is the matter if not."""
    row = upload_rows.rows(connection, [update.upload_id]).get(update.upload_id)
    if row is None:
        raise UploadNotFound(f"there is no upload {update.upload_id}")
    present = row.state
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
