"""The result of `make sanitize` without a compiler."""

import pytest

from tests.fuzz import sanitized


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_missing_compiler_is_printed_and_fails_in_ci(
    ci: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that checks nothing must not look like one without findings."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CI", ci)
    assert code == sanitized.main([])
    assert "kernel not sanitized: no C compiler here\n" == capsys.readouterr().out
