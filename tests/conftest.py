"""Shared fixtures: one PostgreSQL a session, one database a test."""

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import boto3
import pytest
from botocore.loaders import JSONFileLoader
from chalice.test import Client
from hypothesis import settings
from moto import mock_aws

import app
from chalicelib.postgres import migrations
from chalicelib.postgres.database import Database
from chalicelib.telemetry import logs
from infra.local.postgres import PostgresServer

LINK_SECRET = "0123456789abcdef" * 2
_TEMPLATE = "assay_template"
_MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:assay-test-csv-processing"

# Property tests draw the same few examples every time, on every machine; `make fuzz-properties` draws more, at random.
settings.register_profile("search", max_examples=1000, derandomize=False, deadline=None, print_blob=True)
settings.register_profile("repeatable", max_examples=50, derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")

# Without credentials, botocore would look for an EC2 instance's on the network.
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
# Each of botocore's sessions parses megabytes of JSON again, and tests open hundreds of them.
setattr(JSONFileLoader, "load_file", staticmethod(cache(JSONFileLoader().load_file)))  # noqa: B010 - a method to mypy


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the files that take longest, so that several processes end at about the same time."""
    items.sort(key=lambda item: (-_minutes(item), not item.nodeid.startswith("tests/web/")))


def _minutes(item: pytest.Item) -> int:
    """Return how long a trial takes; 0 for a test that is none, and for a trial of some seconds."""
    trial = item.get_closest_marker("trial")
    return trial.kwargs.get("minutes", 0) if trial else 0


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse tests that share an id: with several processes, only one of them would run, without a message."""
    ids = Counter(item.nodeid for item in session.items)
    if shared := sorted(node for node, times in ids.items() if times > 1):
        raise pytest.UsageError(f"tests share an id: {', '.join(shared)}")


@pytest.fixture(autouse=True)
def _session_of_its_own() -> Iterator[None]:
    """Make boto3 open a session for each test: the default session keeps the first credentials and region."""
    # Without monkeypatch: requested this early, it would restore the environment after the other fixtures end.
    with patch.object(boto3, "DEFAULT_SESSION", None):
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL with a migrated template database, in memory where there is room.

    Hundreds of databases are copied and dropped, which takes twice as long on a disk.
    """
    memory = Path("/dev/shm")  # noqa: S108 - the server makes a fresh private directory there
    has_room = memory.is_dir() and shutil.disk_usage(memory).free > 2 * 1024**3
    with PostgresServer(parent=memory if has_room else None) as server:
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
def client(dsn: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """Chalice's test client for the app, with a database of the test's own, an S3 and a state machine."""
    monkeypatch.setenv("DATABASE_URL", dsn)
    monkeypatch.setenv("STATE_MACHINE_ARN", _MACHINE)
    monkeypatch.setenv("UPLOADS_BUCKET", "inbox")
    monkeypatch.setenv("SCHEMAS_URI", "s3://inbox/schemas/")
    monkeypatch.setenv("LINK_SECRET", LINK_SECRET)
    monkeypatch.setenv("SWEEP_GRACE_SECONDS", "0")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    app.services.cache_clear()
    with mock_aws(), Client(app.app, stage_name="test") as client:
        boto3.client("s3").create_bucket(Bucket="inbox")
        boto3.client("stepfunctions").create_state_machine(
            name=_MACHINE.rpartition(":")[2],
            definition='{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
            roleArn="arn:aws:iam::123456789012:role/states",
        )
        yield client
        app.services().close()
    app.services.cache_clear()


@pytest.fixture
def log_lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """A function that returns the log lines since its last call, parsed."""
    logs.configure()
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
