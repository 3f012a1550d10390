"""Migrations: numbered SQL files. A migration that was released is never changed.

All missing migrations run in one transaction, under a lock that only one migrator holds. So running them twice, or from
two places at once, does no harm.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib import resources

import psycopg
from attrs import frozen

from chalicelib.errors import DatabaseUnavailable, MigrationsDiverged
from chalicelib.postgres.database import connect, first_line

_LOCK = 0x4153534159  # "ASSAY"


@frozen
class Migration:
    """One migration, named like its file: `0001_uploads`."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Detects that a migration was changed after it ran."""
        return sha256(self.sql.encode()).hexdigest()


def migrations() -> Sequence[Migration]:
    """List this release's migrations in the order in which they run."""
    files = sorted(resources.files(__name__).iterdir(), key=lambda file: file.name)
    return [Migration(file.name.removesuffix(".sql"), file.read_text()) for file in files if file.name.endswith(".sql")]


def apply(dsn: str) -> Sequence[str]:
    """Run the migrations that the database lacks, and return their names.

    Raises MigrationsDiverged if it has run a migration that this release lacks or has changed, and DatabaseUnavailable.
    """
    try:
        with connect(dsn) as connection, connection.transaction():
            return _apply(connection)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(f"the migration was interrupted: {first_line(error)}") from None


def _apply(connection: psycopg.Connection) -> Sequence[str]:
    done = _history(connection)
    known = {migration.name: migration.checksum for migration in migrations()}
    for name, checksum in done.items():
        if known.get(name) != checksum:
            raise MigrationsDiverged(f"the database has run {name}, which this release lacks or has changed")
    missing = [migration for migration in migrations() if migration.name not in done]
    for migration in missing:
        connection.execute(migration.sql.encode())
        connection.execute(_RECORD, (migration.name, migration.checksum))
    return [migration.name for migration in missing]


_CREATE_HISTORY = """
    CREATE TABLE IF NOT EXISTS assay_migrations (
        name       text PRIMARY KEY,
        checksum   text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
"""
_RECORD = "INSERT INTO assay_migrations (name, checksum) VALUES (%s, %s)"


def _history(connection: psycopg.Connection) -> Mapping[str, str]:
    """Wait for the lock, which the transaction holds until it ends, and return the checksums of what has run."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
    connection.execute(_CREATE_HISTORY)
    return dict(connection.execute("SELECT name, checksum FROM assay_migrations").fetchall())
