"""Loading accepted rows, and recording the verdict with them.

One transaction in the target database removes what the rows replace, copies them, and records the load in the table
`_assay_loads` beside theirs. The verdict is recorded in the same transaction if the target is Assay's own database. In
another database, the load is in doubt until both have committed (`loads_in_doubt`). So no attempt that was superseded
or settled leaves rows, and VALIDATED means that the rows are there.

Locks, in this order: the table's name (shared to append, exclusive to replace or merge), the upload in `_assay_loads`,
the upload's row. The last is held for milliseconds only, so that no newer object waits for a COPY.
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import frozen
from psycopg import Connection, Cursor
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from chalicelib.errors import AttemptSuperseded, LoadInconsistent
from chalicelib.loading.table import LOADS, ROW, UPLOAD_ID
from chalicelib.postgres import load_errors, loads_in_doubt, verdicts
from chalicelib.postgres.database import connect
from chalicelib.postgres.dsn import Dsn
from chalicelib.postgres.loads_in_doubt import LoadInDoubt
from chalicelib.postgres.tables import expect_table
from chalicelib.uploads import ports
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.loads import Lines, Loaded, Loads, PlannedLoad, RowSource
from chalicelib.uploads.messages import StatusUpdate, Verdict
from chalicelib.validation.schema.dataset_options import LoadMode

_SET_LIMITS = """
    SELECT set_config('statement_timeout', '840s', true),
           set_config('lock_timeout', '60s', true),
           set_config('idle_in_transaction_session_timeout', '60s', true),
           -- The server asks whether the worker is alive: one that is frozen or cut off must not keep its locks.
           set_config('tcp_keepalives_idle', '10', true),
           set_config('tcp_keepalives_interval', '5', true),
           set_config('tcp_keepalives_count', '2', true),
           set_config('TimeZone', 'UTC', true),
           set_config('DateStyle', 'ISO', true)
"""
_SET_SHORT_LIMITS = """
    SELECT set_config('statement_timeout', '10s', true),
           set_config('lock_timeout', '5s', true),
           set_config('idle_in_transaction_session_timeout', '15s', true)
"""

_LOCK_TABLE = SQL("SELECT pg_advisory_xact_lock(hashtextextended(%(lock)s, 1095979841))")
_SHARE_TABLE = SQL("SELECT pg_advisory_xact_lock_shared(hashtextextended(%(lock)s, 1095979841))")
_PREPARE = SQL(
    """
    INSERT INTO {loads} (table_name, upload_id, attempt, arrival, execution_name, mode, row_count)
    VALUES (%(table_name)s, %(upload_id)s, 0, 0, '', %(mode)s, 0)
    ON CONFLICT (table_name, upload_id) DO NOTHING
    """
)
_FENCE = SQL(
    """
    SELECT attempt, row_count
      FROM {loads}
     WHERE table_name = %(table_name)s AND upload_id = %(upload_id)s
       FOR UPDATE
    """
)
_IS_OVERTAKEN = SQL(
    """
    SELECT EXISTS (SELECT
                     FROM {loads}
                    WHERE table_name = %(table_name)s AND upload_id <> %(upload_id)s AND arrival > %(arrival)s)
    """
)
_RECORD = SQL(
    """
    UPDATE {loads}
       SET attempt = %(attempt)s, arrival = %(arrival)s, execution_name = %(execution_name)s, mode = %(mode)s,
           row_count = %(row_count)s, content_sha256 = %(content_sha256)s, schema_sha256 = %(schema_sha256)s,
           loaded_at = now()
     WHERE table_name = %(table_name)s AND upload_id = %(upload_id)s
    """
)
_EMPTY_OTHERS = SQL("UPDATE {loads} SET row_count = 0 WHERE table_name = %(table_name)s AND upload_id <> %(upload_id)s")
_DELETE_OWN = SQL("DELETE FROM {table} WHERE {id} = %(upload_id)s")
_DELETE_ALL = SQL("DELETE FROM {table}")
_STAGE = SQL("CREATE TEMPORARY TABLE assay_stage ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA")
_MERGE = SQL(
    """
    INSERT INTO {table} AS present ({columns})
    SELECT {columns} FROM pg_temp.assay_stage
    ON CONFLICT ({key}) DO UPDATE SET {assignments}
     WHERE coalesce((SELECT arrival FROM {loads} AS other
                      WHERE other.table_name = %(table_name)s AND other.upload_id = present.{id}), 0) <= %(arrival)s
    """
)
_COPY = SQL(
    "COPY {table} ({columns}) FROM STDIN (FORMAT csv, DELIMITER {delimiter}, QUOTE {quote}, NULL {null}{force})"
)
_CHECK_DEFERRED = "SET CONSTRAINTS ALL IMMEDIATE"
"""Lets a deferred constraint refuse a row before the load is in doubt."""

_STATE = """
    SELECT attempt, arrival, status, loaded_rows, loaded_table
      FROM csv_uploads
     WHERE execution_name = %(execution_name)s
