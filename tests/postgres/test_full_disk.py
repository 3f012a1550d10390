"""A load into a table whose disk is full, on a file system of 2 MB."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from chalicelib.errors import DatabaseFull
from chalicelib.postgres.database import Database
from chalicelib.postgres.loads import PostgresLoads
from chalicelib.postgres.tables import create_table
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.lifecycle import Status
from chalicelib.validation.schema.dataset_options import LoadMode
from infra.local.child_processes import unprivileged_account
from infra.local.directories import temporary_directory
from infra.local.postgres import open_directory
from tests.postgres.loader import TABLES, Loader

MANY = tuple(f"{number},{'x' * 100}" for number in range(30_000))
"""About 4 MB."""


def mount(directory: Path, options: str) -> None:
    """Mount a file system in memory; raises CalledProcessError where that is not allowed."""
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(directory)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command line


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A directory of the server's on a file system of 2 MB."""
    account = unprivileged_account()
    if account is None or shutil.which("mount") is None:
        pytest.skip("only root can mount a small file system")
    with temporary_directory("assay-disk-", open_directory()) as held:
        try:
            mount(held.path, "size=2m")
        except subprocess.CalledProcessError as error:
            pytest.skip(f"a small file system cannot be mounted: {error.stderr.decode().strip()}")
        shutil.chown(held.path, account)
        yield held.path
        subprocess.run(["umount", str(held.path)], check=True)  # noqa: S603, S607 - our own command line


@pytest.fixture
def loader(database: Database, dsn: str, small_disk: Path) -> Iterator[Loader]:
    """A loader into a table on that disk."""
    create_table(lambda: dsn, TABLES[LoadMode.APPEND])
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{small_disk}'".encode())
        connection.execute("ALTER TABLE orders SET TABLESPACE small")
        yield Loader(PostgresLoads(assay=lambda: dsn), PostgresUploads(database), dsn)
        connection.execute("DROP TABLE orders")
        connection.execute("DROP TABLESPACE small")


def test_full_disk_leaves_nothing_and_is_named(loader: Loader, small_disk: Path) -> None:
    """The error says which table has no room and what to do; once there is room, the same load succeeds."""
    execution = loader.begin("u1", 1)
    expected = (
        r"^PostgreSQL has no room for the rows of orders: could not extend file .*: No space left on device: "
        r"free disk space or raise the limit, then replay the upload$"
    )
    with pytest.raises(DatabaseFull, match=expected):
        loader.load(execution, *MANY)
    assert [] == loader.rows()
    assert Status.VALIDATING is loader.status("u1")
    mount(small_disk, "remount,size=64m")
    assert len(MANY) == loader.load(execution, *MANY).rows
    assert len(MANY) == len(loader.rows())
