"""Connections to PostgreSQL.

How the exceptions of psycopg become Assay's::

    psycopg.Error
    ├── InterfaceError, OperationalError, InternalError
    │   ├── the connection is lost      }
    │   ├── a deadlock, a serialization }  once more, on a new connection; then DatabaseUnavailable
    │   ├── the server is a replica now }
    │   └── any other, time-outs among them      DatabaseUnavailable
    ├── DataError, IntegrityError                ValueUnstorable
    ├── UndefinedTable, UndefinedColumn          DatabaseUnavailable: a migration is still to come
    └── any other ProgrammingError, NotSupportedError      are not translated: bugs

No exception of psycopg is chained, and none of its details repeated: they quote values, and tracebacks are logged.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from threading import Lock
from types import MappingProxyType
from typing import Any, Concatenate, ParamSpec, TypeVar

import psycopg
from attrs import define, field, frozen

from chalicelib.errors import DatabaseUnavailable, SettingsIncomplete, ValueUnstorable
from chalicelib.postgres.dsn import Dsn, secured

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R", bound="Repository")
Work = Callable[[psycopg.Connection], T]

CONNECT_SECONDS = 5
STATEMENT_MILLISECONDS = 10_000
LOCK_MILLISECONDS = 5_000
"""Less than a statement may take, so that the error says that it waited for a lock."""
IDLE_MILLISECONDS = 15_000
"""How long a transaction may stay open without a statement: a frozen container must not keep its locks."""


def connect(dsn: str) -> psycopg.Connection:
    """Open a connection with time limits; raises DatabaseUnavailable.

    Raises SettingsIncomplete if the connection string cannot be parsed, or does not ask for TLS where it must. The
    connection is in autocommit mode.
    """
    try:
        return psycopg.connect(secured(dsn), **_OPTIONS)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"PostgreSQL cannot be reached: {first_line(error)}") from None
    except psycopg.ProgrammingError:
        # Its message quotes the connection string.
        raise SettingsIncomplete("the database's connection string cannot be read") from None


_OPTIONS: Mapping[str, Any] = MappingProxyType(
    {
        "autocommit": True,
        "application_name": "assay",
        # A prepared statement belongs to one connection: RDS Proxy would pin it, PgBouncer would lose it.
        "prepare_threshold": None,
        "connect_timeout": CONNECT_SECONDS,
        # A dead peer is detected within half a minute.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": 20_000,
    }
)
_SET_LIMITS = """
    SELECT set_config('statement_timeout', %s, true),
           set_config('lock_timeout', %s, true),
           set_config('idle_in_transaction_session_timeout', %s, true)
"""
"""For one transaction: RDS Proxy accepts no options, and a setting of the session would pin its connection."""
_LIMITS = (str(STATEMENT_MILLISECONDS), str(LOCK_MILLISECONDS), str(IDLE_MILLISECONDS))

_ROLLBACKS = "40"
"""The SQLSTATE class of transactions that PostgreSQL rolled back: deadlocks and serialization failures."""


@define
class Database:
    """One connection, opened on first use and kept while the Lambda container lives.

    Threads use it one at a time.
    """

    dsn: Dsn
    _connection: psycopg.Connection | None = field(default=None, init=False)
    _lock: Lock = field(factory=Lock, init=False)

    def run(self, work: Work[T]) -> T:
        """Run `work` in one transaction; raises DatabaseUnavailable or ValueUnstorable.

        If the connection is lost, or PostgreSQL rolls the transaction back, `work` runs once more. It must be
        repeatable: the connection may have been lost after the transaction was committed.
        """
        with self._lock:
            try:
                return self._try(work)
            except _WorthRepeating:
                pass
            try:
                return self._try(work)
            except _WorthRepeating as error:
                raise DatabaseUnavailable(str(error)) from None

    def close(self) -> None:
        """Close the connection, if one is open."""
        with self._lock:
            self._close()

    def _try(self, work: Work[T]) -> T:
        """Run `work` once; after a failure of the connection, the next run gets a new one."""
        connection = self._open()
        try:
            return _transact(connection, work)
        except (psycopg.InterfaceError, psycopg.OperationalError, psycopg.InternalError) as error:
            lost = connection.closed
            self._close()
            kind = _WorthRepeating if lost or _would_pass(error) else DatabaseUnavailable
            raise kind(f"PostgreSQL broke off: {first_line(error)}") from None

    def _open(self) -> psycopg.Connection:
        if self._connection is None:
            self._connection = connect(self.dsn())
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@frozen
class Repository:
    """Has a database; the methods that are marked with `transaction` run in one transaction each."""

    database: Database


def transaction(method: Callable[Concatenate[R, psycopg.Connection, P], T]) -> Callable[Concatenate[R, P], T]:
    """Run a repository's method in a transaction, whose connection is the method's first argument.

    The transaction may run twice, as `Database.run` says, so an argument must not be an iterator.
    """

    @wraps(method)
    def run(repository: R, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return repository.database.run(lambda connection: method(repository, connection, *args, **kwargs))

    return run


class _WorthRepeating(Exception):
    """The work failed for a reason that may not occur again."""


def _transact(connection: psycopg.Connection, work: Work[T]) -> T:
    try:
        with connection.transaction():
            connection.execute(_SET_LIMITS, _LIMITS)
            return work(connection)
    except (psycopg.DataError, UnicodeEncodeError):
        raise ValueUnstorable("PostgreSQL cannot store one of the values") from None
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        # A deployment updates the functions before it migrates the database.
        raise DatabaseUnavailable("the database lacks a migration of this release: run `migrate`") from None
    except psycopg.IntegrityError as error:
        constraint = error.diag.constraint_name or "a constraint"
        raise ValueUnstorable(f"PostgreSQL cannot store one of the values: {constraint} forbids it") from None


def _would_pass(error: psycopg.Error) -> bool:
    return (error.sqlstate or "").startswith(_ROLLBACKS) or isinstance(error, psycopg.errors.ReadOnlySqlTransaction)


def first_line(error: Exception) -> str:
    """Return the first line of PostgreSQL's message: the following lines may quote values."""
    return str(error).partition("\n")[0]
