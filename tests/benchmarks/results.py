"""Results, and the file that keeps them between runs."""

import json
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Self

import cattrs
from attrs import frozen

from tests.benchmarks.contenders import ASSAY, CONTENDERS
from tests.benchmarks.data import MEGABYTE
from tests.benchmarks.measure import Measurement
from tests.benchmarks.verdict import Verdict


@frozen(kw_only=True)
class Series:
    """The measurements of a contender on a file, one for each round."""

    contender: str
    case: str
    bytes: int
    measurements: tuple[Measurement, ...]
    trouble: str = ""
    """Why rounds are missing."""

    @property
    def seconds(self) -> float:
        """The median time of a check."""
        return median(each.seconds for each in self.measurements)

    @property
    def cpu_seconds(self) -> float:
        """The median CPU time of all threads and processes."""
        return median(each.cpu_seconds for each in self.measurements)

    @property
    def megabytes_a_second(self) -> float:
        """The median speed."""
        return self.bytes / MEGABYTE / self.seconds

    @property
    def peak_megabytes(self) -> float:
        """The peak resident memory."""
        return median(each.peak_bytes for each in self.measurements) / MEGABYTE

    @property
    def verdict(self) -> Verdict:
        """The contender's verdict, which is the same in every round."""
        return self.measurements[0].verdict


@frozen(kw_only=True)
class Comparison:
    """The measurements of all contenders on all files, including small pieces for slow contenders."""

    series: tuple[Series, ...]

    @property
    def cases(self) -> list[str]:
        """The names of the cases, in order."""
        return list(dict.fromkeys(each.case for each in self.series))

    def of(self, case: str) -> list[Series]:
        """Return each contender's series on its largest piece of the file, in the order of contenders."""
        found = sorted((each for each in self.series if each.case == case), key=lambda each: each.bytes)
        largest = {each.contender: each for each in found}
        return [largest[name] for name in CONTENDERS if name in largest]

    def reference(self, series: Series) -> Series | None:
        """Return Assay's series on the same file."""
        key = (ASSAY.name, series.case, series.bytes)
        same = [each for each in self.series if (each.contender, each.case, each.bytes) == key and each.measurements]
        return same[0] if same else None

    def difference(self, series: Series) -> str | None:
        """Describe how a verdict differs from Assay's: "" if it is the same, None if that is not known."""
        reference = self.reference(series)
        return series.verdict.differs_from(reference.verdict) if reference and series.measurements else None


@frozen(kw_only=True)
class HardPlace:
    """What each library makes of a small file with one difficulty."""

    difficulty: str
    outcomes: dict[str, str]


@frozen(kw_only=True)
class Splitting:
    """The processor time of validating a file, and of validating and splitting it."""

    case: str
    bytes: int
    seconds: float
    split_seconds: float
    peak_bytes: int
    """The peak resident memory of splitting."""

    @property
    def speed(self) -> float:
        """The speed of both together, where validating alone is 1."""
        return self.seconds / self.split_seconds


@frozen(kw_only=True)
class Loading:
    r"""The time of loading a file, and of `psql \copy` of it."""

    case: str
    bytes: int
    rows: int
    seconds: float
    copy_seconds: float
    ratio: float
    """The speed of loading, where `psql` is 1: the median of the rounds."""
    peak_bytes: int
    """The peak resident memory of the process that loads, without PostgreSQL's."""


@frozen(kw_only=True)
class Weight:
    """What a distribution adds to a deployment package."""

    name: str
    bytes: int
    zipped_bytes: int

    @classmethod
    def of_all(cls, name: str, weights: Iterable[Self]) -> Self:
        """Return the sum of several weights."""
        each = list(weights)
        return cls(name=name, bytes=sum(one.bytes for one in each), zipped_bytes=sum(one.zipped_bytes for one in each))


@frozen(kw_only=True)
class Import:
    """How long a new Python process takes for a statement, including its start."""

    statement: str
    seconds: float


@frozen(kw_only=True)
class Package:
    """What a cold start loads: Assay's requirements, the other libraries with theirs, and imports."""

    requirements: tuple[Weight, ...]
    application: Weight
    peers: tuple[Weight, ...]
    imports: tuple[Import, ...]


@frozen(kw_only=True)
class Results:
    """All results of `make bench`."""

    date: str
    machine: str
    megabytes: int
    rounds: int
    versions: dict[str, str]
    comparison: Comparison | None = None
    hard_places: tuple[HardPlace, ...] = ()
    growth: tuple[Series, ...] = ()
    processes: tuple[Series, ...] = ()
    """Assay with one process and with two, on every kind of file, in this order."""
    splitting: tuple[Splitting, ...] = ()
    loading: tuple[Loading, ...] = ()
    package: Package | None = None


def write(results: Results, path: Path) -> None:
    """Write results to a file."""
    path.write_text(json.dumps(cattrs.unstructure(results), indent=1, ensure_ascii=False) + "\n")


def read(path: Path) -> Results:
    """Read results from a file."""
    return cattrs.structure(json.loads(path.read_text()), Results)
