"""Run random lifecycle operations with crashes: `make torture ARGS="--steps 1000000 --seed 7"`."""

import argparse
import sys
import time
from collections.abc import Sequence

from chalicelib.postgres import migrations
from chalicelib.postgres.database import Database
from infra.local.postgres import PostgresServer
from tests.torture.run import run_steps


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the steps, print how often each ran, and return the exit code; a failure prints its shortest sequence."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--steps", type=int, default=100_000, help="the least number; default: %(default)s")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 2**32, help="the same seed repeats a run")
    parser.add_argument("--other-database", action="store_true", help="load the rows into another database")
    options = parser.parse_args(arguments)
    print(f"Running at least {options.steps} steps, seed {options.seed} ...", flush=True)
    began = time.monotonic()
    with PostgresServer() as server:
        dsn = server.create_database("torture")
        migrations.apply(dsn)
        database = Database(lambda: dsn)
        counts = run_steps(
            database,
            steps=options.steps,
            first_seed=options.seed,
            target=server.create_database("tables") if options.other_database else None,
            progress=lambda number: print(f"{number:>10}  steps so far", flush=True),
        )
        database.close()
    for step, times in counts.most_common():
        print(f"{times:>10}  {step}")
    print(f"{counts.total()} steps in {time.monotonic() - began:.0f} s: none lost, stuck or wrong")
    return 0


if __name__ == "__main__":
    sys.exit(main())
