"""Frictionless, the reference implementation of Table Schema."""

from pathlib import Path

from frictionless import Resource, Schema, system

from tests.benchmarks.cases import Case
from tests.benchmarks.verdict import Verdict, verdict

_ALL_ERRORS = 1_000_000_000


def check(path: Path, case: Case, _threads: int) -> Verdict:
    """Validate with the descriptor that Assay is given; Frictionless reads its format `decimal` as `default`."""
    resource = Resource(path=str(path), schema=Schema.from_descriptor(case.table.descriptor()))
    with system.use_context(trusted=True):
        report = resource.validate(limit_errors=_ALL_ERRORS)
    # An error of the header has no row number.
    places = [(row or 1, position or 0) for row, position in report.flatten(["rowNumber", "fieldNumber"])]
    return verdict(rows=report.tasks[0].stats["rows"], errors=report.stats["errors"], places=places)
