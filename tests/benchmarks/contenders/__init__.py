"""The programs that are compared, and how each checks a file."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

from attrs import field, frozen

from tests.benchmarks.cases import Case
from tests.benchmarks.verdict import Verdict

Check = Callable[[Path, Case, int], Verdict]
"""Check a file with the given number of threads, or of processes."""


@frozen(kw_only=True)
class Contender:
    """A program that checks a file."""

    name: str
    peer: str
    """The library it uses."""
    distribution: str | None = None
    """The distribution that it needs from PyPI; None if it needs none."""
    entry: str
    """Where its check is: a module of this package and a function, as in "assay:check"."""
    threads: int = 1
    """The number of threads, or of Assay's processes."""
    environment: Mapping[str, str] = field(factory=dict)
    most_megabytes: int | None = None
    """The largest piece of a file that a slow contender is given, in megabytes."""
    most_rounds: int | None = None
    way: str
    """How it checks, for the page."""

    def load(self) -> Check:
        """Import the check and what it needs."""
        module, _, function = self.entry.partition(":")
        check: Check = getattr(import_module(f"{__name__}.{module}"), function)
        return check


def _polars(name: str, function: str, threads: int, **about: Any) -> Contender:
    return Contender(
        name=name,
        peer="polars",
        distribution="polars",
        entry=f"polars:{function}",
        threads=threads,
        environment={"POLARS_MAX_THREADS": str(threads)},
        **about,
    )


def _threads(number: int) -> str:
    return "1 thread" if number == 1 else f"{number} threads"


ASSAY = Contender(
    name="Assay, 1 process", peer="assay", entry="assay:check", way="`validate(path, schema, processes=1)`"
)
"""The reference for speed and verdict."""

_ALL = (
    ASSAY,
    Contender(
        name="Assay, 2 processes",
        peer="assay",
        entry="assay:check",
        threads=2,
        way="`validate(path, schema, processes=2)`, as on a machine with two processors",
    ),
    Contender(
        name="Assay, exact",
        peer="assay",
        entry="assay:check_exactly",
        most_megabytes=2,
        most_rounds=2,
        way="`validate(path, schema, fast=False, processes=1)`: every record by the checker that is the reference",
    ),
    Contender(
        name="stdlib",
        peer="stdlib",
        entry="stdlib:check",
        way="`csv.reader`, one compiled pattern a column, a set for a key: the obvious Lambda",
    ),
    *(
        _polars(
            f"polars, {_threads(number)}",
            "check_lazily",
            number,
            way="`scan_csv`, all text, one expression a column, the streaming engine; ragged rows let through",
        )
        for number in (1, 2)
    ),
    _polars(
        "polars, eager", "check_eagerly", 2, way="`read_csv` of the whole file, then the same expressions; two threads"
    ),
    *(
        Contender(
            name=f"DuckDB, {_threads(number)}",
            peer="duckdb",
            distribution="duckdb",
            entry="duckdb:check",
            threads=number,
            way="`read_csv`, all text, one `regexp_full_match` a column; rows that it turns away read again by `csv`",
        )
        for number in (1, 2)
    ),
    Contender(
        name="pyarrow",
        peer="pyarrow",
        distribution="pyarrow",
        entry="pyarrow:check",
        way="`open_csv` block by block, one `match_substring_regex` a column; rows that it turns away read again by "
        "`csv`",
    ),
    Contender(
        name="frictionless",
        peer="frictionless",
        distribution="frictionless",
        entry="frictionless:check",
        most_megabytes=2,
        most_rounds=2,
        way="`Resource.validate` with the same Table Schema",
    ),
)

CONTENDERS: Mapping[str, Contender] = MappingProxyType({contender.name: contender for contender in _ALL})
PEERS = tuple(dict.fromkeys(contender.peer for contender in _ALL))
