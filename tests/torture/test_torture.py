"""The lifecycle, tortured."""

import pytest

from chalicelib.postgres.database import Database
from tests.torture.play import play


@pytest.mark.parametrize("steps", [1_000, pytest.param(10_000, marks=pytest.mark.trial)])
def test_no_upload_is_lost_stuck_or_wrong_whatever_happens(database: Database, steps: int) -> None:
    """After any number of steps, in any order, each has the verdict on its newest object."""
    played = play(database, steps=steps, first_seed=1)
    assert {"put", "notify", "record", "come_to_nothing", "report_end", "redrive", "replay", "sweep"} <= played.keys()
