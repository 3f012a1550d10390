"""Connections that are kept, replaced when they die, and not waited for without end."""

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
"""How long to wait for what must happen, in seconds."""


def _pid(connection: psycopg.Connection) -> int:
    (pid,) = connection.execute(_PID).fetchone() or (0,)
    return int(pid)


def _terminate(dsn: str, pid: int) -> None:
    """End a connection as a restart does, and wait until it is gone."""
    with psycopg.connect(dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def _raise(connection: psycopg.Connection, state: str) -> None:
    """Make PostgreSQL raise an error."""
    connection.execute(f"DO $$BEGIN RAISE SQLSTATE '{state}'; END$$".encode())


def _traceback(error: BaseException) -> str:
    """Return all that a traceback prints, except lines of code."""
    return "".join(traceback.format_exception(error, limit=0))


def test_connection_is_kept(database: Database) -> None:
    """A warm container does not connect again."""
    assert database.run(_pid) == database.run(_pid)


def test_connection_that_died_while_idle_is_replaced(database: Database, dsn: str) -> None:
    """A restart of the database costs a reconnection, not a failure."""
    pid = database.run(_pid)
    _terminate(dsn, pid)
    assert pid != database.run(_pid)


def test_work_that_raises_leaves_no_trace(database: Database) -> None:
    """All of a transaction or nothing."""

    def work(connection: psycopg.Connection) -> None:
        connection.execute("CREATE TABLE trace ()")
        raise LookupError

    with pytest.raises(LookupError):
        database.run(work)
    exists = database.run(lambda connection: connection.execute("SELECT to_regclass('trace')").fetchone())
    assert exists == (None,)


def test_database_that_is_not_there_is_unavailable() -> None:
    """Said in our words, with PostgreSQL's reason and without the password."""
    database = Database(lambda: f"postgresql://assay:hunter2@127.0.0.1:{free_port()}/assay")
    with pytest.raises(DatabaseUnavailable, match="cannot be reached") as refused:
        database.run(_pid)
    assert "hunter2" not in str(refused.value)


def test_database_that_comes_back_is_used_again() -> None:
    """Down is unavailable; back up is as if nothing had been."""
    with PostgresServer() as server:
        database = Database(server.dsn)
        database.run(_pid)
        server.stop()
        with pytest.raises(DatabaseUnavailable):
            database.run(_pid)
        server.start()
        assert database.run(_pid) > 0
        database.close()


def test_connection_that_dies_in_the_middle_of_a_transaction_costs_a_repetition(database: Database, dsn: str) -> None:
    """Once more, on a connection of its own; and what was begun before has left no trace."""
    tries = []

    def work(connection: psycopg.Connection) -> int:
        tries.append(_pid(connection))
        connection.execute("CREATE TABLE trace ()")
        if len(tries) == 1:
            _terminate(dsn, tries[0])
        return _pid(connection)

    assert database.run(work) == tries[1] != tries[0]


def test_connection_that_dies_twice_is_enough(database: Database, dsn: str) -> None:
    """Callers have time-outs of their own; and the next call finds a new connection."""
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
def test_victim_of_another_transaction_is_tried_again(database: Database, state: str) -> None:
    """A serialization failure, a deadlock; and a server that has become a replica, which a new connection avoids."""
    tries = []

    def work(connection: psycopg.Connection) -> int:
        tries.append(_pid(connection))
        if len(tries) == 1:
            _raise(connection, state)
        return tries[-1]

    assert database.run(work) == tries[1]


def test_deadlock_is_survived_by_both(dsn: str) -> None:
    """The real thing: two that lock the same rows in opposite order."""
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
def test_what_takes_too_long_or_is_too_much_is_unavailable_at_once(database: Database, state: str) -> None:
    """Cancelled, not locked in time, idle too long, too many connections, broken within: no use to insist."""
    tries = []

    def work(connection: psycopg.Connection) -> None:
        tries.append(_pid(connection))
        _raise(connection, state)

    with pytest.raises(DatabaseUnavailable, match="broke off"):
        database.run(work)
    assert len(tries) == 1


def test_statement_that_takes_too_long_is_cancelled(database: Database) -> None:
    """By PostgreSQL, and the message says so."""

    def work(connection: psycopg.Connection) -> None:
        connection.execute("SET LOCAL statement_timeout = 20")
        connection.execute("SELECT pg_sleep(60)")

    with pytest.raises(DatabaseUnavailable, match="statement timeout"):
        database.run(work)


def test_lock_of_another_session_is_not_waited_for_without_end(database: Database, dsn: str) -> None:
    """Nor is it a deadlock, which would be tried again."""

    def work(connection: psycopg.Connection) -> None:
        connection.execute("SET LOCAL lock_timeout = 20")
        connection.execute("LOCK TABLE csv_uploads")

    with psycopg.connect(dsn) as other:
        other.execute("LOCK TABLE csv_uploads")
        with pytest.raises(DatabaseUnavailable, match="lock timeout"):
            database.run(work)


def test_transactions_are_limited_and_sessions_left_alone(database: Database) -> None:
    """A proxy passes the session to another client: no setting may stay behind."""
    limits = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'), "
    limits += "current_setting('idle_in_transaction_session_timeout')"
    session = []

    def work(connection: psycopg.Connection) -> tuple[str, ...] | None:
        session.append(connection)
        return connection.execute(limits).fetchone()

    assert database.run(work) == ("10s", "5s", "15s")
    assert session[0].execute(limits).fetchone() == ("0", "0", "0")


def test_nothing_is_prepared_on_the_server(database: Database) -> None:
    """However often it comes again: a proxy or a pooler could not follow."""

    def work(connection: psycopg.Connection) -> int:
        for number in range(20):
            connection.execute("SELECT %s::int + 1", (number,))
        (prepared,) = connection.execute("SELECT count(*) FROM pg_prepared_statements").fetchone() or (None,)
        return int(prepared)

    assert database.run(work) == 0


def test_server_that_accepts_and_says_nothing_is_given_up_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither refused nor answered, as by a firewall."""
    waited = []
    connect = psycopg.connect

    def brief(dsn: str, **options: Any) -> psycopg.Connection:
        waited.append(options.pop("connect_timeout"))
        return connect(dsn, connect_timeout=2, **options)  # the least that libpq takes

    monkeypatch.setattr(psycopg, "connect", brief)
    with listen(0) as silent, pytest.raises(DatabaseUnavailable, match="cannot be reached"):
        Database(lambda: f"postgresql://assay@127.0.0.1:{silent.getsockname()[1]}/assay").run(_pid)
    assert waited == [5]


@pytest.mark.parametrize("value", ["\0", "\ud800"])
def test_text_that_is_none_is_not_stored_and_not_quoted(database: Database, value: str) -> None:
    """NUL characters and halves of surrogate pairs come from JSON easily."""
    with pytest.raises(ValueUnstorable) as refused:
        database.run(lambda connection: connection.execute("SELECT %s::text", (f"secret{value}",)))
    assert "secret" not in _traceback(refused.value)


def test_value_that_a_constraint_forbids_is_not_quoted(database: Database) -> None:
    """PostgreSQL's details would have all of the row in them."""
    statement = "INSERT INTO csv_uploads (upload_id, owner, filename, bucket, object_key, status) "
    statement += "VALUES ('a b', 'secret', 'f', 'b', 'k', 'PENDING')"
    with pytest.raises(ValueUnstorable, match="csv_uploads_upload_id_check") as refused:
        database.run(lambda connection: connection.execute(statement.encode()))
    assert "secret" not in _traceback(refused.value)


@pytest.mark.parametrize("query", ["SELECT 1 FROM not_yet", "SELECT not_yet FROM csv_uploads"])
def test_migration_that_is_still_to_come_is_waited_for(database: Database, query: str) -> None:
    """A deployment brings the functions first; what they are asked meanwhile is tried again."""
    with pytest.raises(DatabaseUnavailable, match="run `migrate`"):
        database.run(lambda connection: connection.execute(query.encode()))


def test_bug_stays_a_bug(database: Database) -> None:
    """A statement that PostgreSQL does not understand will not be understood later."""
    with pytest.raises(psycopg.ProgrammingError):
        database.run(lambda connection: connection.execute("SELECT FROM WHERE"))


def test_connection_string_that_cannot_be_read_is_not_quoted() -> None:
    """It holds a password."""
    with pytest.raises(SettingsIncomplete, match="cannot be read") as incomplete:
        Database(lambda: "postgresql://assay:hun%zzter2@127.0.0.1/assay").run(_pid)  # pragma: allowlist secret
    assert "zzter2" not in str(incomplete.value)


def test_value_that_cannot_be_stored_is_not_quoted(database: Database) -> None:
    """It may be a cell."""
    with pytest.raises(ValueUnstorable) as refused:
        database.run(lambda connection: connection.execute("SELECT %s::jsonb", ('"secret \\u0000"',)))
    assert "secret" not in str(refused.value)


def test_threads_take_turns(database: Database) -> None:
    """What one of them does in its transaction, no other sees half done."""
    database.run(lambda connection: connection.execute("CREATE TABLE turns (n integer)"))

    def take(_: int) -> int:
        def work(connection: psycopg.Connection) -> int:
            (before,) = connection.execute("SELECT count(*) FROM turns").fetchone() or (0,)
            connection.execute("INSERT INTO turns VALUES (1)")
            return int(before)

        return database.run(work)

    with ThreadPoolExecutor(8) as pool:
        assert list(range(40)) == sorted(pool.map(take, range(40)))
