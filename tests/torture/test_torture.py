"""The lifecycle under random operations, crashes and lost messages."""

import pytest

from chalicelib.postgres.database import Database
from tests.torture.machine import KEYS, LifecycleMachine
from tests.torture.run import run_steps
from tests.torture.world import Countdown, Crash


@pytest.mark.parametrize("steps", [300, pytest.param(5_000, marks=pytest.mark.trial(minutes=3))])
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


@pytest.mark.parametrize("steps", [300, pytest.param(2_000, marks=pytest.mark.trial(minutes=1))])
def test_rows_in_another_database_are_those_of_the_verdicts(database: Database, empty_dsn: str, steps: int) -> None:
    """The same holds where the table is in another database than the uploads, and a crash may come between commits."""
    assert "overtake_load" in run_steps(database, steps=steps, first_seed=1, target=empty_dsn)


def test_sweeps_after_a_crash_find_what_it_had_not_reached(database: Database) -> None:
    """The next sweep continues after the marker of the crashed one, and the sweep after that reads the whole bucket."""
    markers = set()
    for steps in range(15):
        LifecycleMachine.database, LifecycleMachine.target = database, None
        machine = LifecycleMachine()
        machine.begin((False, False, False))
        machine.teardown()
        machine.world.put(KEYS[0], is_valid=False)
        with pytest.raises(Crash):
            machine.world.sweep(Countdown(steps))
        markers.add(machine.world.sweep_marker())
        machine.teardown()
    assert "" in markers
    assert KEYS[1] in markers
