"""Runs of records with the same trait, and what their language leaves open."""

from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.validation import validate
from tests.validation.verdicts import schema_of

ROWS = 60
"""Enough for the fast path to take a trait for a habit of the file."""


@pytest.mark.parametrize(
    ("header", "record", "schema"),
    [
        (b"a\n", b'"x\ny",z\n', None),
        (b"a,b\n", b'"x\ny"\n', schema_of({}, {})),
        (b"a,b\n", b'"x"\n', schema_of({}, {"constraints": {"unique": True}})),
        (b"a,b\n", b'"x\ny"\n', schema_of({}, {}, primaryKey="b")),
    ],
)
def test_runs_of_another_width_are_as_the_exact_checker_has_them(
    header: bytes, record: bytes, schema: Mapping[str, Any] | None
) -> None:
    """Lines too, though no column's cells need to be looked at, and though a key's column is not there."""
    data = header + record * ROWS
    exact = validate([data], schema, fast=False)
    assert ROWS <= exact.error_count
    assert exact == validate([data], schema, threads=1)
