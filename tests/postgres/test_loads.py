"""Loads: which rows a table has after attempts that overtake each other, fail, crash and come again."""

from typing import LiteralString

import psycopg
import pytest
from attrs import evolve
from psycopg.sql import SQL, Identifier

from chalicelib.errors import (
    AttemptSettled,
    AttemptSuperseded,
    DatabaseFull,
    DatabaseUnavailable,
    LoadForbidden,
    LoadInconsistent,
    RowsRefused,
    TableUnfit,
)
from chalicelib.postgres.database import Database
from chalicelib.postgres.loads import PostgresLoads
from chalicelib.postgres.tables import create_table
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.lifecycle import SETTLER, Cause, Status
from chalicelib.uploads.loads import Loaded
from chalicelib.validation.report import ErrorCode, Fault
from chalicelib.validation.schema.dataset_options import LoadMode
from infra.local.postgres import PostgresServer
from tests.postgres.loader import MANY, TABLES, Killed, Loader

DISK_FULL = """
    CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER fills BEFORE INSERT ON orders FOR EACH ROW WHEN (NEW.id = 2) EXECUTE FUNCTION fill()
"""
"""What PostgreSQL reports of a full disk, at the second row."""


@pytest.fixture(params=["own", "other"])
def loader(request: pytest.FixtureRequest, database: Database, dsn: str, empty_dsn: str) -> Loader:
    """A loader into Assay's own database, and into another one."""
    target = dsn if request.param == "own" else empty_dsn
    create_table(lambda: target, TABLES[LoadMode.APPEND])
    loads = PostgresLoads(assay=lambda: dsn, target=None if target == dsn else lambda: target)
    return Loader(loads, PostgresUploads(database), target)


@pytest.fixture
def keyed(loader: Loader) -> Loader:
    """A loader whose table has the schema's own primary key, as one for `replace` and `upsert` has."""
    loader.change("DROP TABLE orders")
    create_table(lambda: loader.target, TABLES[LoadMode.UPSERT])
    return loader


def test_rows_and_verdict_are_recorded_together(loader: Loader) -> None:
    """A load leaves the rows, the verdict, and a record of the load."""
    loaded = loader.load(loader.begin("u1", 1), "1,Ada", '2,"B, C"')
    assert Loaded(rows=2, table="orders") == loaded
    assert [("u1", 2, 1, "Ada"), ("u1", 3, 2, "B, C")] == loader.rows()
    upload = loader.uploads.find("u1")
    assert (Status.VALIDATED, 2, "orders") == (upload.status, upload.loaded_rows, upload.loaded_table)
    assert [("orders", "u1", 1, "append", 2)] == loader.read(
        "SELECT table_name, upload_id, attempt, mode, row_count FROM _assay_loads"
    )


def test_repeated_load_changes_nothing(loader: Loader) -> None:
    """A load whose answer was lost is not done again."""
    execution = loader.begin("u1", 1)
    loader.load(execution, "1,Ada", "2,Bob")
    assert Loaded(rows=2, table="orders") == loader.load(execution, "7,Other")
    assert 2 == len(loader.rows())


def test_newer_version_replaces_the_rows_of_its_upload_alone(loader: Loader) -> None:
    """The rows of an upload are those of its newest version; other uploads keep theirs."""
    loader.load(loader.begin("u1", 1), "1,Ada", "2,Bob")
    loader.load(loader.begin("u2", 1), "1,Zoe")
    loader.load(loader.begin("u1", 2), "3,Eve")
    assert [("u1", 2, 3, "Eve"), ("u2", 2, 1, "Zoe")] == loader.rows()


def test_superseded_attempt_loads_nothing(loader: Loader) -> None:
    """An attempt that was superseded before its load, or during it, leaves the rows of the last verdict."""
    loader.load(loader.begin("u1", 1), "1,Ada")
    late = loader.begin("u1", 2)
    with pytest.raises(AttemptSuperseded):
        loader.load(late, "2,Bob", before=lambda: loader.begin("u1", 3))
    with pytest.raises(AttemptSuperseded):
        loader.load(late, "2,Bob")
    assert [("u1", 2, 1, "Ada")] == loader.rows()


