"""The statuses, and which may follow which."""

from chalicelib.uploads.lifecycle import SUCCESSORS, VERDICTS, Status, predecessors


def test_every_status_has_its_row_in_the_table() -> None:
    """The table of transitions is complete."""
    assert set(Status) == set(SUCCESSORS)


def test_verdicts_are_reached_from_validating_alone() -> None:
    """No verdict without a validation."""
    for verdict in VERDICTS:
        assert predecessors(verdict) == (Status.VALIDATING,)


def test_any_status_may_begin_a_new_attempt_and_none_returns_to_pending() -> None:
    """A newer object starts over from wherever the upload is."""
    assert tuple(Status) == predecessors(Status.VALIDATING)
    assert predecessors(Status.PENDING) == ()


def test_verdicts_are_the_only_ends_of_an_attempt() -> None:
    """Status.is_verdict agrees with VERDICTS."""
    assert {status for status in Status if status.is_verdict} == VERDICTS
