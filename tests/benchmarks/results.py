"""What was measured, as it is kept from one run to the next."""

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
    """What a contender took for a file, in round after round."""

    contender: str
    case: str
    bytes: int
    measurements: tuple[Measurement, ...]
    trouble: str = ""
    """Why there are no more of them."""

    @property
    def seconds(self) -> float:
        """How long it took to check the file."""
        return median(each.seconds for each in self.measurements)

    @property
    def cpu_seconds(self) -> float:
        """How long all threads together were at work."""
        return median(each.cpu_seconds for each in self.measurements)

    @property
    def megabytes_a_second(self) -> float:
        """How fast it went through the file."""
        return self.bytes / MEGABYTE / self.seconds

    @property
    def peak_megabytes(self) -> float:
        """The most memory that it had, resident."""
        return median(each.peak_bytes for each in self.measurements) / MEGABYTE

    @property
    def verdict(self) -> Verdict:
        """What it said; the same in every round."""
        return self.measurements[0].verdict


@frozen(kw_only=True)
class Comparison:
    """All contenders on all files, small pieces for the slow ones included."""

    series: tuple[Series, ...]

    @property
    def cases(self) -> list[str]:
        """The names of the cases, in their order."""
        return list(dict.fromkeys(each.case for each in self.series))

    def of(self, case: str) -> list[Series]:
        """Give each contender's series on the largest piece of the file that it was given, in the contenders' order."""
        found = sorted((each for each in self.series if each.case == case), key=lambda each: each.bytes)
        largest = {each.contender: each for each in found}
        return [largest[name] for name in CONTENDERS if name in largest]

    def reference(self, series: Series) -> Series | None:
        """Give Assay's series on the same file."""
        key = (ASSAY.name, series.case, series.bytes)
        same = [each for each in self.series if (each.contender, each.case, each.bytes) == key and each.measurements]
        return same[0] if same else None

    def difference(self, series: Series) -> str | None:
        """Tell how a verdict differs from Assay's; nothing if it does not, None if that cannot be known."""
        reference = self.reference(series)
        return series.verdict.differs_from(reference.verdict) if reference and series.measurements else None


@frozen(kw_only=True)
class HardPlace:
    """What each peer made of a small file with one difficulty in it."""

    difficulty: str
    outcomes: dict[str, str]


@frozen(kw_only=True)
class Weight:
    """What something adds to a deployment package."""

    name: str
    bytes: int
    zipped_bytes: int

    @classmethod
    def of_all(cls, name: str, weights: Iterable[Self]) -> Self:
        """Weigh several together."""
        each = list(weights)
        return cls(name=name, bytes=sum(one.bytes for one in each), zipped_bytes=sum(one.zipped_bytes for one in each))


@frozen(kw_only=True)
class Import:
    """How long a fresh Python takes for a statement, its own start included."""

    statement: str
    seconds: float


@frozen(kw_only=True)
class Package:
    """What a cold start loads: Assay's requirements one by one, each peer with what it needs, and imports."""

    requirements: tuple[Weight, ...]
    application: Weight
    peers: tuple[Weight, ...]
    imports: tuple[Import, ...]


@frozen(kw_only=True)
class Results:
    """All that `make bench` finds out."""

    date: str
    machine: str
    megabytes: int
    rounds: int
    versions: dict[str, str]
    comparison: Comparison | None = None
    hard_places: tuple[HardPlace, ...] = ()
    growth: tuple[Series, ...] = ()
    package: Package | None = None


def write(results: Results, path: Path) -> None:
    """Keep results."""
    path.write_text(json.dumps(cattrs.unstructure(results), indent=1, ensure_ascii=False) + "\n")


def read(path: Path) -> Results:
    """Take up results that were kept."""
    return cattrs.structure(json.loads(path.read_text()), Results)
