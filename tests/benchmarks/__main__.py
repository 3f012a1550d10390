"""The command line of the benchmarks; `make bench` runs it."""

import argparse
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from attrs import evolve

from tests.benchmarks import environment, loading, package, page, prose, results, rounds, splitting
from tests.benchmarks.cases import CASES
from tests.benchmarks.contenders import ASSAY, CONTENDERS, PEERS, Contender
from tests.benchmarks.environment import ROOT
from tests.benchmarks.hard_places import try_all
from tests.benchmarks.results import Comparison, Loading, Results, Series, Splitting

_DIRECTORY: Final = ROOT / ".local" / "bench"
_RESULTS: Final = _DIRECTORY / "results.json"
_TENFOLD: Final = (1, 10, 100, 1000)
"""The file sizes at which growth is measured, in megabytes."""
_BY_PROCESSES: Final = [each for each in CONTENDERS.values() if each.peer == ASSAY.peer and not each.most_megabytes]
"""Assay, with each number of processes."""
_PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "growth": "measure Assay from 1 MB to ten times the size",
        "processes": "measure Assay with one process and with two, on ten times the size",
        "splitting": "measure splitting beside validating alone",
        "loading": r"measure loading beside `psql \copy`",
        "package": "measure the package's size and imports",
    }
)
"""The parts of the page that can be measured alone, beside the comparison."""
_USAGE_PROBLEM: Final = 2
_INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for, and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.page:
            page.write(results.read(_RESULTS))
            return 0
        found = _measured(options)
        results.write(found, _RESULTS)
        print("\n\n".join(prose.all_of(found)))
        if options.write:
            page.write(found)
    except (page.PageIncomplete, FileNotFoundError) as problem:
        print(problem, file=sys.stderr)
        return _USAGE_PROBLEM
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _measured(options: argparse.Namespace) -> Results:
    """Measure the requested parts; by default, the comparison."""
    environment.prepare()
    found = Results(
        date=datetime.now(UTC).date().isoformat(),
        machine=environment.machine(),
        megabytes=options.size,
        rounds=options.repeat,
        versions=environment.versions(),
    )
    contenders = [each for each in CONTENDERS.values() if each.peer in {ASSAY.peer, *options.peers}]
    is_partial = any(getattr(options, part) for part in _PARTS)
    if options.write or not is_partial:
        found = evolve(
            found,
            comparison=_comparison(options, contenders),
            hard_places=tuple(try_all(contenders, options.limit)),
        )
    if options.write or options.growth:
        found = evolve(found, growth=_growth(options))
    if options.write or options.processes:
        found = evolve(found, processes=_processes(options))
    if options.write or options.splitting:
        found = evolve(found, splitting=tuple(_splitting(options)))
    if options.write or options.loading:
        found = evolve(found, loading=tuple(_loading(options)))
    if options.write or options.package:
        found = evolve(found, package=package.examine(contenders))
    return found


def _comparison(options: argparse.Namespace, contenders: Sequence[Contender]) -> Comparison:
    series: list[Series] = []
    for name in options.only:
        turns = list(rounds.turns(CASES[name], contenders, options.size, options.repeat, _DIRECTORY))
        series += rounds.take(turns, options.limit, _say)
    return Comparison(series=tuple(series))


def _growth(options: argparse.Namespace) -> tuple[Series, ...]:
    """Measure Assay on files up to ten times the usual size."""
    sizes = [size for size in _TENFOLD if size <= 10 * options.size]
    turns = [
        turn for size in sizes for turn in rounds.turns(CASES["clean"], _BY_PROCESSES, size, options.repeat, _DIRECTORY)
    ]
    return tuple(rounds.take(turns, options.limit, _say))


def _processes(options: argparse.Namespace) -> tuple[Series, ...]:
    """Measure Assay with one process and with two, on files of ten times the usual size."""
    series: list[Series] = []
    for name in options.only:
        turns = list(rounds.turns(CASES[name], _BY_PROCESSES, 10 * options.size, options.repeat, _DIRECTORY))
        series += rounds.take(turns, options.limit, _say)
    return tuple(series)


def _splitting(options: argparse.Namespace) -> Iterator[Splitting]:
    for case, size, repeat in _with_a_large_one(splitting.CASES, options):
        yield splitting.measure(case, size, repeat, _DIRECTORY)
        _say(f"{case:9} {size:6} MB  split")


def _loading(options: argparse.Namespace) -> Iterator[Loading]:
    for case, size, repeat in _with_a_large_one(list(loading.CASES), options):
        yield loading.measure(case, size, repeat)
        _say(f"{case:9} {size:6} MB  loaded")


def _with_a_large_one(cases: Sequence[str], options: argparse.Namespace) -> Iterator[tuple[str, int, int]]:
    """Yield each case with its megabytes and rounds, and the clean one ten times as large, once."""
    yield from ((case, options.size, options.repeat) for case in cases)
    yield "clean", 10 * options.size, 1


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure Assay beside what one would otherwise pick; without an option for a part, the comparison.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--size", type=_positive, default=100, metavar="MB", help="how large the files are")
    parser.add_argument("--repeat", type=_positive, default=3, metavar="ROUNDS", help="how often each is measured")
    parser.add_argument("--limit", type=_positive, default=180, metavar="SECONDS", help="after which one is stopped")
    parser.add_argument("--only", type=_some_of(CASES), default=",".join(CASES), metavar="FILES", help="some of them")
    parser.add_argument(
        "--peers", type=_some_of(PEERS), default=",".join(PEERS), metavar="PEERS", help="some; Assay always is"
    )
    for part, help_text in _PARTS.items():
        parser.add_argument(f"--{part}", action="store_true", help=help_text)
    writing = parser.add_mutually_exclusive_group()
    writing.add_argument("--write", action="store_true", help="measure it all, and write docs/benchmarks.md and .svg")
    writing.add_argument(
        "--page", action="store_true", help="write the page again from the last results, measuring nothing"
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("expected 1 or more")
    return number


def _some_of(names: Collection[str]) -> Callable[[str], list[str]]:
    """Return a parser of names separated by commas."""

    def read(text: str) -> list[str]:
        chosen = text.split(",")
        if unknown := [each for each in chosen if each not in names]:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: expected some of {', '.join(names)}")
        return [name for name in names if name in chosen]

    return read


if __name__ == "__main__":
    sys.exit(main())
