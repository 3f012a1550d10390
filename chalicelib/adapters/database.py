"""Connections to PostgreSQL."""

import json
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

import psycopg
from attrs import define, field, frozen
from botocore.exceptions import BotoCoreError, ClientError
from psycopg.conninfo import make_conninfo

from chalicelib.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

T = TypeVar("T")

CONNECT_SECONDS = 5
STATEMENT_MILLISECONDS = 10_000

_PARTICULARS = {"host": "host", "port": "port", "dbname": "dbname", "username": "user", "password": "password"}
"""What RDS calls them in a secret, and what PostgreSQL calls them."""


def connect(dsn: str) -> psycopg.Connection:
    """Open a connection that gives up on what takes too long; raises DatabaseUnavailable."""
    try:
        return psycopg.connect(
            dsn,
            connect_timeout=CONNECT_SECONDS,
            options=f"-c statement_timeout={STATEMENT_MILLISECONDS}",
            application_name="assay",
        )
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"PostgreSQL cannot be reached: {_first_line(error)}") from error


@frozen(kw_only=True)
class SecretDsn:
    """The connection's particulars from Secrets Manager, fetched anew for each connection: they rotate."""

    client: "SecretsManagerClient"
    secret_arn: str

    def __call__(self) -> str:
        """Give the connection string, which asks for TLS; raises DatabaseUnavailable if there is no secret to read."""
        try:
            secret = json.loads(self.client.get_secret_value(SecretId=self.secret_arn)["SecretString"])
        except (BotoCoreError, ClientError, ValueError) as error:
            raise DatabaseUnavailable(f"the database's secret cannot be read: {type(error).__name__}") from error
        particulars = {ours: str(secret[theirs]) for theirs, ours in _PARTICULARS.items() if theirs in secret}
        return make_conninfo(sslmode="require", **particulars)


@define
class Database:
    """One connection, opened on first use and kept, as a Lambda container does best.

    Threads take turns with it.
    """

    _dsn: Callable[[], str]
    _connection: psycopg.Connection | None = field(default=None, init=False)
    _lock: Lock = field(factory=Lock, init=False)

    def run(self, work: Callable[[psycopg.Connection], T]) -> T:
        """Do the work in one transaction; raises DatabaseUnavailable.

        A connection that has died while it was idle is replaced, and the work, which must bear repeating, done once
        more.
        """
        with self._lock:
            if self._connection is not None:
                try:
                    return self._run(self._connection, work)
                except (psycopg.OperationalError, psycopg.InterfaceError):
                    self._close()
            self._connection = connect(self._dsn())
            try:
                return self._run(self._connection, work)
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                self._close()
                raise DatabaseUnavailable(f"PostgreSQL broke off: {_first_line(error)}") from error

    def close(self) -> None:
        """Close the connection, if one is open."""
        with self._lock:
            self._close()

    def _run(self, connection: psycopg.Connection, work: Callable[[psycopg.Connection], T]) -> T:
        with connection.transaction():
            return work(connection)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
