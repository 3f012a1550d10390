"""The list of uploads, newest first, within a transaction of the caller's."""

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed

from chalicelib.postgres.upload_rows import IS_SYSTEM_FAILURE
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.paging import UploadQuery
from chalicelib.uploads.read_models import UploadPage, UploadSummary

_LIST = SQL(
    """
    SELECT upload_id, owner, filename, schema_name AS schema, status, attempt, row_count, error_count,
           {is_system_failure} AS system_failure, created_at, updated_at
      FROM csv_uploads
     WHERE {conditions}
     ORDER BY created_at DESC, upload_id DESC
     LIMIT %(one_more)s
    """
)
# Only those that are asked for are in the statement, so that PostgreSQL plans with the index that has them.
_OWNER = SQL("owner = %(owner)s")
_STATUS = SQL("status = %(status)s")
_AFTER = SQL("created_at >= %(created_after)s")
_BEFORE = SQL("created_at < %(created_before)s")
_BEHIND = SQL("(created_at, upload_id) < (%(position)s, %(upload_id)s)")
_ANY = SQL("true")


def page(connection: psycopg.Connection, query: UploadQuery) -> UploadPage:
    """Give the uploads that the query asks for, and where to go on."""
    parameters = {
        "owner": query.owner,
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


def _statement(query: UploadQuery) -> Composed:
    return _LIST.format(is_system_failure=IS_SYSTEM_FAILURE, conditions=SQL(" AND ").join([_ANY, *_conditions(query)]))


def _conditions(query: UploadQuery) -> Iterator[SQL]:
    asked = (
        (_OWNER, query.owner),
        (_STATUS, query.status),
        (_AFTER, query.created_after),
        (_BEFORE, query.created_before),
        (_BEHIND, query.after),
    )
    return (condition for condition, value in asked if value is not None)


def _summary(row: dict[str, Any]) -> UploadSummary:
    return UploadSummary(**row | {"status": Status(row["status"])})
