"""Migrations run once, however often they are applied, and block no readers."""

import re
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from chalicelib.errors import DatabaseUnavailable, MigrationsDiverged
from chalicelib.postgres import migrations
from chalicelib.postgres.migrations.__main__ import main
from infra.local.ports import free_port

NAMES = [migration.name for migration in migrations.migrations()]


def test_migrations_are_numbered_without_gaps() -> None:
    """Two migrations with the same number would have no defined order."""
    assert [f"{number:04}" for number in range(1, len(NAMES) + 1)] == [name[:4] for name in NAMES]


def test_empty_database_gets_all_migrations_once(empty_dsn: str) -> None:
    """A second run finds nothing to do."""
    assert NAMES == migrations.apply(empty_dsn)
    assert [] == migrations.apply(empty_dsn)


def test_concurrent_migrators_do_the_work_once(empty_dsn: str) -> None:
    """One of them applies the migrations; the others wait, and then apply none."""
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(migrations.apply, [empty_dsn] * 4))
    assert NAMES == [name for run in runs for name in run]


def test_migration_that_fails_leaves_nothing_behind(empty_dsn: str) -> None:
    """A migration is one transaction."""
    with psycopg.connect(empty_dsn) as connection:
        connection.execute("CREATE TABLE csv_upload_transitions ()")
    with pytest.raises(psycopg.errors.DuplicateTable):
        migrations.apply(empty_dsn)
    with psycopg.connect(empty_dsn) as connection:
        assert (None, 0) == connection.execute(
            "SELECT to_regclass('csv_uploads'), (SELECT count(*) FROM assay_migrations)"
        ).fetchone()


def test_interrupted_index_is_created_again(empty_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted CREATE INDEX CONCURRENTLY leaves an invalid index behind; running the migrations replaces it."""
    released = migrations.migrations()
    monkeypatch.setattr(migrations, "migrations", lambda: released[:4])
    migrations.apply(empty_dsn)
    monkeypatch.undo()
    with psycopg.connect(empty_dsn) as connection:
        connection.execute("CREATE INDEX csv_uploads_pending ON csv_uploads (owner)")
        connection.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'csv_uploads_pending'::regclass")
    assert NAMES[4:] == migrations.apply(empty_dsn)
    with psycopg.connect(empty_dsn) as connection:
        assert [] == connection.execute("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid").fetchall()


@pytest.mark.parametrize("migration", migrations.migrations()[3:], ids=lambda migration: migration.name)
def test_indexes_are_created_concurrently(migration: migrations.Migration) -> None:
    """A migration must not block readers or writers while it builds an index. 0001 to 0003 are older than this rule."""
    indexes = re.findall(r"\b(?:CREATE|DROP)(?: UNIQUE)? INDEX\b(?: CONCURRENTLY)?", migration.sql)
    assert all(index.endswith("CONCURRENTLY") for index in indexes)
    assert not (indexes and migration.has_transaction)


def test_readers_do_not_queue_behind_a_waiting_migration(empty_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """ALTER TABLE waits for open transactions, and later readers wait for it: so it gives up soon, and tries again."""
    released = migrations.migrations()
    monkeypatch.setattr(migrations, "migrations", lambda: released[:3])
    migrations.apply(empty_dsn)
    monkeypatch.undo()
    monkeypatch.setattr(migrations, "PAUSE_SECONDS", 0.0)
    read = "SELECT count(*) FROM csv_uploads"
    with ThreadPoolExecutor(1) as pool, psycopg.connect(empty_dsn) as reader, psycopg.connect(empty_dsn) as other:
        reader.execute(read)
        migrating = pool.submit(migrations.apply, empty_dsn)
        other.autocommit = True
        while not other.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
            assert not migrating.done()
        other.execute("SET lock_timeout = '10s'")
        other.execute(read)
        assert not migrating.done()
        reader.rollback()
        assert NAMES[3:] == migrating.result()


def test_migration_ends_if_it_never_gets_its_lock(empty_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the migration."""
    released = migrations.migrations()
    monkeypatch.setattr(migrations, "migrations", lambda: released[:3])
    migrations.apply(empty_dsn)
    monkeypatch.undo()
    monkeypatch.setattr(migrations, "LOCK_TRIES", 2)
    monkeypatch.setattr(migrations, "PAUSE_SECONDS", 0.0)
    with psycopg.connect(empty_dsn) as reader:
        reader.execute("SELECT count(*) FROM csv_uploads")
        with pytest.raises(DatabaseUnavailable, match=r"0004_\w+ did not get its lock"):
            migrations.apply(empty_dsn)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE assay_migrations SET checksum = 'another'",
        "INSERT INTO assay_migrations (name, checksum) VALUES ('9999_later', 'x')",
    ],
)
def test_unknown_or_changed_migration_is_refused(dsn: str, change: str) -> None:
    """An applied migration that differs, or is of a later release, needs an operator's decision."""
    with psycopg.connect(dsn) as connection:
        connection.execute(change.encode())
    with pytest.raises(MigrationsDiverged, match="which this release lacks or has changed"):
        migrations.apply(dsn)


def test_command_prints_the_applied_migrations(empty_dsn: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A second run prints that the database is up to date."""
    assert main([empty_dsn]) == 0
    assert capsys.readouterr().out.splitlines() == [f"applied {name}" for name in NAMES]
    assert main([empty_dsn]) == 0
    assert capsys.readouterr().out == "up to date\n"


def test_command_reports_an_unreachable_database(capsys: pytest.CaptureFixture[str]) -> None:
    """Its exit code is 1."""
    assert main([f"postgresql://127.0.0.1:{free_port()}/assay"]) == 1
    assert "could not migrate: PostgreSQL cannot be reached" in capsys.readouterr().err


def test_unreachable_database_is_unavailable() -> None:
    """The exception of psycopg is translated."""
    with pytest.raises(DatabaseUnavailable):
        migrations.apply(f"postgresql://127.0.0.1:{free_port()}/assay")
