"""The database's history, run once however often it is asked for."""

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
    """All that are missing, or none."""
    with psycopg.connect(empty_dsn) as connection:
        connection.execute("CREATE TABLE csv_upload_transitions ()")
    with pytest.raises(psycopg.errors.DuplicateTable):
        migrations.apply(empty_dsn)
    with psycopg.connect(empty_dsn) as connection:
        assert (None, None) == connection.execute(
            "SELECT to_regclass('csv_uploads'), to_regclass('assay_migrations')"
        ).fetchone()


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
