"""Rows that a reader turns away for having too few or too many cells, and what becomes of the others' numbers."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from attrs import frozen

from tests.benchmarks.contenders.stdlib import faults_of_ragged
from tests.benchmarks.tables import Table
from tests.benchmarks.verdict import Place


@frozen
class TurnedAway:
    """A row that was turned away: its number, the header being row 1, and its text."""

    row: int
    text: str

    def errors(self, table: Table) -> Iterator[Place]:
        """Read it again, and tell its errors."""
        (cells,) = csv.reader([self.text])
        for at in faults_of_ragged(cells, table):
            yield self.row, at


def rows_of(kept: Iterable[int], away: Iterable[TurnedAway]) -> Iterator[int]:
    """Turn numbers of rows that were kept, the first being 0, into numbers of rows of the file; both in order."""
    numbers: Sequence[int] = [each.row for each in away]
    passed = 0
    for number in kept:
        while passed < len(numbers) and numbers[passed] <= number + 2 + passed:
            passed += 1
        yield number + 2 + passed
