"""Run a number of steps; the same seed gives the same steps."""

from collections import Counter
from collections.abc import Callable
from itertools import count

from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from chalicelib.postgres.database import Database
from tests.torture.machine import LifecycleMachine

_STEPS_PER_SEQUENCE = 50
_MAX_SEQUENCES = 50
"""Sequences between two reports of progress."""


def run_steps(
    database: Database,
    *,
    steps: int,
    first_seed: int,
    target: str | None = None,
    progress: Callable[[int], None] = lambda _steps: None,
) -> Counter[str]:
    """Run at least `steps` steps on a migrated database; return how often each ran.

    Rows are loaded into the same database, or into `target`.

    `progress` is called with the number of steps so far.

    Raises:
        AssertionError: an upload is lost, stuck or wrong; the shortest sequence that leads to it was printed.
    """
    LifecycleMachine.database, LifecycleMachine.target = database, target
    LifecycleMachine.counts.clear()
    for number in count(first_seed):
        left = steps - LifecycleMachine.counts.total()
        if left <= 0:
            break
        run_state_machine_as_test(seed(number)(LifecycleMachine), settings=_sequences(left))
        progress(LifecycleMachine.counts.total())
    return LifecycleMachine.counts


def _sequences(steps: int) -> settings:
    """Return settings for about that many steps."""
    return settings(
        max_examples=min(_MAX_SEQUENCES, 1 + steps // _STEPS_PER_SEQUENCE),
        stateful_step_count=_STEPS_PER_SEQUENCE,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
