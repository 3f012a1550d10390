"""Verdicts: recorded ones, and late ones, which are refused."""

import pytest
from attrs import evolve

from chalicelib.errors import (
    AttemptSettled,
    AttemptSuperseded,
    TransitionIllegal,
    ValueUnstorable,
)
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.lifecycle import EXECUTION, SETTLER, SWEEP, Cause, Status
from chalicelib.uploads.messages import Verdict
from chalicelib.validation.report import FILE, ErrorCode, Fault, ValidationError
from tests.postgres.upload import BY_SWEEP, ERRORS, FAULT, FIRST, SECOND, verdict


@pytest.mark.parametrize(("status", "errors"), [(Status.VALIDATED, ()), (Status.VALIDATION_FAILED, ERRORS)], ids=str)
def test_verdict_is_read_back_as_it_was_recorded(
    uploads: PostgresUploads, status: Status, errors: tuple[ValidationError, ...]
) -> None:
    """Status, counts and all members of its errors are equal."""
    uploads.begin_announced(FIRST)
    assert status is uploads.record_verdict(verdict(FIRST, status, errors)).status
    upload = uploads.find("42")
    assert (upload.status, upload.row_count, upload.error_count) == (status, 7, len(errors))
    assert errors == upload.errors


def test_valid_file_has_only_errors_of_rejected_rows(uploads: PostgresUploads) -> None:
    """The database refuses other errors of a VALIDATED upload, as the message does."""
    uploads.begin_announced(FIRST)
    tolerated = evolve(verdict(FIRST), error_count=2, errors=ERRORS, rejected_rows=1)
    assert Status.VALIDATED is uploads.record_verdict(tolerated).status
    assert uploads.find("42").error_count == 2
    with pytest.raises(ValueUnstorable, match="valid_has_only_errors_of_rejected_rows"):
        uploads.database.run(lambda connection: connection.execute("UPDATE csv_uploads SET rejected_rows = NULL"))


def test_verdict_may_be_recorded_twice(uploads: PostgresUploads) -> None:
    """AWS may invoke a Lambda again after it succeeded; the second call returns the same."""
    uploads.begin_announced(FIRST)
    recorded = uploads.record_verdict(verdict(FIRST))
    assert recorded == uploads.record_verdict(verdict(FIRST))


def test_verdict_is_returned_as_recorded(uploads: PostgresUploads) -> None:
    """It has the upload, the attempt, and its begin and end by the database's clock."""
    uploads.begin_announced(FIRST)
    recorded = uploads.record_verdict(verdict(FIRST, Status.VALIDATION_FAILED, ERRORS))
    began, ended = (step.occurred_at for step in uploads.transitions("42")[-2:])
    expected = Verdict(
        upload_id="42",
        owner="acme",
        bucket="inbox",
        key="uploads/acme/42/a b.csv",
        filename="a b.csv",
        status=Status.VALIDATION_FAILED,
        system_failure=False,
        attempt=1,
        execution_name=FIRST.execution_name,
        row_count=7,
        error_count=2,
        actor=EXECUTION,
        began_at=began,
        occurred_at=ended,
    )
    assert expected == recorded


def test_accepted_rows_are_those_that_are_not_rejected(uploads: PostgresUploads) -> None:
    """They are not known if the rejected ones are not."""
    uploads.begin_announced(FIRST)
    recorded = uploads.record_verdict(evolve(verdict(FIRST, Status.VALIDATION_FAILED, ERRORS), rejected_rows=2))
    assert (7, 5, 2) == (recorded.row_count, recorded.accepted_rows, recorded.rejected_rows)


def test_system_failure_is_marked(uploads: PostgresUploads) -> None:
    """The mark does not depend on whether the execution or the settler recorded it."""
    uploads.begin_announced(FIRST)
    fault = Fault(ErrorCode.SYSTEM_ERROR, "the file could not be checked: Unforeseen").at(column=FILE)
    assert uploads.record_verdict(verdict(FIRST, Status.VALIDATION_FAILED, (fault,))).system_failure
    uploads.begin_announced(SECOND)
    settled = uploads.settle(SECOND.execution_name, Fault(ErrorCode.SYSTEM_ERROR, "ABORTED"), Cause(actor=SETTLER))
    assert settled is not None
    assert settled.system_failure


def test_verdict_of_a_superseded_attempt_is_refused(uploads: PostgresUploads) -> None:
    """A late verdict must not change the status of a newer object."""
    uploads.begin_announced(FIRST)
    uploads.begin_announced(SECOND)
    with pytest.raises(AttemptSuperseded):
        uploads.record_verdict(verdict(FIRST))
    assert uploads.find("42").status is Status.VALIDATING


def test_verdict_cannot_be_replaced_by_the_other(uploads: PostgresUploads) -> None:
    """An attempt has one verdict."""
    uploads.begin_announced(FIRST)
    uploads.record_verdict(verdict(FIRST))
    with pytest.raises(TransitionIllegal):
        uploads.record_verdict(verdict(FIRST, Status.VALIDATION_FAILED, ERRORS))
    assert uploads.find("42").status is Status.VALIDATED


def test_settled_upload_has_a_system_failure(uploads: PostgresUploads) -> None:
    """Its error is one of the whole file, as the state machine would have recorded it."""
    uploads.begin_announced(FIRST)
    settled = uploads.settle(FIRST.execution_name, FAULT, BY_SWEEP)
    assert settled
    assert (SWEEP, 1, None) == (settled.actor, settled.error_count, settled.row_count)
    upload = uploads.find("42")
    assert (Status.VALIDATION_FAILED, 1, None) == (upload.status, upload.error_count, upload.row_count)
    assert (FAULT.at(column="file"),) == upload.errors


@pytest.mark.parametrize(("status", "errors"), [(Status.VALIDATED, ()), (Status.VALIDATION_FAILED, ERRORS)], ids=str)
def test_verdict_on_a_settled_attempt_is_refused(
    uploads: PostgresUploads, status: Status, errors: tuple[ValidationError, ...]
) -> None:
    """A redriven execution may send one later, valid or not."""
    uploads.begin_announced(FIRST)
    uploads.settle(FIRST.execution_name, FAULT, BY_SWEEP)
    with pytest.raises(AttemptSettled):
        uploads.record_verdict(verdict(FIRST, status, errors))
    assert (FAULT.at(column="file"),) == uploads.find("42").errors
