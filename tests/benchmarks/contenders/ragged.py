"""Rows that a reader rejects for having too few or too many cells, and the row numbers of the others."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from attrs import frozen

from tests.benchmarks.contenders.stdlib import faults_of_ragged
from tests.benchmarks.tables import Table
from tests.benchmarks.verdict import Place


@frozen
class TurnedAway:
    """A rejected row: its number, the header being row 1, and its text."""

    row: int
    text: str

    def errors(self, table: Table) -> Iterator[Place]:
        """Parse the row again, and yield its errors."""
        (cells,) = csv.reader([self.text])
        for at in faults_of_ragged(cells, table):
            yield self.row, at


def rows_of(kept: Iterable[int], away: Iterable[TurnedAway]) -> Iterator[int]:
    """Convert indexes of accepted rows, from 0, to row numbers of the file; both in order."""
    numbers: Sequence[int] = [each.row for each in away]
    passed = 0
    for number in kept:
        while passed < len(numbers) and numbers[passed] <= number + 2 + passed:
            passed += 1
        yield number + 2 + passed
