"""The property `assay` of a schema: tolerance, split and load."""

from decimal import Decimal
from typing import Any

import pytest

from chalicelib.errors import SchemaInvalid
from chalicelib.validation import Schema
from chalicelib.validation.schema.dataset_options import DatasetOptions, Load, LoadMode, Tolerance

FIELDS = [{"name": "id"}]


def options(assay: Any, **members: Any) -> DatasetOptions:
    """Return the options of a schema with this property."""
    return Schema.from_descriptor({"fields": FIELDS, "assay": assay, **members}).options


def test_schema_without_the_property_has_no_options() -> None:
    """Neither has one whose property is empty or null."""
    assert {DatasetOptions()} == {Schema.from_descriptor({"fields": FIELDS}).options, options({}), options(None)}
    assert not DatasetOptions().marks_rows


def test_options_are_read() -> None:
    """The mode of a load is append by default."""
    every = {"tolerance": {"rows": 100}, "split": True, "load": {"table": "sales.orders", "mode": "upsert"}}
    assert options(every, primaryKey="id") == DatasetOptions(
        tolerance=Tolerance(rows=100), split=True, load=Load(table="sales.orders", mode=LoadMode.UPSERT)
    )
    assert options({"load": {"table": "orders"}}).load == Load(table="orders", mode=LoadMode.APPEND)
    assert options({"tolerance": {"rows": "0.5%"}}).tolerance == Tolerance(percent=Decimal("0.5"))
    assert all(options(each).marks_rows for each in ({"tolerance": {"rows": 0}}, {"split": True}))


@pytest.mark.parametrize(
    ("assay", "path", "reason"),
    [
        ([], "$.assay", "expected an object"),
        ({"tolerence": {"rows": 1}}, "$.assay.tolerence", "unknown; there is tolerance, split, load"),
        ({"tolerance": 1}, "$.assay.tolerance", "expected an object"),
        ({"tolerance": {}}, "$.assay.tolerance", "expected the member rows: a number such as 100"),
        ({"tolerance": {"rows": 1, "cells": 1}}, "$.assay.tolerance.cells", "unknown; there is rows"),
        ({"tolerance": {"rows": -1}}, "$.assay.tolerance.rows", "expected a whole number of rows, such as 100"),
        ({"tolerance": {"rows": True}}, "$.assay.tolerance.rows", "expected a whole number of rows"),
        ({"tolerance": {"rows": 0.01}}, "$.assay.tolerance.rows", "expected a whole number of rows"),
        ({"tolerance": {"rows": "1"}}, "$.assay.tolerance.rows", "expected a whole number of rows"),
        ({"tolerance": {"rows": "100.1%"}}, "$.assay.tolerance.rows", "expected a whole number of rows"),
        ({"split": "yes"}, "$.assay.split", "expected true or false"),
        ({"load": "orders"}, "$.assay.load", "expected an object"),
        ({"load": {}}, "$.assay.load", "expected the member table"),
        ({"load": {"table": "Orders; DROP"}}, "$.assay.load.table", "expected the name of a table: lower-case letters"),
        ({"load": {"table": "a.b.c"}}, "$.assay.load.table", "expected the name of a table"),
        ({"load": {"table": "t" * 64}}, "$.assay.load.table", "expected the name of a table"),
        ({"load": {"table": "t", "mode": "merge"}}, "$.assay.load.mode", "expected one of append, replace, upsert"),
        ({"load": {"table": "t", "mode": "upsert"}}, "$.assay.load.mode", "upsert merges rows by the primary key: add"),
    ],
)
def test_mistake_is_refused_with_its_path(assay: Any, path: str, reason: str) -> None:
    """Unknown members are refused, too: a misspelt one would change what happens to the rows."""
    with pytest.raises(SchemaInvalid) as caught:
        options(assay)
    assert str(caught.value).startswith(f"{path}: {reason}")


@pytest.mark.parametrize(
    ("tolerance", "most", "rows"),
    [
        (Tolerance(rows=0), 0, 9),
        (Tolerance(rows=4), 4, 9),
        (Tolerance(percent=Decimal(1)), 2, 299),
        (Tolerance(percent=Decimal("0.1")), 0, 999),
        (Tolerance(percent=Decimal("0.1")), 1, 1_000),
        (Tolerance(percent=Decimal(100)), 7, 7),
        (Tolerance(percent=Decimal(1)), 0, 0),
    ],
)
def test_tolerance_allows_so_many_rows_and_no_more(tolerance: Tolerance, most: int, rows: int) -> None:
    """A share is one of all rows of the file, faulty ones included."""
    assert tolerance.allows(most, rows)
    assert not tolerance.allows(most + 1, rows)
