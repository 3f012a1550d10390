"""Connections to PostgreSQL.

How the exceptions of its library become ours::

    psycopg.Error
    ├── InterfaceError, OperationalError, InternalError
    │   ├── the connection is lost      }
    │   ├── a deadlock, a serialization }  once more, on a new connection; then DatabaseUnavailable
    │   ├── the server is a replica now }
    │   └── any other, time-outs among them      DatabaseUnavailable
    ├── DataError, IntegrityError                ValueUnstorable
    ├── UndefinedTable, UndefinedColumn          DatabaseUnavailable: a migration is still to come
    └── any other ProgrammingError, NotSupportedError      stay what they are: bugs

None is chained to ours, and none of its details repeated: they quote values, and tracebacks are logged.
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
"""Less than a statement may take, so that it is known what was waited for."""
IDLE_MILLISECONDS = 15_000
"""How long a transaction may stay open without a statement: a frozen container must not hold its locks for ever."""


def connect(dsn: str) -> psycopg.Connection:
    """Open a connection that gives up on what takes too long; raises DatabaseUnavailable.

    Raises SettingsIncomplete if the connection string cannot be read, or does without TLS where it must not. Each
    statement is a transaction of its own, unless a transaction is asked for.
    """
    try:
        return psycopg.connect(secured(dsn), **_OPTIONS)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"PostgreSQL cannot be reached: {first_line(error)}") from None
    except psycopg.ProgrammingError:
        # Its words quote the connection string.
        raise SettingsIncomplete("the database's connection string cannot be read") from None


_OPTIONS: Mapping[str, Any] = MappingProxyType(
    {
        "autocommit": True,
        "application_name": "assay",
        # A prepared statement belongs to one connection: RDS Proxy would pin it, PgBouncer lose it.
        "prepare_threshold": None,
        "connect_timeout": CONNECT_SECONDS,
        # A peer that is gone without a word is noticed within half a minute.
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
"""For a transaction: RDS Proxy takes no options, and what is set for a session would pin its connection."""
_LIMITS = (str(STATEMENT_MILLISECONDS), str(LOCK_MILLISECONDS), str(IDLE_MILLISECONDS))

_ROLLBACKS = "40"
"""The class of SQLSTATE of transactions that fell victim to others: deadlocks and failed serializations."""


@define
class Database:
    """One connection, opened on first use and kept, as a Lambda container does best.

    Threads take turns with it.
    """

    _dsn: Dsn
    _connection: psycopg.Connection | None = field(default=None, init=False)
    _lock: Lock = field(factory=Lock, init=False)

    def run(self, work: Work[T]) -> T:
        """Do the work in one transaction; raises DatabaseUnavailable or ValueUnstorable.

        What is lost with its connection, or falls victim to another transaction, is done once more. It must bear that:
        the connection may have been lost after the transaction was committed.
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
        """Do the work once; after a failure of PostgreSQL's, the next time is on a new connection."""
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
            self._connection = connect(self._dsn())
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
    """The work failed for a reason that a second try need not meet."""


def _transact(connection: psycopg.Connection, work: Work[T]) -> T:
    try:
        with connection.transaction():
            connection.execute(_SET_LIMITS, _LIMITS)
            return work(connection)
    except (psycopg.DataError, UnicodeEncodeError):
        raise ValueUnstorable("PostgreSQL cannot store one of the values") from None
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        # A deployment brings the functions first.
        raise DatabaseUnavailable("the database lacks a migration of this release: run `migrate`") from None
    except psycopg.IntegrityError as error:
        constraint = error.diag.constraint_name or "a constraint"
        raise ValueUnstorable(f"PostgreSQL cannot store one of the values: {constraint} forbids it") from None


def _would_pass(error: psycopg.Error) -> bool:
    return (error.sqlstate or "").startswith(_ROLLBACKS) or isinstance(error, psycopg.errors.ReadOnlySqlTransaction)


def first_line(error: Exception) -> str:
    """Give what PostgreSQL says went wrong, without the details, which may quote values."""
    return str(error).partition("\n")[0]
