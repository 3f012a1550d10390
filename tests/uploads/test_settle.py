"""Executions that are over: what becomes of the uploads that wait for them."""

from collections.abc import Callable
from functools import partial

import pytest

from chalicelib.errors import ExecutionsUnavailable
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.attempts import Execution, ExecutionStatus
from chalicelib.uploads.lifecycle import RESTARTS, SETTLER, Status
from chalicelib.uploads.messages import StatusUpdate
from chalicelib.uploads.settle import SettleOutcome, settle_execution
from tests.fakes import InMemoryExecutions
from tests.uploads.upload import ATTEMPT

Settle = Callable[[Execution], SettleOutcome]
FAILED = Execution(name=ATTEMPT.execution_name, status=ExecutionStatus.FAILED, error="DatabaseUnavailable")


@pytest.fixture
def executions() -> InMemoryExecutions:
    """Executions, none of them started."""
    return InMemoryExecutions()


@pytest.fixture
def settle(uploads: PostgresUploads, executions: InMemoryExecutions) -> Settle:
    """The use case."""
    return partial(settle_execution, actor=SETTLER, uploads=uploads, executions=executions)


def test_execution_that_failed_without_a_verdict_is_followed_by_another(
    settle: Settle, uploads: PostgresUploads, executions: InMemoryExecutions
) -> None:
    """The database was away, say: the file deserves its verdict all the same."""
    assert settle(FAILED) is SettleOutcome.RESTARTED
    upload = uploads.find("42")
    assert (Status.VALIDATING, 2) == (upload.status, upload.attempt)
    assert [upload.execution_name] == list(executions.planned)
    last = uploads.transitions("42")[-1]
    assert last.reason == "the execution ended FAILED with DatabaseUnavailable without a verdict"


def test_version_that_fails_again_and_again_is_settled(
    settle: Settle, uploads: PostgresUploads, executions: InMemoryExecutions
) -> None:
    """It would for ever."""
    executions.start(ATTEMPT.execution)
    outcomes = []
    for _ in range(RESTARTS + 1):
        failed = executions.end(str(uploads.find("42").execution_name), ExecutionStatus.FAILED, "X")
        outcomes.append(settle(failed))
    assert [SettleOutcome.RESTARTED] * RESTARTS + [SettleOutcome.SETTLED] == outcomes
    assert [error.message for error in uploads.find("42").errors] == ["the file could not be checked: X"]


@pytest.mark.parametrize("status", [ExecutionStatus.TIMED_OUT, ExecutionStatus.ABORTED])
def test_execution_that_ran_out_of_time_or_was_aborted_is_not_repeated(
    settle: Settle, uploads: PostgresUploads, executions: InMemoryExecutions, status: str
) -> None:
    """It would take as long again, or was not wanted."""
    ended = Execution(name=ATTEMPT.execution_name, status=ExecutionStatus(status))
    assert settle(ended) is SettleOutcome.SETTLED
    upload = uploads.find("42")
    assert upload.status is Status.VALIDATION_FAILED
    assert [("file", "system-error", f"the file could not be checked: {status}")] == [
        (error.column, error.code, error.message) for error in upload.errors
    ]
    assert not executions.planned


def test_execution_that_has_recorded_its_verdict_needs_no_settling(settle: Settle, uploads: PostgresUploads) -> None:
    """SystemFailure fails too, after it has said so."""
    uploads.record_verdict(
        StatusUpdate(
            upload_id="42",
            status=Status.VALIDATION_FAILED,
            execution_name=ATTEMPT.execution_name,
            error_count=1,
        )
    )
    assert settle(FAILED) is SettleOutcome.NEEDLESS
    assert uploads.find("42").attempt == 1


def test_event_that_comes_twice_begins_one_attempt_but_may_start_it_again(
    settle: Settle, uploads: PostgresUploads, executions: InMemoryExecutions
) -> None:
    """The first delivery may have crashed before the execution was started, or failed to start it."""
    executions.unavailable.add("42")
    with pytest.raises(ExecutionsUnavailable):
        settle(FAILED)
    executions.unavailable.clear()
    assert [SettleOutcome.RESTARTED] * 2 == [settle(FAILED) for _ in range(2)]
    upload = uploads.find("42")
    assert (2, [upload.execution_name]) == (upload.attempt, list(executions.planned))


def test_execution_that_cannot_be_started_fails_the_event(
    settle: Settle, uploads: PostgresUploads, executions: InMemoryExecutions
) -> None:
    """The attempt is recorded, so that the sweep finds it."""
    executions.unavailable.add("42")
    with pytest.raises(ExecutionsUnavailable):
        settle(FAILED)
    assert (Status.VALIDATING, 2) == (uploads.find("42").status, uploads.find("42").attempt)


def test_redriven_execution_is_not_settled_by_an_earlier_event(
    settle: Settle, uploads: PostgresUploads, executions: InMemoryExecutions
) -> None:
    """The event is late: it is asked how the execution stands now."""
    executions.start(ATTEMPT.execution)
    aborted = executions.end(ATTEMPT.execution_name, ExecutionStatus.ABORTED)
    executions.end(ATTEMPT.execution_name, ExecutionStatus.RUNNING)
    assert settle(aborted) is SettleOutcome.NEEDLESS
    assert uploads.find("42").status is Status.VALIDATING
