"""Runs of records that deviate in the same way, and what their language leaves open."""

from collections.abc import Mapping
from typing import Any

import pytest

from chalicelib.validation import validate
from tests.validation.verdicts import schema_of

ROWS = 60
"""Enough records for the fast path to expect a deviation."""


@pytest.mark.parametrize(
    ("header", "record", "schema"),
    [
        (b"a\n", b'"x\ny",z\n', None),
        (b"a,b\n", b'"x\ny"\n', schema_of({}, {})),
        (b"a,b\n", b'"x"\n', schema_of({}, {"constraints": {"unique": True}})),
        (b"a,b\n", b'"x\ny"\n', schema_of({}, {}, primaryKey="b")),
    ],
)
def test_runs_of_another_width_have_the_reference_checkers_errors(
    header: bytes, record: bytes, schema: Mapping[str, Any] | None
) -> None:
    """With the same lines, also if no column is extracted, and if a key's column is missing."""
    data = header + record * ROWS
    reference = validate([data], schema, fast=False)
    assert ROWS <= reference.error_count
    assert reference == validate([data], schema, threads=1)
