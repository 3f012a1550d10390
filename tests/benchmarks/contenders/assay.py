"""Assay itself."""

from pathlib import Path

import re2  # noqa: F401 - importing is measured apart, for all contenders alike; the validator does it when it first scans

from chalicelib.validation import validate
from tests.benchmarks.cases import Case
from tests.benchmarks.verdict import KEPT, Verdict, verdict


def check(path: Path, case: Case, threads: int) -> Verdict:
    """Validate as the Lambda function does."""
    return _check(path, case, threads=threads, fast=True)


def check_exactly(path: Path, case: Case, _threads: int) -> Verdict:
    """Validate with the reference checker, record by record."""
    return _check(path, case, threads=1, fast=False)


def _check(path: Path, case: Case, *, threads: int, fast: bool) -> Verdict:
    with path.open("rb") as file:
        report = validate(file, case.table.descriptor(), max_errors=KEPT, threads=threads, fast=fast)
    places = [(error.row or 0, error.field or 0) for error in report.errors]
    return verdict(rows=report.row_count, errors=report.error_count, places=places)
