"""Assay itself."""

from pathlib import Path

# Importing is measured apart, for all contenders alike; the validator imports these when it first needs them.
import re2  # noqa: F401

import chalicelib.validation.fast.native.engine
import chalicelib.validation.parts.concurrent
import chalicelib.validation.schema.field_types.moments
import chalicelib.validation.schema.field_types.numbers
import chalicelib.validation.schema.field_types.text
import chalicelib.validation.schema.field_types.times
import chalicelib.validation.schema.patterns  # noqa: F401
from chalicelib.validation import validate
from tests.benchmarks.cases import Case
from tests.benchmarks.verdict import KEPT, Verdict, verdict


def check(path: Path, case: Case, threads: int) -> Verdict:
    """Validate in this number of processes; in one, as the Lambda function does."""
    return _check(path, case, processes=threads, fast=True)


def check_exactly(path: Path, case: Case, _threads: int) -> Verdict:
    """Validate with the reference checker, record by record."""
    return _check(path, case, processes=1, fast=False)


def _check(path: Path, case: Case, *, processes: int, fast: bool) -> Verdict:
    report = validate(path, case.table.descriptor(), max_errors=KEPT, processes=processes, fast=fast)
    places = [(error.row or 0, error.field or 0) for error in report.errors]
    return verdict(rows=report.row_count, errors=report.error_count, places=places)
