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
    """So that no two of them can claim the same place."""
    assert [f"{number:04}" for number in range(1, len(NAMES) + 1)] == [name[:4] for name in NAMES]


def test_empty_database_gets_all_migrations_once(empty_dsn: str) -> None:
    """A second run finds nothing to do."""
    assert NAMES == migrations.apply(empty_dsn)
    assert [] == migrations.apply(empty_dsn)


def test_concurrent_migrators_do_the_work_once(empty_dsn: str) -> None:
    """One does it, the others wait and find it done."""
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(migrations.apply, [empty_dsn] * 4))
    assert NAMES == [name for run in runs for name in run]


def test_migration_that_fails_leaves_nothing_behind(empty_dsn: str) -> None:
    """All of a migration, or nothing."""
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


def test_lock_that_is_never_free_ends_the_migration(empty_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an error that says so; nothing has been changed."""
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
def test_history_that_is_not_ours_is_left_alone(dsn: str, change: str) -> None:
    """A migration that was changed after the fact, or comes from a later release, is a matter for a person."""
    with psycopg.connect(dsn) as connection:
        connection.execute(change.encode())
    with pytest.raises(MigrationsDiverged, match="which this release lacks or has changed"):
        migrations.apply(dsn)


def test_command_says_what_it_did(empty_dsn: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The names of what ran, and then that all is up to date."""
    assert main([empty_dsn]) == 0
    assert capsys.readouterr().out.splitlines() == [f"applied {name}" for name in NAMES]
    assert main([empty_dsn]) == 0
    assert capsys.readouterr().out == "up to date\n"


def test_command_says_that_the_database_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    """And fails."""
    assert main([f"postgresql://127.0.0.1:{free_port()}/assay"]) == 1
    assert "could not migrate: PostgreSQL cannot be reached" in capsys.readouterr().err


def test_database_that_is_not_there_is_unavailable() -> None:
    """Said in our words."""
    with pytest.raises(DatabaseUnavailable):
        migrations.apply(f"postgresql://127.0.0.1:{free_port()}/assay")
