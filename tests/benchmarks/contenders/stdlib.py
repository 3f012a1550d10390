"""The standard library's csv module and regular expressions."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.benchmarks.cases import Case
from tests.benchmarks.tables import Column, Table
from tests.benchmarks.verdict import Tally, Verdict

_Test = Callable[[str], object]


def check(path: Path, case: Case, _threads: int) -> Verdict:
    """Read row by row, and match cell by cell."""
    tally, table, row = Tally(), case.table, 1
    tests = [(at, test_of(column)) for at, column in table.checked]
    seen: dict[int, set[str]] = {at: set() for at, _ in table.keys}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for row, cells in enumerate(rows, 2):
            if len(cells) == len(table.columns):
                for at, test in tests:
                    if not test(cells[at - 1]):
                        tally.add(row, at)
                for at, values in seen.items():
                    if cells[at - 1] in values:
                        tally.add(row, at)
                    values.add(cells[at - 1])
            else:
                for at in faults_of_ragged(cells, table):
                    tally.add(row, at)
    return tally.verdict(rows=row - 1)


def test_of(column: Column) -> _Test:
    """Return the predicate for a good cell of a column."""
    return len if column.expression is None else re.compile(column.expression).fullmatch


def faults_of_ragged(cells: Sequence[str], table: Table) -> Iterator[int]:
    """Yield the position of each error in a row that is too short or too long."""
    for at, column in enumerate(table.columns, 1):
        if at > len(cells):
            yield from (at, at) if column.required else (at,)
        elif not column.is_free and not test_of(column)(cells[at - 1]):
            yield at
    yield from range(len(table.columns) + 1, len(cells) + 1)
