"""What `pip install .` installs: the native engine, where there is a compiler."""

import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from chalicelib.validation.fast.native import build
from tests.infra.equipment import lacking

ROOT = Path(__file__).parents[1]
BUILT = "chalicelib/validation/fast/native/built/"
SETUPTOOLS = ("setuptools", "setuptools-*.dist-info", "_distutils_hack")
WHEEL = "from setuptools import build_meta; build_meta.build_wheel('dist')"


def wheel(directory: Path, **environment: str) -> tuple[Path, str]:
    """Build the wheel from a copy of the project; return it, and what is printed."""
    shutil.copytree(
        ROOT / "chalicelib", directory / "chalicelib", ignore=shutil.ignore_patterns("built", "__pycache__")
    )
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, directory)
    installed = directory / "installed"  # nothing but setuptools, as where pip builds a package
    installed.mkdir()
    for path in (each for name in SETUPTOOLS for each in Path(sysconfig.get_path("purelib")).glob(name)):
        (installed / path.name).symlink_to(path)
    variables = {**os.environ, "PYTHONPATH": str(installed), **environment}
    run = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-S", "-c", WHEEL], cwd=directory, env=variables, capture_output=True, text=True, check=True
    )
    (path,) = (directory / "dist").iterdir()
    return path, run.stderr


@pytest.mark.trial
def test_wheel_has_the_native_engine(tmp_path: Path) -> None:
    """It is for this platform, and for every version of Python."""
    try:
        build.compiler()
    except build.CannotBuild as problem:
        lacking(str(problem))
    path, printed = wheel(tmp_path)
    assert "native engine built: " in printed
    assert f"-py3-none-{platform.system().lower()}_{platform.machine()}.whl" in path.name
    with zipfile.ZipFile(path) as archive:
        built = {name.removeprefix(BUILT) for name in archive.namelist() if name.startswith(BUILT)}
    assert {f"kernel-{platform.machine()}-{level}.so" for level in build.LEVELS[platform.machine()]} == built


@pytest.mark.trial
def test_wheel_without_a_compiler_is_for_every_machine(tmp_path: Path) -> None:
    """One line says that the portable engine serves."""
    path, printed = wheel(tmp_path, PATH=str(tmp_path))
    assert "native engine not built: no C compiler here; the portable one serves\n" in printed
    assert path.name.endswith("-py3-none-any.whl")
