"""Torture the lifecycle for as long as you like: `make torture ARGS="--steps 1000000 --seed 7"`."""

import argparse
import sys
import time
from collections.abc import Sequence

from chalicelib.postgres import migrations
from chalicelib.postgres.database import Database
from infra.local.postgres import PostgresServer
from tests.torture.play import play


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, print the steps, and return the exit code; a failure is shown as the shortest sequence that leads to it."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description="Torture the lifecycle.")
    parser.add_argument("--steps", type=int, default=100_000, help="how many at the least; default: %(default)s")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32, help="plays the same again")
    options = parser.parse_args(arguments)
    print(f"Playing at least {options.steps} steps, seed {options.seed} ...", flush=True)
    began = time.monotonic()
    with PostgresServer() as server:
        dsn = server.create_database("torture")
        migrations.apply(dsn)
        database = Database(lambda: dsn)
        played = play(
            database,
            steps=options.steps,
            first_seed=options.seed,
            watch=lambda number: print(f"{number:>10}  steps so far", flush=True),
        )
        database.close()
    for step, times in played.most_common():
        print(f"{times:>10}  {step}")
    print(f"{played.total()} steps in {time.monotonic() - began:.0f} s: none lost, stuck or wrong")
    return 0


if __name__ == "__main__":
    sys.exit(main())
