"""Compiling the kernel, and loading builds of this source only."""

from pathlib import Path

import pytest

from chalicelib.validation.fast.native import build, kernel_files, library


def test_build_without_a_compiler_prints_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The portable engine is used, so the exit code is 0."""
    monkeypatch.setenv("PATH", "")
    assert 0 == build.main()
    assert "native engine not built: no C compiler here; the portable one serves\n" == capsys.readouterr().err


def test_failing_compiler_leaves_no_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The reason is the first line of its output."""
    monkeypatch.setattr(kernel_files, "BUILT", tmp_path)
    with pytest.raises(build.CannotBuild, match="false failed: no reason given"):
        build.build(["false"], "riscv64")
    assert [] == list(tmp_path.iterdir())


def test_build_of_another_source_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its structures may differ."""
    monkeypatch.setattr(kernel_files, "fingerprint", lambda: "another")
    library.library.cache_clear()
    try:
        assert library.library() is None
    finally:
        library.library.cache_clear()
