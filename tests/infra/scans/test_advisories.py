"""Advisories: no known vulnerability differs from a failed audit."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from infra.scans import advisories

FINE = {"name": "attrs", "version": "26.1.0", "vulns": []}
BAD = {"name": "six", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "attrs", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("dependencies", "trouble", "strict", "code", "printed"),
    [
        ([FINE], "", True, 0, "audited 1 requirements: no known vulnerabilities"),
        ([FINE, BAD], "", False, 1, "VULNERABLE: six 1.0: PYSEC-1, mended in 1.1"),
        ([FINE, UNKNOWN], "", False, 0, "NOT AUDITED: 1 of 2 requirements: not found, for example"),
        ([FINE, UNKNOWN], "", True, 1, "NOT AUDITED: 1 of 2 requirements: not found, for example"),
        ([], "no answer", True, 1, "NOT AUDITED: no answer"),
        ([], "no answer", False, 0, "NOT AUDITED: no answer"),
    ],
)
def test_outcome_is_printed(  # noqa: PLR0913, PLR0917 - a table of cases
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    dependencies: Sequence[Any],
    trouble: str,
    strict: bool,  # noqa: FBT001
    code: int,
    printed: str,
) -> None:
    """A vulnerability fails; a package that could not be audited is always printed, and fails on request."""
    monkeypatch.setattr(advisories, "audit", lambda _: (dependencies, trouble))
    assert advisories.scan([], strict=strict) == code
    assert capsys.readouterr().out.strip() == printed


def test_failure_of_pip_audit_is_returned(tmp_path: Path) -> None:
    """The real program runs with a missing requirements file."""
    dependencies, trouble = advisories.audit([tmp_path / "missing.txt"])
    assert dependencies == []
    assert trouble.startswith("pip-audit says: ERROR")
