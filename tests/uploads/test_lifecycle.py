"""Statuses and the transitions between them."""

from chalicelib.uploads.lifecycle import SUCCESSORS, VERDICTS, Status, predecessors


def test_every_status_has_its_row_in_the_table() -> None:
    """The table of transitions names every status."""
    assert set(Status) == set(SUCCESSORS)


def test_verdicts_follow_only_validating() -> None:
    """There is no verdict without a validation."""
    for verdict in VERDICTS:
        assert predecessors(verdict) == (Status.VALIDATING,)


def test_any_status_may_begin_a_new_attempt_and_none_returns_to_pending() -> None:
    """A newer object begins an attempt in any status of the upload."""
    assert tuple(Status) == predecessors(Status.VALIDATING)
    assert predecessors(Status.PENDING) == ()


def test_is_verdict_agrees_with_the_set_of_verdicts() -> None:
    """Status.is_verdict is true for the members of VERDICTS only."""
    assert {status for status in Status if status.is_verdict} == VERDICTS
