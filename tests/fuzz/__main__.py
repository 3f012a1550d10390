"""Compare the native and the portable engine with the reference on random schemas, dialects and files.

The exit code is 1 if two engines disagreed on a file; then a program that reproduces it is printed.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from random import Random

from attrs import evolve, frozen

from tests.fuzz.cases import ALL, Finding, Trial, find
from tests.fuzz.differences import Difference, shrunk

_PATIENCE = 300
"""Seconds; a case that takes longer is a finding."""
_PAUSE = 10
"""Seconds between two lines of progress."""
_SUMMED = ("records", "faulty", "run", "checks", "moody", "refused")


@frozen(kw_only=True)
class Progress:
    """The results so far."""

    cases: int = 0
    sums: Finding = Finding(seed=0)
    started: float

    def after(self, found: Finding) -> "Progress":
        """Add the result of another case."""
        sums = {name: getattr(self.sums, name) + getattr(found, name) for name in _SUMMED}
        return evolve(self, cases=self.cases + 1, sums=evolve(self.sums, **sums))

    def __str__(self) -> str:
        """Return a summary in one line."""
        sums = self.sums
        share = sums.run / max(sums.records, 1)
        return (
            f"{sums.records:,} records in {self.cases:,} cases, {sums.checks:,} verdicts compared: "
            f"{sums.records - sums.faulty:,} clean and {sums.faulty:,} faulty records, "
            f"{share:.0%} of them in runs of the portable engine; {sums.refused} schemas refused, "
            f"{sums.moody} verdicts depend on the size of blocks; {time.monotonic() - self.started:.0f} s"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; return the exit code."""
    options = _options(arguments)
    if options.case is not None:
        found = find(options.case, options.most)
        print(found)
        return _show(found, options) if found.difference else 0
    progress = Progress(started=time.monotonic())
    due = progress.started + _PAUSE
    for found in _findings(options):
        progress = progress.after(found)
        if found.difference:
            print(f"{progress}\nthe engines disagree on case {found.seed}; making it smaller ...", flush=True)
            return _show(found, options)
        now = time.monotonic()
        if progress.sums.records >= options.records or now - progress.started > options.seconds:
            break
        if now > due:
            print(f"{progress}; last case {found.seed}", flush=True)
            due = now + _PAUSE
    print(f"the engines agree: seed {options.seed}, {progress}")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="stop after this many (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=600, help="stop after so long (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the cases' own seeds (default: %(default)s)")
    parser.add_argument("--case", type=int, metavar="SEED", help="try this case alone")
    parser.add_argument("--most", type=int, default=ALL, help="records a file")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: %(default)s)")
    parser.add_argument("--shrinking", type=float, default=90, help="seconds for making a difference smaller")
    return parser.parse_args(arguments)


def seeds(seed: int) -> Iterator[int]:
    """Yield the seeds of the cases."""
    rng = Random(seed)
    while True:
        yield rng.getrandbits(40)


def _findings(options: argparse.Namespace) -> Iterator[Finding]:
    attempt = partial(find, most_records=options.most)
    if options.jobs == 1:
        yield from map(attempt, seeds(options.seed))
        return
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        source = seeds(options.seed)
        coming = [
            (seed, pool.apply_async(attempt, (seed,))) for seed, _ in zip(source, range(4 * options.jobs), strict=False)
        ]
        while coming:
            seed, result = coming.pop(0)
            try:
                yield result.get(_PATIENCE)
            except multiprocessing.TimeoutError:
                sys.exit(f"case {seed} takes longer than {_PATIENCE} s")
            following = next(source)
            coming.append((following, pool.apply_async(attempt, (following,))))


def _show(found: Finding, options: argparse.Namespace) -> int:
    assert found.difference, "there is something to show"
    case = Trial.of(found.seed, options.most).case
    difference = Difference(case=case, setting=found.difference)
    print(f"{found.difference}")
    print(shrunk(difference, options.shrinking).program())
    print(f"the engines disagree: case {found.seed}, again with --case {found.seed}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
