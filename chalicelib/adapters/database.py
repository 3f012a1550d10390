"""Connections to PostgreSQL."""

import json
from collections.abc import Callable, Mapping
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from attrs import define, field, frozen
from botocore.exceptions import BotoCoreError, ClientError
from psycopg.conninfo import make_conninfo

from chalicelib.errors import DatabaseUnavailable, SettingsIncomplete, ValueUnstorable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

T = TypeVar("T")

CONNECT_SECONDS = 5
STATEMENT_MILLISECONDS = 10_000

_PARTICULARS = {"host": "host", "port": "port", "dbname": "dbname", "username": "user", "password": "password"}
"""What RDS calls them in a secret, and what PostgreSQL calls them."""
_REQUIRED = ("host", "username", "password")
"""Those without which PostgreSQL's library would go by defaults of its own."""


def connect(dsn: str) -> psycopg.Connection:
    """Open a connection that gives up on what takes too long; raises DatabaseUnavailable.

    Raises SettingsIncomplete if the connection string cannot be read. Each statement is a transaction of its own,
    unless a transaction is asked for.
    """
    try:
        return psycopg.connect(dsn, autocommit=True, application_name="assay", **_PATIENCE)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"PostgreSQL cannot be reached: {_first_line(error)}") from error
    except psycopg.ProgrammingError:
        # Its words quote the connection string.
        raise SettingsIncomplete("the database's connection string cannot be read") from None


_PATIENCE: Mapping[str, Any] = MappingProxyType(
    {
        "connect_timeout": CONNECT_SECONDS,
        # A peer that is gone without a word is noticed within half a minute.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": 20_000,
    }
)
_LIMIT_STATEMENTS = "SELECT set_config('statement_timeout', %s, true)"
"""For a transaction: RDS Proxy takes no options, and what is set for a session would pin its connection."""


@frozen(kw_only=True)
class SecretDsn:
    """The connection's particulars from Secrets Manager, fetched anew for each connection: they rotate."""

    client: "SecretsManagerClient"
    secret_arn: str

    def __call__(self) -> str:
        """Give the connection string, which asks for TLS.

        Raises DatabaseUnavailable if the secret cannot be read, and SettingsIncomplete if it lacks something.
        """
        try:
            secret = json.loads(self.client.get_secret_value(SecretId=self.secret_arn)["SecretString"])
        except (BotoCoreError, ClientError) as error:
            raise DatabaseUnavailable(f"the database's secret cannot be read: {type(error).__name__}") from error
        except (KeyError, ValueError):
            raise SettingsIncomplete("the database's secret is not a JSON text") from None
        particulars = _particulars(secret)
        return make_conninfo(sslmode="require", **particulars)


def _particulars(secret: object) -> dict[str, str]:
    found = secret if isinstance(secret, dict) else {}
    if missing := [name for name in _REQUIRED if name not in found]:
        raise SettingsIncomplete(f"the database's secret lacks {', '.join(missing)}")
    return {ours: str(found[theirs]) for theirs, ours in _PARTICULARS.items() if theirs in found}


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
        try:
            with connection.transaction():
                connection.execute(_LIMIT_STATEMENTS, (str(STATEMENT_MILLISECONDS),))
                return work(connection)
        except psycopg.DataError:
            # Its words quote the value.
            raise ValueUnstorable("PostgreSQL cannot store one of the values") from None

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
