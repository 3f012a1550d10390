"""The lifecycle under random operations, crashes and lost messages."""

import pytest

from chalicelib.postgres.database import Database
from tests.torture.run import run_steps


@pytest.mark.parametrize("steps", [300, pytest.param(5_000, marks=pytest.mark.trial)])
def test_no_upload_is_lost_stuck_or_wrong_whatever_happens(database: Database, steps: int) -> None:
    """After any steps in any order, each upload has the verdict on its newest object."""
    names = run_steps(database, steps=steps, first_seed=1).keys()
    assert names >= {
        "put",
        "notify",
        "record",
        "end_without_verdict",
        "report_end",
        "redrive",
        "replay",
        "sweep",
        "overtake_load",
    }


@pytest.mark.parametrize("steps", [300, pytest.param(2_000, marks=pytest.mark.trial)])
def test_rows_in_another_database_are_those_of_the_verdicts(database: Database, empty_dsn: str, steps: int) -> None:
    """The same holds where the table is in another database than the uploads, and a crash may come between commits."""
    assert "overtake_load" in run_steps(database, steps=steps, first_seed=1, target=empty_dsn)
