"""The tables that rows are loaded into, as PostgreSQL's catalog describes them."""

from psycopg import Connection, errors

from chalicelib.errors import LoadForbidden, TableUnfit
from chalicelib.loading import ddl
from chalicelib.loading.table import LOADS, ActualColumn, ActualTable, Table
from chalicelib.postgres.database import connect
from chalicelib.postgres.dsn import Dsn
from chalicelib.validation.schema.dataset_options import LoadMode

_EXISTS = "SELECT to_regclass(%(table)s)::oid, to_regclass(%(loads)s)::oid, current_user"
_COLUMNS = """
    SELECT attname, format_type(atttypid, atttypmod), attnotnull, atthasdef OR attidentity <> ''
      FROM pg_attribute
     WHERE attrelid = %(table)s AND attnum > 0 AND NOT attisdropped
     ORDER BY attnum
"""
_UNIQUE = """
    SELECT (SELECT array_agg(attname::text)
              FROM pg_attribute
             WHERE attrelid = indrelid AND attnum = ANY((indkey::int2[])[0:indnkeyatts - 1]))
      FROM pg_index
     WHERE indrelid = %(table)s AND indisunique AND indpred IS NULL AND indexprs IS NULL AND indisvalid
"""
_LACKING = """
    SELECT privilege || ' on ' || relation::regclass
      FROM (SELECT unnest(%(rights)s::text[]) AS privilege, %(table)s::oid AS relation
            UNION ALL
            SELECT unnest('{SELECT,INSERT,UPDATE}'::text[]), %(loads)s::oid) AS needed
     WHERE NOT has_table_privilege(relation, privilege)
"""
_RIGHTS = {
    LoadMode.APPEND: ["SELECT", "INSERT", "DELETE"],
    LoadMode.REPLACE: ["SELECT", "INSERT", "DELETE"],
    LoadMode.UPSERT: ["SELECT", "INSERT", "UPDATE", "DELETE"],
}
"""What each mode needs of the table."""


def expect_table(connection: Connection, table: Table) -> ActualTable:
    """Return the table of a dataset; raises TableUnfit if there is none or it does not fit, and LoadForbidden."""
    names = {"table": ddl.qualified(table.schema, table.name), "loads": ddl.qualified(table.schema, LOADS)}
    oid, loads, user = connection.execute(_EXISTS, names).fetchone() or (None, None, "")
    for found, name in ((oid, table.name), (loads, LOADS)):
        if found is None:
            raise TableUnfit(
                f"there is no table {name} in the schema {table.schema}, or {user} may not see it: "
                f"create it by `python -m chalicelib.operations table`, then replay the upload"
            )
    found = {"table": oid, "loads": loads, "rights": _RIGHTS[table.mode]}
    lacking = [privilege for (privilege,) in connection.execute(_LACKING, found)]
    if lacking:
        raise LoadForbidden(f"{user} lacks {', '.join(lacking)}: grant it, then replay the upload")
    actual = ActualTable(
        columns=tuple(
            ActualColumn(name=name, type=kind, not_null=not_null, has_default=has_default)
            for name, kind, not_null, has_default in connection.execute(_COLUMNS, found)
        ),
        unique=tuple(frozenset(columns) for (columns,) in connection.execute(_UNIQUE, found)),
    )
    table.expect_fit(actual)
    return actual


def create_table(dsn: Dsn, table: Table) -> bool:
    """Create the table of a dataset, and return whether there was none; raises TableUnfit if it exists and differs."""
    with connect(dsn()) as connection, connection.transaction():
        names = {"table": ddl.qualified(table.schema, table.name), "loads": ddl.qualified(table.schema, LOADS)}
        oid, _, user = connection.execute(_EXISTS, names).fetchone() or (None, None, "")
        wanted = [ddl.loads_statement(table.schema)] if oid else list(ddl.statements(table))
        try:
            for statement in wanted:
                connection.execute(statement.encode())
        except errors.InsufficientPrivilege as error:
            raise LoadForbidden(f"{user}: {error.diag.message_primary}") from None
        except (errors.InvalidSchemaName, errors.ProgramLimitExceeded) as error:
            raise TableUnfit(f"the table {table.written} cannot be created: {error.diag.message_primary}") from None
        expect_table(connection, table)
        return oid is None
