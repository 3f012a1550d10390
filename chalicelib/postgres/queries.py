"""Reading uploads: one, a page of many, and their history."""

from collections.abc import Iterator
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed

from chalicelib.postgres import rows
from chalicelib.postgres.database import Repository, transaction
from chalicelib.uploads import ports
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.paging import UploadQuery
from chalicelib.uploads.read_models import Transition, Upload, UploadPage, UploadSummary

_LIST = SQL(
    """
    SELECT upload_id, owner, filename, {schema} AS schema, status, attempt, row_count, error_count, rejected_rows,
           {is_system_failure} AS system_failure, created_at, updated_at
      FROM csv_uploads
     WHERE {conditions}
     ORDER BY created_at DESC, upload_id DESC
     LIMIT %(one_more)s
    """
)
# The statement has only the conditions that are asked for, so that PostgreSQL uses the index for them.
_OWNER = SQL("owner = %(owner)s")
_OWNER_CONTAINS = SQL("position(lower(%(owner_contains)s) IN lower(owner)) > 0")
_FILENAME_CONTAINS = SQL("position(lower(%(filename_contains)s) IN lower(filename)) > 0")
_STATUS = SQL("status = %(status)s")
_AFTER = SQL("created_at >= %(created_after)s")
_BEFORE = SQL("created_at < %(created_before)s")
_BEHIND = SQL("(created_at, upload_id) < (%(position)s, %(upload_id)s)")
_ANY = SQL("true")


class PostgresQueries(Repository, ports.UploadQueries):
    """Reads uploads from the table `csv_uploads`, and their transitions from `csv_upload_transitions`."""

    @transaction
    def find(self, connection: Connection, upload_id: str) -> Upload:
        return rows.find(connection, upload_id)

    @transaction
    def page(self, connection: Connection, query: UploadQuery) -> UploadPage:
        parameters = {
            "owner": query.owner,
            "owner_contains": query.owner_contains,
            "filename_contains": query.filename_contains,
            "status": query.status,
            "created_after": query.created_after,
            "created_before": query.created_before,
            "position": query.after and query.after.created_at,
            "upload_id": query.after and query.after.upload_id,
            "one_more": query.limit + 1,
        }
        with connection.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(_statement(query), parameters).fetchall()
        uploads = tuple(map(_summary, found[: query.limit]))
        return UploadPage(uploads=uploads, next=str(uploads[-1].position) if len(found) > query.limit else None)

    @transaction
    def transitions(self, connection: Connection, upload_id: str) -> tuple[Transition, ...]:
        return rows.transitions(connection, upload_id)

    @transaction
    def ping(self, connection: Connection) -> None:
        connection.execute("SELECT 1")


def _statement(query: UploadQuery) -> Composed:
    conditions = SQL(" AND ").join([_ANY, *_conditions(query)])
    return _LIST.format(schema=rows.SCHEMA, is_system_failure=rows.IS_SYSTEM_FAILURE, conditions=conditions)


def _conditions(query: UploadQuery) -> Iterator[SQL]:
    asked = (
        (_OWNER, query.owner),
        (_OWNER_CONTAINS, query.owner_contains),
        (_FILENAME_CONTAINS, query.filename_contains),
        (_STATUS, query.status),
        (_AFTER, query.created_after),
        (_BEFORE, query.created_before),
        (_BEHIND, query.after),
    )
    return (condition for condition, value in asked if value is not None)


def _summary(row: dict[str, Any]) -> UploadSummary:
    return UploadSummary(**row | {"status": Status(row["status"])})
