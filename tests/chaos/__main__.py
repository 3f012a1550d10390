"""Upload files through the local stack while faults are injected; report what was lost, stuck or wrong.

Workers are killed, PostgreSQL goes down, executions are aborted; events are dropped, duplicated, delayed, shuffled and
merged. The exit code is 0 if every upload has the right verdict.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stderr
from typing import Final

from infra.local import child_processes
from infra.local.project import PROJECT_ROOT
from tests.chaos.plan import Plan
from tests.chaos.report import table
from tests.chaos.trial import conduct

_LOG: Final = PROJECT_ROOT / ".local" / "chaos.log"
"""The functions' log."""
_NOISE: Final = PROJECT_ROOT / ".local" / "chaos-aws.log"
"""moto's messages on failing executions."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    options = _options(arguments)
    child_processes.handle_signals()
    _LOG.parent.mkdir(exist_ok=True)
    _LOG.write_text("")
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)

    plan = Plan.of(options.seed, options.uploads)
    say(f"seed {plan.seed}: {len(plan.uploads):,} uploads, {len(plan.faults):,} faults; the log is {_LOG}")
    with _NOISE.open("w") as noise, redirect_stderr(noise):
        outcome = conduct(
            plan,
            log=_LOG,
            seconds_limit=options.seconds_limit,
            concurrency=options.concurrency,
            in_parts=options.in_parts,
            say=say,
        )
    print(table(outcome))
    return int(bool(outcome.findings) or not outcome.is_quiet)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--uploads", type=int, default=1_000, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of the plan (default: %(default)s)")
    parser.add_argument("--concurrency", type=int, help="invocations at a time, beyond which Lambda throttles")
    parser.add_argument("--in-parts", action="store_true", help="validate and split files in parts")
    parser.add_argument("--seconds-limit", type=float, default=1_800, help="give up after that (default: %(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
