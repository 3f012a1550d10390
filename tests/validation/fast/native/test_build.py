"""Compiling the kernel, and loading what was compiled from this source alone."""

from pathlib import Path

import pytest

from chalicelib.validation.fast.native import build, library


def test_without_a_compiler_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The portable engine serves; that is no failure."""
    monkeypatch.setenv("PATH", "")
    assert 0 == build.main()
    assert "native engine not built: no C compiler here; the portable one serves\n" == capsys.readouterr().err


def test_a_compiler_that_fails_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its first line is the reason."""
    monkeypatch.setattr(build, "BUILT", tmp_path)
    monkeypatch.setattr(library, "BUILT", tmp_path)
    with pytest.raises(build.CannotBuild, match="false failed: no reason given"):
        build.build(["false"], "riscv64")
    assert [] == list(tmp_path.iterdir())


def test_what_was_built_from_another_source_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """It might say something else."""
    monkeypatch.setattr(library, "fingerprint", lambda: "another")
    library.library.cache_clear()
    try:
        assert library.library() is None
    finally:
        library.library.cache_clear()
