"""Contenders run in turns, so that other load on the machine affects all of them alike."""

import json
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import cattrs
from attrs import field, frozen

from tests.benchmarks import data
from tests.benchmarks.cases import Case
from tests.benchmarks.contenders import ASSAY, Contender
from tests.benchmarks.environment import PYTHON, ROOT
from tests.benchmarks.measure import Measurement
from tests.benchmarks.results import Series

GIVES_UP: Final = "gives up"
_ENOUGH_SECONDS: Final = 60
"""A contender gets no further rounds on a file after this many seconds."""

Say = Callable[[str], None]


class NotMeasured(Exception):
    """A contender reached no verdict; the message says why."""


@frozen(kw_only=True)
class Turn:
    """A contender and the file that it checks next."""

    contender: Contender
    case: Case
    path: Path
    rounds: int


@frozen
class _Course:
    """The measurements of a contender so far."""

    turn: Turn
    measurements: list[Measurement] = field(factory=list)
    troubles: list[str] = field(factory=list)

    @property
    def is_over(self) -> bool:
        spent = sum(each.seconds for each in self.measurements)
        return bool(self.troubles) or len(self.measurements) >= self.turn.rounds or spent > _ENOUGH_SECONDS

    def go_on(self, limit: float, say: Say) -> None:
        """Measure once, and report it."""
        contender, case, path = self.turn.contender, self.turn.case, self.turn.path
        label = f"{case.name:9} {path.stat().st_size / data.MEGABYTE:6.0f} MB  {contender.name:18}"
        try:
            measurement = measured(contender, case, path, limit)
        except NotMeasured as reason:
            self.troubles.append(str(reason))
            say(f"{label} {reason}")
            return
        self.measurements.append(measurement)
        say(f"{label} {measurement.seconds:8.3f} s  {measurement.peak_bytes / data.MEGABYTE:6.0f} MB resident")

    def series(self) -> Series:
        """Return the measurements as a series."""
        return Series(
            contender=self.turn.contender.name,
            case=self.turn.case.name,
            bytes=self.turn.path.stat().st_size,
            measurements=tuple(self.measurements),
            trouble="; ".join(self.troubles),
        )


def turns(case: Case, contenders: Iterable[Contender], megabytes: int, rounds: int, directory: Path) -> Iterator[Turn]:
    """Yield a turn on the file, or on the piece that a slow contender can check, and Assay's turn on each piece."""
    pieces: set[int] = set()
    for contender in contenders:
        limits = [contender.most_megabytes, case.peers_megabytes if contender.peer != ASSAY.peer else None]
        size = min([megabytes, *filter(None, limits)])
        pieces.add(size)
        most = min(rounds, contender.most_rounds or rounds)
        yield Turn(contender=contender, case=case, path=data.made(case.recipe, size, directory), rounds=most)
    for size in pieces - {megabytes}:
        yield Turn(contender=ASSAY, case=case, path=data.made(case.recipe, size, directory), rounds=1)


def take(turns: Sequence[Turn], limit: float, say: Say) -> list[Series]:
    """Run all rounds. Each round begins with another contender; a contender that fails drops out."""
    for path in {turn.path for turn in turns}:
        _warm(path)
    courses = [_Course(turn) for turn in turns]
    for number in range(max(turn.rounds for turn in turns)):
        first = number % len(courses)
        for course in [*courses[first:], *courses[:first]]:
            if not course.is_over:
                course.go_on(limit, say)
    return [course.series() for course in courses]


def measured(contender: Contender, case: Case, path: Path, limit: float) -> Measurement:
    """Measure in a new process; raises NotMeasured if that fails or takes more than `limit` seconds."""
    command = [str(PYTHON), "-m", "tests.benchmarks.measure", contender.name, case.name, str(path)]
    environment = {**os.environ, **contender.environment}
    try:
        ended = subprocess.run(  # noqa: S603 - our own command line
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired as expired:
        raise NotMeasured(f"more than {limit:.0f} s") from expired
    if ended.returncode != 0:
        said = ended.stderr.strip().splitlines() or [f"exit code {ended.returncode}"]
        raise NotMeasured(f"{GIVES_UP}: {said[-1][:120]}")
    return cattrs.structure(json.loads(ended.stdout), Measurement)


def _warm(path: Path) -> None:
    """Read a file once, so that the first contender does not wait for the disk."""
    with path.open("rb") as file:
        while file.read(data.MEGABYTE):
            pass
