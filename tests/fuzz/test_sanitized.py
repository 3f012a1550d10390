"""What `make sanitize` runs, and its result without a compiler."""

import re

import pytest

from chalicelib.validation.fast.native.kernel_files import SOURCE
from chalicelib.validation.fast.native.library import FUNCTIONS
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


def test_declared_functions_are_all_that_the_kernel_exports() -> None:
    """`make sanitize` fails if one of these did not run."""
    definition = re.compile(
        r"^(?!static|INLINE|COLD|typedef|struct)[a-z][\w ]*[ *]([a-z]\w*)\([^;]*\) \{", re.MULTILINE
    )
    assert set(FUNCTIONS) == set(definition.findall(SOURCE.read_text()))
