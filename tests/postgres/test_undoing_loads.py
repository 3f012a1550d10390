"""The SQL that docs/loading.md gives for undoing a load: orders of the upload `first`."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from chalicelib.postgres.database import Database
from chalicelib.postgres.loads import PostgresLoads
from chalicelib.postgres.tables import create_table
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.lifecycle import Cause
from chalicelib.validation.schema.dataset_options import LoadMode
from infra.local.project import PROJECT_ROOT
from tests.postgres.loader import MANY, TABLES, Loader

DOCUMENT = Path(PROJECT_ROOT, "docs/loading.md").read_text().partition("## Undoing a load")[2]
(UNDO,) = re.findall(r"```sql\n(.*?)```", DOCUMENT, re.DOTALL)
IS_WAITING = (
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
)


@pytest.fixture
def loader(database: Database, dsn: str) -> Loader:
    """A loader into Assay's own database."""
    create_table(lambda: dsn, TABLES[LoadMode.APPEND])
    return Loader(PostgresLoads(assay=lambda: dsn), PostgresUploads(database), dsn)


def undo(loader: Loader) -> None:
    """Run the SQL of the document."""
    with psycopg.connect(loader.target, autocommit=True) as connection:
        connection.execute(UNDO.encode())


def test_undone_load_is_loaded_again_by_a_replay(loader: Loader) -> None:
    """The rows of that upload are gone, those of others stay, and a replay works as if there had been no load."""
    loader.load(loader.begin("first", 1), "1,Ada", "2,Bob")
    loader.load(loader.begin("u2", 1), "1,Zoe")
    undo(loader)
    assert ["Zoe"] == [row[3] for row in loader.rows()]
    again = loader.uploads.replay("first", after=None, cause=Cause(actor="operator:ada", reason="to see"))
    assert 2 == loader.load(again, "1,Ada", "2,Bob").rows
    assert ["Ada", "Bob", "Zoe"] == [row[3] for row in loader.rows()]


def test_load_under_way_is_undone_as_a_whole(loader: Loader) -> None:
    """Neither rows without their record remain, nor a record without rows: the next load would fail."""
    loader.load(loader.begin("first", 1), "1,Ada")
    second = loader.begin("first", 2)
    with ThreadPoolExecutor(max_workers=1) as operator:

        def undo_meanwhile() -> None:
            undone = operator.submit(undo, loader)
            while not loader.read(IS_WAITING)[0][0]:
                assert not undone.done(), "it did not wait for the load"
                time.sleep(0.01)

        loader.load(second, *MANY, before=undo_meanwhile)
    assert [] == loader.rows()
    assert [] == loader.read("SELECT FROM _assay_loads")
    loader.load(loader.begin("first", 3), "2,Bob")
    assert ["Bob"] == [row[3] for row in loader.rows()]
