"""Loads into another database whose commit may have been lost: the upload waits until that is known."""

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from chalicelib.errors import DatabaseUnavailable, RowsRefused
from chalicelib.postgres.database import Database, connect
from chalicelib.postgres.loads import PostgresLoads
from chalicelib.postgres.tables import create_table
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.attempts import ExecutionStatus, PlannedExecution
from chalicelib.uploads.lifecycle import SETTLER, Cause, Status
from chalicelib.uploads.loads import Loaded
from chalicelib.uploads.settle import SettleOutcome, settle_execution
from chalicelib.uploads.sweep import Sweep
from chalicelib.validation.schema.dataset_options import LoadMode
from tests.fakes import InMemoryBucket, InMemoryBus, InMemoryExecutions
from tests.postgres.loader import TABLES, Killed, Loader

NOT_KNOWN = "it is not known yet whether a load of upload u1 was committed: try again"


@pytest.fixture
def loader(database: Database, dsn: str, empty_dsn: str) -> Loader:
    """A loader into another database."""
    create_table(lambda: empty_dsn, TABLES[LoadMode.APPEND])
    loads = PostgresLoads(assay=lambda: dsn, target=lambda: empty_dsn)
    return Loader(loads, PostgresUploads(database), empty_dsn)


@pytest.fixture
def executions() -> InMemoryExecutions:
    """Executions of which none has started."""
    return InMemoryExecutions()


def crash(loader: Loader, *records: str, after_commit: bool) -> PlannedExecution:
    """Load these records as version 1 of u1, and die just before or just after the target's commit."""
    execution = loader.begin("u1", 1)

    def dying(dsn: str) -> Any:
        connection: Any = connect(dsn)
        commit = connection.commit

        def commit_and_die() -> None:
            if after_commit:
                commit()
            raise Killed

        if dsn == loader.target:
            connection.commit = commit_and_die
        return connection

    with pytest.raises(Killed):
        evolve(loader, loads=evolve(loader.loads, connect=dying)).load(execution, *records)
    assert Status.VALIDATING is loader.status("u1")
    return execution


def sweep_of(loader: Loader, executions: InMemoryExecutions, bus: InMemoryBus) -> Sweep:
    """Return a sweep without a grace period."""
    return Sweep(
        uploads=loader.uploads,
        executions=executions,
        bucket=InMemoryBucket("b"),
        grace=timedelta(0),
        bus=bus,
        loads=loader.loads,
    )


def test_retry_finds_that_the_rows_were_committed(loader: Loader) -> None:
    """The verdict of the first try is recorded, and nothing is loaded again."""
    execution = crash(loader, "1,Ada", "2,Bob", after_commit=True)
    assert Loaded(rows=2, table="orders") == loader.load(execution, "7,Other")
    assert ["Ada", "Bob"] == [row[3] for row in loader.rows()]
    upload = loader.uploads.find("u1")
    assert (Status.VALIDATED, 2, "orders") == (upload.status, upload.loaded_rows, upload.loaded_table)


def test_retry_loads_what_was_not_committed(loader: Loader) -> None:
    """A crash before the commit leaves nothing but the doubt, which the next try removes."""
    execution = crash(loader, "1,Ada", after_commit=False)
    assert [] == loader.rows()
    assert Loaded(rows=1, table="orders") == loader.load(execution, "1,Ada")
    assert Status.VALIDATED is loader.status("u1")


def test_attempt_in_doubt_is_neither_replaced_nor_ended(loader: Loader, executions: InMemoryExecutions) -> None:
    """A newer object, a replay and the settler wait until it is known which rows are there."""
    execution = crash(loader, "1,Ada", after_commit=True)
    with pytest.raises(DatabaseUnavailable, match=NOT_KNOWN):
        loader.begin("u1", 2)
    with pytest.raises(DatabaseUnavailable, match=NOT_KNOWN):
        loader.uploads.replay("u1", after=None, cause=Cause(actor="operator:ada"))
    executions.start(execution)
    ended = executions.end(execution.name, ExecutionStatus.ABORTED)
    outcome = settle_execution(ended, actor=SETTLER, uploads=loader.uploads, executions=executions)
    assert SettleOutcome.NEEDLESS is outcome
    assert Status.VALIDATING is loader.status("u1")
    loader.load(execution, "1,Ada")
    loader.load(loader.begin("u1", 2), "2,Bob")
    assert ["Bob"] == [row[3] for row in loader.rows()]


def test_sweep_records_the_verdict_of_committed_rows(loader: Loader, executions: InMemoryExecutions) -> None:
    """An execution that was aborted within its commit is VALIDATED, and its event is published."""
    execution, bus = crash(loader, "1,Ada", after_commit=True), InMemoryBus()
    executions.start(execution)
    executions.end(execution.name, ExecutionStatus.ABORTED)
    sweep_of(loader, executions, bus).run()
    assert (Status.VALIDATED, 1) == (loader.status("u1"), loader.uploads.find("u1").loaded_rows)
    assert [(execution.name, 1)] == [(it.execution_name, it.loaded_rows) for it in bus.verdicts]


@pytest.mark.parametrize("table_is_gone", [False, True])
def test_sweep_settles_an_attempt_whose_rows_were_not_committed(
    loader: Loader, executions: InMemoryExecutions, *, table_is_gone: bool
) -> None:
    """As one without a doubt; a table of loads that was dropped has no load."""
    execution = crash(loader, "1,Ada", after_commit=False)
    if table_is_gone:
        loader.change("DROP TABLE _assay_loads")
    executions.start(execution)
    executions.end(execution.name, ExecutionStatus.ABORTED)
    sweep_of(loader, executions, InMemoryBus()).run()
    assert Status.VALIDATION_FAILED is loader.status("u1")
    assert [] == loader.rows()


def test_deferred_constraint_refuses_rows_before_the_commit(loader: Loader) -> None:
    """The load is not in doubt, so that the failure can be recorded at once."""
    loader.change("ALTER TABLE orders ADD CONSTRAINT once UNIQUE (name) DEFERRABLE INITIALLY DEFERRED")
    execution = loader.begin("u1", 1)
    with pytest.raises(RowsRefused, match="UniqueViolation, constraint once"):
        loader.load(execution, "1,Ada", "2,Ada")
    assert not loader.uploads.has_load_in_doubt(execution.name)
