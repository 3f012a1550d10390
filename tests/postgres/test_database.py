"""Connections: reused, replaced when they break, and limited in time."""

import traceback
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import psycopg
import pytest

from chalicelib.errors import DatabaseUnavailable, SettingsIncomplete, ValueUnstorable
from chalicelib.postgres.database import Database
from infra.local.ports import free_port, listen
from infra.local.postgres import PostgresServer

_PID = "SELECT pg_backend_pid()"


_HIT = "UPDATE rows SET hits = hits + 1 WHERE n = %s"
PATIENCE = 60.0
"""Seconds to wait for an event that must happen."""


def _pid(connection: psycopg.Connection) -> int:
    (pid,) = connection.execute(_PID).fetchone() or (0,)
    return int(pid)


def _terminate(dsn: str, pid: int) -> None:
    """End a connection as a restart of the server does, and wait until it is closed."""
    with psycopg.connect(dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def _raise(connection: psycopg.Connection, state: str) -> None:
    """Make PostgreSQL raise an error with this SQLSTATE."""
    connection.execute(f"DO $$BEGIN RAISE SQLSTATE '{state}'; END$$".encode())


def _traceback(error: BaseException) -> str:
    """Return the text of a traceback, without lines of code."""
    return "".join(traceback.format_exception(error, limit=0))


def test_connection_is_reused(database: Database) -> None:
    """A warm container connects once."""
    assert database.run(_pid) == database.run(_pid)


def test_connection_that_broke_while_idle_is_replaced(database: Database, dsn: str) -> None:
    """After a restart of the database, the next call reconnects and succeeds."""
    pid = database.run(_pid)
    _terminate(dsn, pid)
    assert pid != database.run(_pid)


def test_exception_rolls_back_the_transaction(database: Database) -> None:
    """A table that the transaction created does not exist afterwards."""

    def work(connection: psycopg.Connection) -> None:
        connection.execute("CREATE TABLE trace ()")
        raise LookupError

    with pytest.raises(LookupError):
        database.run(work)
    exists = database.run(lambda connection: connection.execute("SELECT to_regclass('trace')").fetchone())
    assert exists == (None,)


def test_unreachable_database_is_unavailable() -> None:
    """The message does not contain the password."""
    database = Database(lambda: f"postgresql://assay:hunter2@127.0.0.1:{free_port()}/assay")
    with pytest.raises(DatabaseUnavailable, match="cannot be reached") as refused:
        database.run(_pid)
    assert "hunter2" not in str(refused.value)


def test_restarted_database_is_used_again() -> None:
    """Calls raise DatabaseUnavailable while it is down, and succeed once it is up."""
    with PostgresServer() as server:
        database = Database(server.dsn)
        database.run(_pid)
        server.stop()
        with pytest.raises(DatabaseUnavailable):
            database.run(_pid)
        server.start()
        assert database.run(_pid) > 0
        database.close()


def test_transaction_is_repeated_if_its_connection_breaks(database: Database, dsn: str) -> None:
    """It is repeated once, on a new connection; its first run was rolled back."""
    tries = []

    def work(connection: psycopg.Connection) -> int:
        tries.append(_pid(connection))
        connection.execute("CREATE TABLE trace ()")
        if len(tries) == 1:
            _terminate(dsn, tries[0])
        return _pid(connection)

    assert database.run(work) == tries[1] != tries[0]


def test_transaction_is_repeated_only_once(database: Database, dsn: str) -> None:
    """Callers have time-outs of their own; the next call gets a new connection."""
    tries = []

    def work(connection: psycopg.Connection) -> None:
        tries.append(_pid(connection))
        _terminate(dsn, tries[-1])
        connection.execute("SELECT 1")

    with pytest.raises(DatabaseUnavailable, match="broke off"):
        database.run(work)
    assert len(tries) == 2
    assert database.run(_pid) not in tries


@pytest.mark.parametrize("state", ["40001", "40P01", "25006"])
def test_transaction_that_conflicts_with_another_is_repeated(database: Database, state: str) -> None:
    """The states: serialization failure, deadlock, and a server that became a replica; then a new connection helps."""
    tries = []

    def work(connection: psycopg.Connection) -> int:
        tries.append(_pid(connection))
        if len(tries) == 1:
            _raise(connection, state)
        return tries[-1]

    assert database.run(work) == tries[1]


def test_both_transactions_of_a_deadlock_succeed(dsn: str) -> None:
    """Two transactions lock the same rows in opposite order."""
    table = "CREATE TABLE rows AS SELECT n, 0 AS hits FROM generate_series(1, 2) AS n"
    with psycopg.connect(dsn) as connection:
        connection.execute(table)
    both_hold_one = Barrier(2)

    def hit(first: int) -> None:
        database = Database(lambda: dsn)
        meet = iter([both_hold_one.wait])

        def work(connection: psycopg.Connection) -> None:
            connection.execute(_HIT, (first,))
            next(meet, lambda _: None)(PATIENCE)
            connection.execute(_HIT, (3 - first,))

        database.run(work)
        database.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(hit, (1, 2)))
    with psycopg.connect(dsn) as connection:
        assert [(2,), (2,)] == connection.execute("SELECT hits FROM rows").fetchall()


@pytest.mark.parametrize("state", ["57014", "55P03", "25P03", "53300", "XX000"])
def test_exceeded_limits_are_unavailable_without_repetition(database: Database, state: str) -> None:
    """The states: cancelled, lock timeout, idle too long, too many connections, internal error."""
    tries = []

    def work(connection: psycopg.Connection) -> None:
        tries.append(_pid(connection))
        _raise(connection, state)

    with pytest.raises(DatabaseUnavailable, match="broke off"):
        database.run(work)
    assert len(tries) == 1


