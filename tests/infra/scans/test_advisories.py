"""Advisories: "nothing known" is not "could not be audited"."""

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
def test_outcome_is_printed(  # noqa: PLR0913, PLR0917 - a table
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    dependencies: Sequence[Any],
    trouble: str,
    strict: bool,  # noqa: FBT001
    code: int,
    printed: str,
) -> None:
    """A vulnerability fails; what could not be found out fails where that is asked for, and is never passed over."""
    monkeypatch.setattr(advisories, "audit", lambda _: (dependencies, trouble))
    assert advisories.scan([], strict=strict) == code
    assert capsys.readouterr().out.strip() == printed


def test_what_pip_audit_cannot_read_is_trouble(tmp_path: Path) -> None:
    """The real program, with no requirement to ask about."""
    dependencies, trouble = advisories.audit([tmp_path / "missing.txt"])
    assert dependencies == []
    assert trouble.startswith("pip-audit says: ERROR")
