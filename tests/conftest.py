"""What tests share: one PostgreSQL a session, one database a test."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from chalicelib import logs, migrations
from chalicelib.adapters.database import Database
from infra.local.postgres import PostgresServer

_TEMPLATE = "assay_template"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL that has a migrated database to copy."""
    with PostgresServer() as server:
        migrations.apply(server.create_database(_TEMPLATE))
        yield server


@pytest.fixture
def dsn(postgres: PostgresServer) -> Iterator[str]:
    """The DSN of a migrated database of the test's own."""
    name = f"test_{uuid4().hex}"
    yield postgres.create_database(name, template=_TEMPLATE)
    postgres.drop_database(name)


@pytest.fixture
def empty_dsn(postgres: PostgresServer) -> Iterator[str]:
    """The DSN of an empty database of the test's own."""
    name = f"test_{uuid4().hex}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


@pytest.fixture
def database(dsn: str) -> Iterator[Database]:
    """A migrated database of the test's own."""
    database = Database(lambda: dsn)
    yield database
    database.close()


@pytest.fixture
def log_lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """What has been logged since one last asked, each line as the object that it is."""
    logs.configure()
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