def test_statement_that_takes_too_long_is_cancelled(database: Database) -> None:
    """PostgreSQL's reason is in the message."""

    def work(connection: psycopg.Connection) -> None:
        connection.execute("SET LOCAL statement_timeout = 20")
        connection.execute("SELECT pg_sleep(60)")

    with pytest.raises(DatabaseUnavailable, match="statement timeout"):
        database.run(work)


def test_waiting_for_a_lock_is_limited(database: Database, dsn: str) -> None:
    """A lock timeout is not repeated, unlike a deadlock."""

    def work(connection: psycopg.Connection) -> None:
        connection.execute("SET LOCAL lock_timeout = 20")
        connection.execute("LOCK TABLE csv_uploads")

    with psycopg.connect(dsn) as other:
        other.execute("LOCK TABLE csv_uploads")
        with pytest.raises(DatabaseUnavailable, match="lock timeout"):
            database.run(work)


def test_time_limits_are_set_for_transactions_not_for_sessions(database: Database) -> None:
    """A proxy passes the session to other clients, which must not inherit the limits."""
    limits = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'), "
    limits += "current_setting('idle_in_transaction_session_timeout')"
    session = []

    def work(connection: psycopg.Connection) -> tuple[str, ...] | None:
        session.append(connection)
        return connection.execute(limits).fetchone()

    assert database.run(work) == ("10s", "5s", "15s")
    assert session[0].execute(limits).fetchone() == ("0", "0", "0")


def test_nothing_is_prepared_on_the_server(database: Database) -> None:
    """By default, psycopg prepares repeated statements, which proxies and poolers do not support."""

    def work(connection: psycopg.Connection) -> int:
        for number in range(20):
            connection.execute("SELECT %s::int + 1", (number,))
        (prepared,) = connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() or (None,)
        return int(prepared)

    assert database.run(work) == 0


def test_connecting_to_a_silent_server_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that accepts and never responds; behind a firewall it looks the same. The limit is 5 s."""
    waited = []
    connect = psycopg.connect

    def brief(dsn: str, **options: Any) -> psycopg.Connection:
        waited.append(options.pop("connect_timeout"))
        return connect(dsn, connect_timeout=2, **options)  # libpq's minimum

    monkeypatch.setattr(psycopg, "connect", brief)
    with listen(0) as silent, pytest.raises(DatabaseUnavailable, match="cannot be reached"):
        Database(lambda: f"postgresql://assay@127.0.0.1:{silent.getsockname()[1]}/assay").run(_pid)
    assert waited == [5]


@pytest.mark.parametrize("value", ["\0", "\ud800"])
def test_invalid_text_is_neither_stored_nor_quoted(database: Database, value: str) -> None:
    """JSON can contain NUL characters and unpaired surrogates."""
    with pytest.raises(ValueUnstorable) as refused:
        database.run(lambda connection: connection.execute("SELECT %s::text", (f"secret{value}",)))
    assert "secret" not in _traceback(refused.value)


def test_value_that_violates_a_constraint_is_not_quoted(database: Database) -> None:
    """PostgreSQL's details contain the whole row."""
    statement = "INSERT INTO csv_uploads (upload_id, owner, filename, bucket, object_key, status) "
    statement += "VALUES ('a b', 'secret', 'f', 'b', 'k', 'PENDING')"
    with pytest.raises(ValueUnstorable, match="csv_uploads_upload_id_check") as refused:
        database.run(lambda connection: connection.execute(statement.encode()))
    assert "secret" not in _traceback(refused.value)


@pytest.mark.parametrize("query", ["SELECT 1 FROM not_yet", "SELECT not_yet FROM csv_uploads"])
def test_missing_table_or_column_is_unavailable(database: Database, query: str) -> None:
    """A deployment updates the functions before it migrates; callers retry meanwhile."""
    with pytest.raises(DatabaseUnavailable, match="run `migrate`"):
        database.run(lambda connection: connection.execute(query.encode()))


def test_syntax_error_is_not_translated(database: Database) -> None:
    """An invalid statement is a bug; retrying it is useless."""
    with pytest.raises(psycopg.ProgrammingError):
        database.run(lambda connection: connection.execute("SELECT FROM WHERE"))


def test_malformed_connection_string_is_not_quoted() -> None:
    """It contains a password."""
    with pytest.raises(SettingsIncomplete, match="cannot be read") as incomplete:
        Database(lambda: "postgresql://assay:hun%zzter2@127.0.0.1/assay").run(_pid)  # pragma: allowlist secret
    assert "zzter2" not in str(incomplete.value)


def test_value_that_cannot_be_stored_is_not_quoted(database: Database) -> None:
    """The value may be a cell."""
    with pytest.raises(ValueUnstorable) as refused:
        database.run(lambda connection: connection.execute("SELECT %s::jsonb", ('"secret \\u0000"',)))
    assert "secret" not in str(refused.value)


def test_threads_use_the_connection_one_at_a_time(database: Database) -> None:
    """A transaction of one thread is complete before that of another begins."""
    database.run(lambda connection: connection.execute("CREATE TABLE turns (n integer)"))

    def take(_: int) -> int:
        def work(connection: psycopg.Connection) -> int:
            (before,) = connection.execute("SELECT count(*) FROM turns").fetchone() or (0,)
            connection.execute("INSERT INTO turns VALUES (1)")
            return int(before)

        return database.run(work)

    with ThreadPoolExecutor(8) as pool:
        assert list(range(40)) == sorted(pool.map(take, range(40)))