"""


@frozen(kw_only=True)
class PostgresLoads(Loads, ports.LoadsInDoubt):
    """Loads rows into Assay's own database, or into another one."""

    assay: Dsn
    target: Dsn | None = None
    """None if rows go to Assay's own database."""
    connect: Callable[[str], Connection] = connect
    """Opens a connection in autocommit mode."""

    def load(self, load: PlannedLoad, update: StatusUpdate, rows: RowSource) -> Loaded:
        with load_errors.translated(load.table.written), self.connect(self.assay()) as own:
            self._decide(own, load.execution_name)
            attempt = _Attempt.of(own, update)
            if attempt.loaded is not None:
                return attempt.loaded
            if self.target is None:
                with own.transaction():
                    loaded = _Load(own, load, attempt).run(rows)
                    loads_in_doubt.record_loaded(own, update, loaded)
                    return loaded
            with self._opened(self.target) as target:
                loaded = _Load(target, load, attempt).run(rows)
                target.execute(_CHECK_DEFERRED)
                _commit_both(own, target, LoadInDoubt.of(update, load.table, loaded))
                return loaded

    def decide(self, execution_name: str) -> Verdict | None:
        with load_errors.translated(LOADS), self.connect(self.assay()) as own:
            return self._decide(own, execution_name)

    def _decide(self, own: Connection, execution_name: str) -> Verdict | None:
        doubt = loads_in_doubt.find(own, execution_name) if self.target else None
        if doubt is None or self.target is None:
            return None
        with self._opened(self.target) as target:
            target.execute(_SET_SHORT_LIMITS)
            with own.transaction():
                own.execute(_SET_SHORT_LIMITS)
                verdict = loads_in_doubt.decide(own, doubt, target)
            target.rollback()
            return verdict

    def _opened(self, dsn: Dsn) -> Connection:
        """Open a connection whose first statement begins a transaction."""
        connection = self.connect(dsn())
        connection.autocommit = False
        return connection


def _commit_both(own: Connection, target: Connection, doubt: LoadInDoubt) -> None:
    """Commit the rows, and record their verdict; a crash between the two leaves the load in doubt."""
    with own.transaction():
        own.execute(_SET_SHORT_LIMITS)
        is_wanted = loads_in_doubt.mark(own, doubt)
    if not is_wanted:
        target.rollback()
        return
    with own.transaction():
        own.execute(_SET_SHORT_LIMITS)
        loads_in_doubt.remove(own, doubt.update.execution_name)
        loads_in_doubt.record_loaded(own, doubt.update, doubt.loaded)
        # Last, so that a newer object waits for both commits, and does not fail.
        target.commit()


@frozen(kw_only=True)
class _Attempt:
    """The attempt of an execution."""

    number: int
    arrival: int
    loaded: Loaded | None
    """What it has loaded, if its verdict is recorded."""

    @classmethod
    def of(cls, connection: Connection, update: StatusUpdate) -> "_Attempt":
        """Read the attempt; raises AttemptSuperseded or AttemptSettled if it can have no verdict any more."""
        with connection.transaction():
            connection.execute(_SET_SHORT_LIMITS)
            row = connection.execute(_STATE, {"execution_name": update.execution_name}).fetchone()
            if row is None or row[2] != Status.VALIDATING:
                verdicts.expect_recorded(connection, update)
        if row is None:
            raise AttemptSuperseded(f"{update.execution_name} is not the current attempt at its upload")
        number, arrival, status, rows, table = row
        loaded = None if status == Status.VALIDATING else Loaded(rows=rows or 0, table=table or "")
        return cls(number=number, arrival=arrival or 0, loaded=loaded)