def test_settled_attempt_loads_nothing(loader: Loader) -> None:
    """An attempt that the settler ends during its load leaves no rows."""
    execution = loader.begin("u1", 1)
    fault = Fault(ErrorCode.SYSTEM_ERROR, "timed out")
    with pytest.raises(AttemptSettled):
        loader.load(
            execution, "1,Ada", before=lambda: loader.uploads.settle(execution.name, fault, Cause(actor=SETTLER))
        )
    assert [] == loader.rows()
    assert Status.VALIDATION_FAILED is loader.status("u1")


def test_worker_that_dies_within_the_copy_leaves_nothing(loader: Loader) -> None:
    """A worker that dies loads nothing and records nothing, and the next try loads all rows."""

    def die() -> None:
        raise Killed

    execution = loader.begin("u1", 1)
    with pytest.raises(Killed):
        loader.load(execution, *MANY, before=die)
    assert [] == loader.rows()
    assert Status.VALIDATING is loader.status("u1")
    loader.load(execution, "1,Ada")
    assert 1 == len(loader.rows())


def test_connection_that_is_lost_within_the_copy_leaves_nothing(loader: Loader) -> None:
    """A load whose connection is cut is repeated as a failure of the system."""
    execution = loader.begin("u1", 1)
    with pytest.raises(DatabaseUnavailable):
        loader.load(
            execution,
            *MANY,
            before=lambda: loader.change(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%'"
            ),
        )
    assert [] == loader.rows()
    assert Status.VALIDATING is loader.status("u1")


def test_older_attempt_never_replaces_the_rows_of_a_newer_one(loader: Loader) -> None:
    """The target knows by itself which attempt is newer, whatever Assay's own database says."""
    execution = loader.begin("u1", 1)
    loader.load(execution, "1,Ada")
    loader.change("UPDATE _assay_loads SET attempt = 5")
    again = loader.begin("u1", 2)
    with pytest.raises(AttemptSuperseded, match="attempt 5 at upload u1"):
        loader.load(again, "2,Bob")
    assert [("u1", 2, 1, "Ada")] == loader.rows()


def test_replace_keeps_the_rows_of_the_file_that_arrived_last(keyed: Loader) -> None:
    """A file that arrived earlier and is loaded later replaces nothing; its verdict stands."""
    first, second = keyed.begin("u1", 1), keyed.begin("u2", 1)
    keyed.load(second, "1,Zoe", "2,Yan", mode=LoadMode.REPLACE)
    assert Loaded(rows=0, table="orders") == keyed.load(first, "3,Ada", mode=LoadMode.REPLACE)
    assert ["Zoe", "Yan"] == [row[3] for row in keyed.rows()]
    assert Status.VALIDATED is keyed.status("u1")
    keyed.load(keyed.begin("u1", 2), "4,Eve", mode=LoadMode.REPLACE)
    assert ["Eve"] == [row[3] for row in keyed.rows()]


def test_replay_does_not_make_a_version_newer(keyed: Loader) -> None:
    """A replay of a file that was replaced by another one does not bring its rows back."""
    keyed.load(keyed.begin("u1", 1), "1,Ada", mode=LoadMode.REPLACE)
    keyed.load(keyed.begin("u2", 1), "2,Zoe", mode=LoadMode.REPLACE)
    again = keyed.uploads.replay("u1", after=None, cause=Cause(actor="operator:ada", reason="to see"))
    assert 0 == keyed.load(again, "1,Ada", mode=LoadMode.REPLACE).rows
    assert ["Zoe"] == [row[3] for row in keyed.rows()]


