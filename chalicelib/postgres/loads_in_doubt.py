"""Loads into another database that may have been committed: recorded before the commit, decided after a crash.

Two databases cannot commit at once. Assay's records that the load is in doubt, with the verdict that it leads to, and
commits that. Then the target is committed: this decides. Then the verdict is recorded, and the doubt removed. While a
load is in doubt, a trigger refuses to end or replace its attempt. After a crash, whether `_assay_loads` in the target
names the attempt says which verdict is right.
"""

from typing import Any, Self

from attrs import frozen
from psycopg import Connection, errors
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from chalicelib import codec
from chalicelib.loading.table import LOADS, Table
from chalicelib.postgres import rows, verdicts
from chalicelib.uploads.loads import Loaded
from chalicelib.uploads.messages import StatusUpdate, Verdict

_MARK = """
    UPDATE csv_uploads
       SET load_in_doubt = %(doubt)s
     WHERE execution_name = %(execution_name)s
       AND status = 'VALIDATING'
"""
_FIND = "SELECT load_in_doubt FROM csv_uploads WHERE execution_name = %(execution_name)s"
_REMOVE = """
    UPDATE csv_uploads
       SET load_in_doubt = NULL
     WHERE execution_name = %(execution_name)s
       AND load_in_doubt IS NOT NULL
    RETURNING upload_id
"""
_SET_LOADED = """
    UPDATE csv_uploads
       SET loaded_rows = %(row_count)s, loaded_table = %(table)s
     WHERE execution_name = %(execution_name)s
"""
# Waits for a transaction that has begun to load this upload.
_AWAIT_LOADER = SQL(
    """
    INSERT INTO {loads} (table_name, upload_id, attempt, arrival, execution_name, mode, row_count)
    VALUES (%(table_name)s, %(upload_id)s, 0, 0, '', '', 0)
    ON CONFLICT (table_name, upload_id) DO UPDATE SET attempt = {loads}.attempt
    RETURNING execution_name
    """
)


@frozen(kw_only=True)
class LoadInDoubt:
    """A load whose commit may have been lost, as the column `load_in_doubt` keeps it."""

    update: StatusUpdate
    """The verdict that it leads to."""
    table_schema: str
    table_name: str
    table: str
    """The table's name as messages show it."""
    rows: int

    @classmethod
    def of(cls, update: StatusUpdate, table: Table, loaded: Loaded) -> Self:
        """Return the record of a load that is about to be committed."""
        return cls(
            update=update, table_schema=table.schema, table_name=table.name, table=loaded.table, rows=loaded.rows
        )

    @property
    def loaded(self) -> Loaded:
        """What the load did, if it was committed."""
        return Loaded(rows=self.rows, table=self.table)

    def was_committed(self, target: Connection) -> bool:
        """Return whether the target has this load; its record stays locked until the caller's transaction ends."""
        statement = _AWAIT_LOADER.format(loads=Identifier(self.table_schema, LOADS))
        try:
            found = target.execute(statement, {"table_name": self.table_name, "upload_id": self.update.upload_id})
        except errors.UndefinedTable:
            return False
        return found.fetchone() == (self.update.execution_name,)


def mark(connection: Connection, doubt: LoadInDoubt) -> bool:
    """Record that a load is in doubt; return False if its verdict is recorded already.

    Raises AttemptSuperseded or AttemptSettled if the attempt can have no verdict any more.
    """
    parameters = {"doubt": Jsonb(codec.unstructure(doubt)), "execution_name": doubt.update.execution_name}
    if connection.execute(_MARK, parameters).rowcount:
        return True
    verdicts.expect_recorded(connection, doubt.update)
    return False


def find(connection: Connection, execution_name: str) -> LoadInDoubt | None:
    """Return the load of an execution that is in doubt, if it is."""
    (found,) = connection.execute(_FIND, {"execution_name": execution_name}).fetchone() or (None,)
    return None if found is None else codec.structure(found, LoadInDoubt)


def remove(connection: Connection, execution_name: str) -> bool:
    """Remove the record of a load in doubt, and return whether there was one."""
    return connection.execute(_REMOVE, {"execution_name": execution_name}).fetchone() is not None


def record_loaded(connection: Connection, update: StatusUpdate, loaded: Loaded) -> None:
    """Record the verdict of an execution, and what it loaded."""
    verdicts.record(connection, update)
    parameters: dict[str, Any] = {"row_count": loaded.rows, "table": loaded.table}
    connection.execute(_SET_LOADED, parameters | {"execution_name": update.execution_name})


def decide(connection: Connection, doubt: LoadInDoubt, target: Connection) -> Verdict | None:
    """Record the verdict if the target has the load, and remove the doubt; return the verdict.

    The caller holds a transaction on each connection, and ends the target's last.
    """
    committed = doubt.was_committed(target)
    name = doubt.update.execution_name
    if not (remove(connection, name) and committed):
        return None
    record_loaded(connection, doubt.update, doubt.loaded)
    return rows.verdict(connection, name)
