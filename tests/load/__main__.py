"""Upload many files at once through the local stack; report how fast verdicts come, and what limits them.

The exit code is 1 if a file could not be checked.
"""

import argparse
import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr
from typing import Final

from infra.local import child_processes
from infra.local.lambdas.environments import Environments, SharedEnvironment
from infra.local.lambdas.worker_processes import WorkerProcesses
from infra.local.project import PROJECT_ROOT
from tests.load.measure import Measurement, Passage, measure

_LOG: Final = PROJECT_ROOT / ".local" / "load.log"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    options = _options(arguments)
    child_processes.handle_signals()
    _LOG.parent.mkdir(exist_ok=True)
    with _LOG.open("a") as log, redirect_stderr(log):
        measured = measure(
            options.uploads,
            _environments(options),
            log=_LOG,
            seconds_limit=options.seconds_limit,
            concurrency=options.concurrency,
        )
    print(report(measured))
    return int(measured.system_failures > 0)


def report(measured: Measurement) -> str:
    """Return the report of a measurement."""
    return "\n".join(_lines(measured))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--uploads", type=int, default=200, help="all at once (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=4, help="environments (default: %(default)s)")
    parser.add_argument("--concurrency", type=int, help="invocations at a time, beyond which Lambda throttles")
    parser.add_argument("--in-process", action="store_true", help="run the functions in this process")
    parser.add_argument("--seconds-limit", type=float, default=600, help="give up after that (default: %(default)s)")
    return parser.parse_args(arguments)


def _environments(options: argparse.Namespace) -> Environments:
    if options.in_process:
        return SharedEnvironment(concurrency=options.workers)
    return WorkerProcesses(concurrency=options.workers, log=_LOG)


def _lines(measured: Measurement) -> Iterator[str]:
    seconds = measured.seconds
    count = len(measured.passages)
    yield f"{count} uploads at once in {seconds:.1f} s: {count / seconds:.1f} uploads/s, {os.cpu_count()} processors"
    yield f"{measured.system_failures} system failures, {measured.throttled} throttled invocations"
    yield f"\n{'seconds of an upload':50}{'p50':>8}{'p95':>8}{'max':>8}"
    yield _spread("from PUT to verdict", [_between(it, "put", "decided") for it in measured.passages])
    yield _spread("  PUT", [_between(it, "put", "stored") for it in measured.passages])
    yield _spread(
        "  until csv_orchestrator has taken it up", [_between(it, "stored", "taken_up") for it in measured.passages]
    )
    yield _spread("  from there to the verdict", [_between(it, "taken_up", "decided") for it in measured.passages])
    yield f"\n{'seconds of an invocation, on average':50}{'inside':>8}{'waiting':>8}{'times':>8}"
    for name, times in measured.functions.items():
        inside, waiting = times.inside / times.invocations, times.waiting / times.invocations
        yield f"{'  ' + name:50}{inside:8.3f}{waiting:8.3f}{times.invocations:8}"
    yield f"\n{'processor seconds':50}{'sum':>8}{'of one':>8}"
    for name, cpu in measured.cpu.items():
        yield f"{'  ' + name:50}{cpu:8.1f}{cpu / seconds:8.0%}"


def _spread(name: str, values: Sequence[float]) -> str:
    ranks = statistics.quantiles(values, n=20, method="inclusive")
    return f"{name:50}{statistics.median(values):8.2f}{ranks[-1]:8.2f}{max(values):8.2f}"


def _between(passage: Passage, start: str, end: str) -> float:
    return float((getattr(passage, end) - getattr(passage, start)).total_seconds())


if __name__ == "__main__":
    sys.exit(main())
