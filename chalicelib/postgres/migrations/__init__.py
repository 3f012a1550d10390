"""Migrations: numbered SQL files. A migration that was released is never changed.

Each migration runs in a transaction of its own, unless its first line is `-- no transaction`: then its statements run
one by one, because CREATE INDEX CONCURRENTLY must, and each of them has to be repeatable. An advisory lock lets one
migrator run at a time. So running the migrations twice, or from two places at once, does no harm.

A migration must not block readers for longer than a second, whatever the size of a table. So indexes are created
concurrently, and a transaction that waits for a lock gives up after half a second, and tries again: readers queue
behind a waiting ALTER TABLE.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from importlib import resources

import psycopg
from attrs import frozen

from chalicelib.errors import DatabaseUnavailable, MigrationsDiverged
from chalicelib.postgres.database import connect, first_line

_LOCK = 0x4153534159  # "ASSAY"
_NO_TRANSACTION = "-- no transaction\n"
LOCK_MILLISECONDS = 500
"""How long a transaction waits for a lock on a table."""
LOCK_TRIES = 120
PAUSE_SECONDS = 1.0
"""Between two tries, while readers proceed."""


@frozen
class Migration:
    """One migration, named like its file: `0001_uploads`."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Detects that a migration was changed after it ran."""
        return sha256(self.sql.encode()).hexdigest()

    @property
    def has_transaction(self) -> bool:
        """Whether the migration runs in one transaction."""
        return not self.sql.startswith(_NO_TRANSACTION)

    @property
    def statements(self) -> Sequence[str]:
        """The statements of a migration without a transaction; each ends with a semicolon at the end of a line."""
        return [statement for statement in self.sql.split(";\n") if statement.strip()]


def migrations() -> Sequence[Migration]:
    """List this release's migrations in the order in which they run."""
    files = sorted(resources.files(__name__).iterdir(), key=lambda file: file.name)
    return [Migration(file.name.removesuffix(".sql"), file.read_text()) for file in files if file.name.endswith(".sql")]


def apply(dsn: str) -> Sequence[str]:
    """Run the migrations that the database lacks, and return their names.

    Raises MigrationsDiverged if it has run a migration that this release lacks or has changed, and DatabaseUnavailable.
    """
    try:
        with connect(dsn) as connection, _locked(connection):
            return _apply(connection)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"the migration was interrupted: {first_line(error)}") from None


@contextmanager
def _locked(connection: psycopg.Connection) -> Iterator[None]:
    """Hold the lock of migrators.

    It is polled: a session that waits for a lock in a statement has a snapshot, for whose end CREATE INDEX CONCURRENTLY
    waits in turn.
    """
    while not _value(connection, "SELECT pg_try_advisory_lock(%s)", _LOCK):
        time.sleep(PAUSE_SECONDS)
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


def _value(connection: psycopg.Connection, query: str, *parameters: object) -> object:
    (value,) = connection.execute(query.encode(), parameters).fetchone() or (None,)
    return value


def _apply(connection: psycopg.Connection) -> Sequence[str]:
    done = _history(connection)
    known = {migration.name: migration.checksum for migration in migrations()}
    for name, checksum in done.items():
        if known.get(name) != checksum:
            raise MigrationsDiverged(f"the database has run {name}, which this release lacks or has changed")
    missing = [migration for migration in migrations() if migration.name not in done]
    for migration in missing:
        if migration.has_transaction:
            _run_in_transaction(connection, migration)
        else:
            _run_statements(connection, migration)
    return [migration.name for migration in missing]


def _run_in_transaction(connection: psycopg.Connection, migration: Migration) -> None:
    for _ in range(LOCK_TRIES):
        try:
            with connection.transaction():
                connection.execute("SELECT set_config('lock_timeout', %s, true)", (str(LOCK_MILLISECONDS),))
                connection.execute(migration.sql.encode())
                connection.execute(_RECORD, (migration.name, migration.checksum))
        except psycopg.errors.LockNotAvailable:
            time.sleep(PAUSE_SECONDS)
        else:
            return
    raise DatabaseUnavailable(
        f"the migration {migration.name} did not get its lock: a transaction is open for too long"
    )


def _run_statements(connection: psycopg.Connection, migration: Migration) -> None:
    for statement in migration.statements:
        connection.execute(statement.encode())
    connection.execute(_RECORD, (migration.name, migration.checksum))


_CREATE_HISTORY = """
    CREATE TABLE IF NOT EXISTS assay_migrations (
        name       text PRIMARY KEY,
        checksum   text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
"""
_RECORD = "INSERT INTO assay_migrations (name, checksum) VALUES (%s, %s)"


def _history(connection: psycopg.Connection) -> Mapping[str, str]:
    """Return the checksums of the migrations that have run, by name."""
    connection.execute(_CREATE_HISTORY)
    return dict(connection.execute("SELECT name, checksum FROM assay_migrations").fetchall())
