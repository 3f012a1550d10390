"""DuckDB: reads all columns as text, and checks them in SQL."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from tests.benchmarks.cases import Case
from tests.benchmarks.contenders.ragged import TurnedAway, rows_of
from tests.benchmarks.tables import Column, Table
from tests.benchmarks.verdict import KEPT, Place, Verdict, verdict

# Names, expressions and the path are our own, and cannot be query parameters.
# ruff: noqa: S608


def check(path: Path, case: Case, threads: int) -> Verdict:
    """Count the bad cells, and locate them in a second query if there are any."""
    table = case.table
    with duckdb.connect(config={"threads": threads}) as connection:
        *errors, kept = _row(connection, f"SELECT {_counts(table)}, count(*) FROM {_source(path, table)}")
        away = _turned_away(connection)
        places = [place for each in away for place in each.errors(table)]
        number = sum(errors) + len(places)
        if any(errors):
            places += _places(connection, path, table, away)
    return verdict(rows=kept + len(away), errors=number, places=places)


def _source(path: Path, table: Table) -> str:
    """Return the SQL that reads the file as text, and sets aside rows with a wrong number of cells."""
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in table.names)
    return (
        f"read_csv('{path}', columns = {{{columns}}}, header = true, auto_detect = false, delim = ',', "
        "quote = '\"', escape = '\"', strict_mode = true, store_rejects = true, rejects_limit = 0)"
    )


def _is_bad(column: Column) -> str:
    """Return the SQL condition for a bad cell. An empty cell is NULL, unless it is quoted."""
    cell = f"coalesce({column.name}, '')"
    return f"{cell} = ''" if column.expression is None else f"NOT regexp_full_match({cell}, '{column.expression}')"


def _counts(table: Table) -> str:
    bad = [f"count(*) FILTER ({_is_bad(column)})" for _, column in table.checked]
    repeated = [f"count(*) - count(DISTINCT {column.name})" for _, column in table.keys]
    return ", ".join([*bad, *repeated])


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> Sequence[int]:
    (row,) = connection.execute(query).fetchall()
    return list(row)


def _turned_away(connection: duckdb.DuckDBPyConnection) -> list[TurnedAway]:
    """Return the rows that were set aside. DuckDB's `line` is the number of the row."""
    query = "SELECT DISTINCT line, csv_line FROM reject_errors ORDER BY line"
    return [TurnedAway(line, text) for line, text in connection.execute(query).fetchall()]


def _places(connection: Any, path: Path, table: Table, away: list[TurnedAway]) -> list[Place]:
    """Locate the first bad cells. Of duplicate keys, only the number is known."""
    bad = ", ".join(f"{_is_bad(column)} AS bad_{at}" for at, column in table.checked)
    are_bad = " OR ".join(f"bad_{at}" for at, _ in table.checked)
    query = (
        f"SELECT * FROM (SELECT row_number() OVER () - 1, {bad} FROM {_source(path, table)}) "
        f"WHERE {are_bad} LIMIT {KEPT}"
    )
    found = connection.execute(query).fetchall()
    return [
        (row, at)
        for row, (_, *cells) in zip(rows_of((kept for kept, *_ in found), away), found, strict=True)
        for (at, _), is_bad in zip(table.checked, cells, strict=True)
        if is_bad
    ]
