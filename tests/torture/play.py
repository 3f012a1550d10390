"""Playing as many steps as one likes, the same for the same seed."""

from collections import Counter
from itertools import count

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from chalicelib.adapters.database import Database
from tests.torture.machine import LifecycleMachine

_STEPS_A_LIFE = 50
_LIVES = settings(
    max_examples=50,
    stateful_step_count=_STEPS_A_LIFE,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def play(database: Database, *, steps: int, first_seed: int) -> Counter[str]:
    """Play at least so many steps on a migrated database, and give how often each was taken.

    What is lost, stuck or wrong is an AssertionError, after the shortest story of it that was found has been told.
    """
    LifecycleMachine.database = database
    LifecycleMachine.played.clear()
    for number in count(first_seed):
        if LifecycleMachine.played.total() >= steps:
            break
        run_state_machine_as_test(seed(number)(LifecycleMachine), settings=_LIVES)
    return LifecycleMachine.played
