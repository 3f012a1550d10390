"""Connections that are kept, replaced when they die, and not waited for without end."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import boto3
import psycopg
import pytest
from moto import mock_aws

from chalicelib.adapters.database import Database, SecretDsn
from chalicelib.errors import DatabaseUnavailable, SettingsIncomplete, ValueUnstorable
from infra.local.ports import free_port
from infra.local.postgres import PostgresServer

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_PID = "SELECT pg_backend_pid()"


@pytest.fixture
def client() -> Iterator["SecretsManagerClient"]:
    """A client of a Secrets Manager without secrets."""
    with mock_aws():
        yield boto3.client("secretsmanager", region_name="eu-west-1")


def _pid(connection: psycopg.Connection) -> int:
    (pid,) = connection.execute(_PID).fetchone() or (0,)
    return int(pid)


def test_connection_is_kept(database: Database) -> None:
    """A warm container does not connect again."""
    assert database.run(_pid) == database.run(_pid)


def test_connection_that_died_while_idle_is_replaced(database: Database, dsn: str) -> None:
    """A restart of the database costs a reconnection, not a failure."""
    pid = database.run(_pid)
    with psycopg.connect(dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
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


def test_statement_that_takes_too_long_is_cancelled(database: Database) -> None:
    """The statement timeout is set on every connection."""
    timeout = database.run(lambda connection: connection.execute("SHOW statement_timeout").fetchone())
    assert timeout == ("10s",)


def test_secret_gives_a_connection_string_that_asks_for_tls(client: "SecretsManagerClient") -> None:
    """RDS's secret, in PostgreSQL's words."""
    secret = {"engine": "postgres", "host": "db", "port": 5432, "username": "assay", "password": "a b'c", "dbname": "d"}
    arn = client.create_secret(Name="assay", SecretString=json.dumps(secret))["ARN"]
    dsn = SecretDsn(client=client, secret_arn=arn)()
    expected = {"sslmode": "require", "host": "db", "port": "5432", "user": "assay", "password": "a b'c", "dbname": "d"}
    assert expected == psycopg.conninfo.conninfo_to_dict(dsn)


def test_secret_that_is_rotated_is_read_anew(client: "SecretsManagerClient") -> None:
    """Each connection asks again."""
    template = '{"username": "assay", "password": "p", "host": "%s"}'
    arn = client.create_secret(Name="assay", SecretString=template % "old")["ARN"]
    dsn = SecretDsn(client=client, secret_arn=arn)
    assert "old" in dsn()
    client.put_secret_value(SecretId=arn, SecretString=template % "new")
    assert "new" in dsn()


def test_secret_that_cannot_be_read_makes_the_database_unavailable(client: "SecretsManagerClient") -> None:
    """Without particulars there is no connection."""
    with pytest.raises(DatabaseUnavailable, match="secret cannot be read"):
        SecretDsn(client=client, secret_arn="arn:aws:secretsmanager:eu-west-1:123456789012:secret:none")()


@pytest.mark.parametrize("secret", ["[1]", '"pw"', "{}", '{"host": "db", "password": "hunter2"}'])
def test_secret_that_lacks_something_says_what(client: "SecretsManagerClient", secret: str) -> None:
    """PostgreSQL's library would fill the gaps with defaults that nobody meant."""
    arn = client.create_secret(Name="assay", SecretString=secret)["ARN"]
    with pytest.raises(SettingsIncomplete, match="username") as incomplete:
        SecretDsn(client=client, secret_arn=arn)()
    assert "hunter2" not in str(incomplete.value)


def test_connection_string_that_cannot_be_read_is_not_quoted() -> None:
    """It holds a password."""
    with pytest.raises(SettingsIncomplete, match="cannot be read") as incomplete:
        Database(lambda: "postgresql://assay:hun%zzter2@127.0.0.1/assay").run(_pid)
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
