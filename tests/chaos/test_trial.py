"""A small trial with every kind of fault."""

from pathlib import Path

import pytest

from tests.chaos.plan import WITHIN_COPY, Fault, Plan
from tests.chaos.report import table
from tests.chaos.trial import conduct


@pytest.mark.trial(minutes=1)
def test_nothing_is_lost_stuck_or_wrong_while_everything_breaks(tmp_path: Path) -> None:
    """A few dozen uploads; faults in workers, the database, executions and notifications."""
    outcome = conduct(Plan.of(seed=6, uploads=30), log=tmp_path / "log", seconds_limit=120, say=lambda _progress: None)

    assert () == outcome.findings, table(outcome)
    assert outcome.is_quiet, table(outcome)
    assert set(Fault) - WITHIN_COPY <= set(outcome.faults), table(outcome)
