"""Polars, lazily from disk or in memory. Ragged rows are let through, because it otherwise stops at the first."""

from pathlib import Path

import polars as pl

from tests.benchmarks.cases import Case
from tests.benchmarks.tables import Column, Table
from tests.benchmarks.verdict import KEPT, Place, Verdict, verdict

_ROW = "number of the row"
_ROWS = "number of rows"


def check_lazily(path: Path, case: Case, _threads: int) -> Verdict:
    """Scan with the streaming engine: count the bad cells, and locate them if there are any."""
    return _check(pl.scan_csv(path, infer_schema=False, truncate_ragged_lines=True, row_index_name=_ROW), case.table)


def check_eagerly(path: Path, case: Case, _threads: int) -> Verdict:
    """Read the whole file, then check it."""
    frame = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True, row_index_name=_ROW)
    return _check(frame.lazy(), case.table)


def _check(frame: pl.LazyFrame, table: Table) -> Verdict:
    bad = [_is_bad(column).alias(column.name) for _, column in table.checked]
    repeated = [_repeated(column) for _, column in table.keys]
    counts = frame.select(*(each.sum() for each in bad), *repeated, pl.len().alias(_ROWS))
    *errors, rows = counts.collect(engine="streaming").row(0)
    places = _places(frame, table, bad) if any(errors) else []
    return verdict(rows=rows, errors=sum(errors), places=places)


def _is_bad(column: Column) -> pl.Expr:
    """Return the expression for a bad cell. An empty cell is null, unless it is quoted."""
    cell = pl.col(column.name)
    if column.expression is None:
        return cell.is_null() | (cell == "")
    return ~cell.str.contains(f"^(?:{column.expression})$").fill_null(not column.required)


def _repeated(column: Column) -> pl.Expr:
    return (pl.len() - pl.col(column.name).n_unique()).alias(f"repeated {column.name}")


def _places(frame: pl.LazyFrame, table: Table, bad: list[pl.Expr]) -> list[Place]:
    """Locate the first bad cells. Of duplicate keys, only the number is known."""
    found = frame.select(_ROW, *bad).filter(pl.any_horizontal(pl.exclude(_ROW))).head(KEPT)
    return [
        (row + 2, at)
        for row, *cells in found.collect(engine="streaming").iter_rows()
        for (at, _), is_bad in zip(table.checked, cells, strict=True)
        if is_bad
    ]
