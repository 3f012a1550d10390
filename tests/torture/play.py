"""Playing as many steps as one likes, the same for the same seed."""

from collections import Counter
from collections.abc import Callable
from itertools import count

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from chalicelib.postgres.database import Database
from tests.torture.machine import LifecycleMachine

_STEPS_A_LIFE = 50
_MOST_LIVES = 50
"""How many are played before it is counted again."""


def play(
    database: Database, *, steps: int, first_seed: int, watch: Callable[[int], None] = lambda _played: None
) -> Counter[str]:
    """Play at least that many steps on a migrated database, and return how often each was taken.

    `watch` is called now and then with the number of steps so far.

    What is lost, stuck or wrong is an AssertionError, after the shortest sequence that leads to it was printed.
    """
    LifecycleMachine.database = database
    LifecycleMachine.played.clear()
    for number in count(first_seed):
        left = steps - LifecycleMachine.played.total()
        if left <= 0:
            break
        run_state_machine_as_test(seed(number)(LifecycleMachine), settings=_lives(left))
        watch(LifecycleMachine.played.total())
    return LifecycleMachine.played


def _lives(steps: int) -> settings:
    """Play about that many steps, in sequences as long as Hypothesis chooses."""
    return settings(
        max_examples=min(_MOST_LIVES, 1 + steps // _STEPS_A_LIFE),
        stateful_step_count=_STEPS_A_LIFE,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