def test_upsert_merges_by_the_primary_key_in_order_of_arrival(keyed: Loader) -> None:
    """Of two files with the same key, the row of the one that arrived later stays, whichever is loaded first."""
    first, second = keyed.begin("u1", 1), keyed.begin("u2", 1)
    keyed.load(second, "1,Zoe", "2,Yan", mode=LoadMode.UPSERT)
    assert 1 == keyed.load(first, "1,Ada", "3,Bob", mode=LoadMode.UPSERT).rows
    assert [(1, "Zoe"), (2, "Yan"), (3, "Bob")] == sorted(row[2:] for row in keyed.rows())
    keyed.load(keyed.begin("u1", 2), "1,Eve", mode=LoadMode.UPSERT)
    assert [(1, "Eve"), (2, "Yan")] == sorted(row[2:] for row in keyed.rows())


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (
            "ALTER TABLE orders ALTER name TYPE integer USING 0",
            "column name is integer: expected text or character varying",
        ),
        ("ALTER TABLE orders DROP name", "column name is missing: expected text"),
        ("ALTER TABLE orders ALTER name SET NOT NULL", "column name is NOT NULL, and its field is not required"),
        (
            "ALTER TABLE orders ADD note text NOT NULL",
            "column note is NOT NULL without a default, and no field fills it",
        ),
        (
            "ALTER TABLE orders ALTER _loaded_at DROP DEFAULT",
            "column _loaded_at has no default: expected DEFAULT now()",
        ),
        ("ALTER TABLE orders DROP _row", "column _row is missing: expected bigint"),
    ],
)
def test_table_that_does_not_fit_is_named_column_by_column(
    loader: Loader, change: LiteralString, difference: str
) -> None:
    """A table of another shape is named before anything is copied, with what is expected."""
    loader.change(change)
    with pytest.raises(TableUnfit) as raised:
        loader.load(loader.begin("u1", 1), "1,Ada")
    assert str(raised.value) == (
        f"the table orders does not fit its schema: {difference}. "
        "Nothing was loaded: alter the table, then replay the upload"
    )
    assert Status.VALIDATING is loader.status("u1")


@pytest.mark.parametrize("table", ["orders", "_assay_loads"])
def test_missing_table_is_named(loader: Loader, table: str) -> None:
    """The error says which table is missing in which schema, and how to create it."""
    loader.change(SQL("DROP TABLE {}").format(Identifier(table)))
    with pytest.raises(TableUnfit) as raised:
        loader.load(loader.begin("u1", 1), "1,Ada")
    assert str(raised.value) == (
        f"there is no table {table} in the schema public, or postgres may not see it: "
        "create it by `python -m chalicelib.operations table`, then replay the upload"
    )
    assert Status.VALIDATING is loader.status("u1")


def test_upsert_needs_a_unique_index(loader: Loader) -> None:
    """A table without the key by which rows are merged does not fit."""
    with pytest.raises(TableUnfit, match=r"no unique index on \(id\)"):
        loader.load(loader.begin("u1", 1), "1,Ada", mode=LoadMode.UPSERT)


@pytest.mark.parametrize(
    ("change", "error", "named"),
    [
        ("ALTER TABLE orders ADD CHECK (id < 2)", RowsRefused, "CheckViolation, constraint orders_id_check"),
        ("ALTER TABLE orders ADD UNIQUE (name)", RowsRefused, "UniqueViolation, constraint orders_name_key"),
        (DISK_FULL, DatabaseFull, "no room for the rows of orders: .*: free disk space"),
    ],
)
def test_refused_rows_leave_nothing(loader: Loader, change: LiteralString, error: type[Exception], named: str) -> None:
    """A table that refuses a row, or a disk without room, gets none; the error names what, without a value."""
    loader.change(change)
    with pytest.raises(error, match=named) as raised:
        loader.load(loader.begin("u1", 1), "1,secret", "2,secret")
    assert "secret" not in str(raised.value)
    assert [] == loader.rows()


def test_missing_privilege_is_named(loader: Loader, postgres: PostgresServer) -> None:
    """A user who may not load learns which privilege is missing on which table."""
    name = f"reader_{postgres.port}_{id(loader)}"
    with psycopg.connect(loader.target, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {name}".encode())
        connection.execute(f"GRANT {name} TO postgres; GRANT SELECT ON orders TO {name}".encode())
        connection.execute(f"GRANT ALL ON _assay_loads TO {name}".encode())
        as_reader = psycopg.conninfo.make_conninfo(loader.target, options=f"-c role={name}")
        loads = evolve(loader.loads, target=lambda: as_reader)
        expected = f"^{name} lacks INSERT on orders, DELETE on orders: grant it, then replay the upload$"
        with pytest.raises(LoadForbidden, match=expected):
            evolve(loader, loads=loads).load(loader.begin("u1", 1), "1,Ada")
        connection.execute(f"DROP OWNED BY {name}; DROP ROLE {name}".encode())


def test_wrong_number_of_rows_stops_the_load(loader: Loader) -> None:
    """A load of more or fewer rows than were accepted is not committed."""
    with pytest.raises(LoadInconsistent, match="1 rows were copied and 1 sent, where 2 were accepted"):
        loader.load(loader.begin("u1", 1), "1,Ada", expected_rows=2)
    assert [] == loader.rows()
