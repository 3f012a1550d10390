"""Executions that ended without a verdict: their uploads are restarted or settled."""

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
    """Executions of which none has started."""
    return InMemoryExecutions()


@pytest.fixture
def settle(uploads: PostgresUploads, executions: InMemoryExecutions) -> Settle:
    """The use case."""
    return partial(settle_execution, actor=SETTLER, uploads=uploads, executions=executions)


def test_execution_that_failed_without_a_verdict_is_restarted(
    settle: Settle, uploads: PostgresUploads, executions: InMemoryExecutions
) -> None:
    """The cause may have been temporary, such as an unavailable database."""
    assert settle(FAILED) is SettleOutcome.RESTARTED
    upload = uploads.find("42")
    assert (Status.VALIDATING, 2) == (upload.status, upload.attempt)
    assert [upload.execution_name] == list(executions.planned)
    last = uploads.transitions("42")[-1]
    assert last.reason == "the execution ended FAILED with DatabaseUnavailable without a verdict"


def test_version_whose_restarts_are_used_up_is_settled(
    settle: Settle, uploads: PostgresUploads, executions: InMemoryExecutions
) -> None:
    """Otherwise it would be restarted for ever."""
    executions.start(ATTEMPT.execution)
    outcomes = []
    for _ in range(RESTARTS + 1):
        failed = executions.end(str(uploads.find("42").execution_name), ExecutionStatus.FAILED, "X")
        outcomes.append(settle(failed))
    assert [SettleOutcome.RESTARTED] * RESTARTS + [SettleOutcome.SETTLED] == outcomes
    assert [error.message for error in uploads.find("42").errors] == ["the file could not be checked: X"]


@pytest.mark.parametrize("status", [ExecutionStatus.TIMED_OUT, ExecutionStatus.ABORTED])
def test_execution_that_timed_out_or_was_aborted_is_not_restarted(
    settle: Settle, uploads: PostgresUploads, executions: InMemoryExecutions, status: str
) -> None:
    """It would time out again, or an operator aborted it on purpose."""
    ended = Execution(name=ATTEMPT.execution_name, status=ExecutionStatus(status))
    assert settle(ended) is SettleOutcome.SETTLED
    upload = uploads.find("42")
    assert upload.status is Status.VALIDATION_FAILED
    assert [("file", "system-error", f"the file could not be checked: {status}")] == [
        (error.column, error.code, error.message) for error in upload.errors
    ]
    assert not executions.planned


def test_execution_that_has_recorded_its_verdict_needs_no_settling(settle: Settle, uploads: PostgresUploads) -> None:
    """The state SystemFailure ends an execution as failed after its verdict was recorded."""
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


def test_duplicate_event_begins_one_attempt_and_may_start_its_execution(
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
    """The attempt is recorded; the sweep would find it."""
    executions.unavailable.add("42")
    with pytest.raises(ExecutionsUnavailable):
        settle(FAILED)
    assert (Status.VALIDATING, 2) == (uploads.find("42").status, uploads.find("42").attempt)


def test_redriven_execution_is_not_settled_by_an_earlier_event(
    settle: Settle, uploads: PostgresUploads, executions: InMemoryExecutions
) -> None:
    """The event is late: the settler asks Step Functions for the current status."""
    executions.start(ATTEMPT.execution)
    aborted = executions.end(ATTEMPT.execution_name, ExecutionStatus.ABORTED)
    executions.end(ATTEMPT.execution_name, ExecutionStatus.RUNNING)
    assert settle(aborted) is SettleOutcome.NEEDLESS
    assert uploads.find("42").status is Status.VALIDATING