@frozen
class _Load:
    """The load of one attempt, in a transaction of the caller's."""

    connection: Connection
    load: PlannedLoad
    attempt: _Attempt

    def run(self, rows: RowSource) -> Loaded:
        """Copy the rows, in place of those that they replace; raises AttemptSuperseded if a newer attempt did."""
        self.connection.execute(_SET_LIMITS)
        table = self.load.table
        self._execute(_SHARE_TABLE if table.mode is LoadMode.APPEND else _LOCK_TABLE)
        lines = rows.lines(expect_table(self.connection, table))
        self._execute(_PREPARE)
        earlier, present = self._execute(_FENCE).fetchone() or (0, 0)
        if earlier > self.attempt.number:
            raise AttemptSuperseded(f"attempt {earlier} at upload {self.load.upload_id} has loaded its rows before")
        if table.mode is LoadMode.REPLACE:
            if (self._execute(_IS_OVERTAKEN).fetchone() or (False,))[0]:
                self._execute(_RECORD, row_count=0)
                return Loaded(rows=0, table=table.written)
            self._execute(_DELETE_ALL)
            self._execute(_EMPTY_OTHERS)
        elif present:
            self._execute(_DELETE_OWN)
        merges = table.mode is LoadMode.UPSERT
        count = self._merge(lines) if merges else self._copy(lines, Identifier(table.schema, table.name))
        self._execute(_RECORD, row_count=count)
        return Loaded(rows=count, table=table.written)

    def _merge(self, lines: Lines) -> int:
        """Copy the lines beside the table, and merge them by its primary key."""
        names = _names(lines)
        self._execute(_STAGE, columns=_joined(names))
        self._copy(lines, Identifier("assay_stage"))
        assigned = [SQL("{0} = EXCLUDED.{0}").format(name) for name in names]
        merged = self._execute(
            _MERGE,
            columns=_joined(names),
            key=_joined(map(Identifier, self.load.table.primary_key)),
            assignments=_joined([*assigned, SQL("_loaded_at = now()")]),
        )
        return merged.rowcount

    def _copy(self, lines: Lines, table: Composable) -> int:
        """Copy the lines, and return their number; raises LoadInconsistent if PostgreSQL counts others."""
        expected = 0
        with self.connection.cursor() as cursor:
            with cursor.copy(copy_statement(lines, table)) as copy:
                for block, count in lines.blocks():
                    copy.write(block)
                    expected += count
            copied = cursor.rowcount
        if copied != expected or expected != self.load.expected_rows:
            raise LoadInconsistent(
                f"{copied} rows were copied and {expected} sent, where {self.load.expected_rows} were accepted"
            )
        return copied

    def _execute(self, statement: SQL, /, **more: Any) -> Cursor[Any]:
        """Run a statement; what is composable among its arguments is a part of it, and the others are parameters."""
        table, load = self.load.table, self.load
        parts: dict[str, Composable] = {
            "loads": Identifier(table.schema, LOADS),
            "table": Identifier(table.schema, table.name),
            "id": Identifier(UPLOAD_ID),
        }
        parts |= {name: value for name, value in more.items() if isinstance(value, Composable)}
        parameters = {
            "lock": f"{table.schema}.{table.name}",
            "table_name": table.name,
            "upload_id": load.upload_id,
            "attempt": self.attempt.number,
            "arrival": self.attempt.arrival,
            "execution_name": load.execution_name,
            "mode": table.mode,
            "content_sha256": load.content_sha256,
            "schema_sha256": load.schema_sha256,
            **more,
        }
        return self.connection.execute(statement.format(**parts), parameters)


def copy_statement(lines: Lines, table: Composable) -> Composed:
    """Return the COPY that reads these lines into a table."""
    form = lines.form
    force = SQL(", FORCE_NULL ({})").format(_joined(_names(lines))) if form.null == "" else SQL("")
    return _COPY.format(
        table=table,
        columns=_joined(_names(lines)),
        delimiter=Literal(form.delimiter),
        quote=Literal(form.quote),
        null=Literal(form.null),
        force=force,
    )


def _names(lines: Lines) -> list[Identifier]:
    return [Identifier(name) for name in (UPLOAD_ID, ROW, *lines.names)]


def _joined(parts: Iterable[Composable]) -> Composable:
    return SQL(", ").join(parts)
