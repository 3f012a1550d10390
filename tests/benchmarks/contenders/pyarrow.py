"""PyArrow: its streaming CSV reader and compute functions."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from tests.benchmarks.cases import Case
from tests.benchmarks.contenders.ragged import TurnedAway, rows_of
from tests.benchmarks.tables import Column, Table
from tests.benchmarks.verdict import KEPT, Place, Verdict, verdict

_BLOCK_BYTES = 4 * 1024 * 1024


def check(path: Path, case: Case, _threads: int) -> Verdict:
    """Check a column of a block at a time. Rejected rows are parsed again at the end."""
    table = case.table
    away: list[TurnedAway] = []
    kept = errors = 0
    found: list[Place] = []
    keys: dict[str, list[pa.Array]] = {column.name: [] for _, column in table.keys}
    for block in _blocks(path, table, away):
        bad = [(at, pc.invert(_holds(block.column(column.name), column))) for at, column in table.checked]
        errors += sum(pc.sum(cells).as_py() or 0 for _, cells in bad)
        if len(found) < KEPT:
            found += sorted((kept + number, at) for at, cells in bad for number in _first(cells))
        for name, values in keys.items():
            values.append(block.column(name))
        kept += block.num_rows
    places = [place for each in away for place in each.errors(table)]
    errors += len(places) + sum(_repeated(values) for values in keys.values())
    rows = rows_of((number for number, _ in found), away)
    places += [(row, at) for row, (_, at) in zip(rows, found, strict=True)]
    return verdict(rows=kept + len(away), errors=errors, places=places)


def _blocks(path: Path, table: Table, away: list[TurnedAway]) -> Iterator[pa.RecordBatch]:
    """Yield blocks of text columns, and set aside rows with a wrong number of cells."""

    def put_aside(row: csv.InvalidRow) -> str:
        away.append(TurnedAway(row.number, row.text))
        return "skip"

    blocks: Iterator[pa.RecordBatch] = csv.open_csv(
        path,
        read_options=csv.ReadOptions(block_size=_BLOCK_BYTES, use_threads=False),
        parse_options=csv.ParseOptions(
            newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=put_aside
        ),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(table.names, pa.string()), strings_can_be_null=False
        ),
    )
    return blocks


def _holds(cells: pa.Array, column: Column) -> pa.Array:
    if column.expression is None:
        return pc.not_equal(cells, "")
    return pc.match_substring_regex(cells, f"^(?:{column.expression})$")


def _first(cells: pa.Array) -> list[int]:
    """Return the indexes of the first true values."""
    numbers: list[int] = pc.indices_nonzero(cells)[:KEPT].to_pylist()
    return numbers


def _repeated(values: list[pa.Array]) -> int:
    column = pa.chunked_array(values, pa.string())
    return len(column) - int(pc.count_distinct(column).as_py())
