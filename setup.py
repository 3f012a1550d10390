"""Compiles the native engine into the package that `pip install .` installs, if this machine has a compiler.

Without one, the package is for every machine, and the portable engine serves. `pyproject.toml` has everything else.
"""

import sys
import sysconfig
from pathlib import Path

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

sys.path.insert(0, str(Path(__file__).parent))
from chalicelib.validation.fast.native import build, kernel_files  # these need nothing that is not installed yet


class BuildWithKernel(build_py):
    """Copies the modules and compiles the kernel beside them."""

    def run(self) -> None:
        """Print one line about the kernel, which pip shows with `-v`."""
        super().run()
        root = Path(__file__).parent if self.editable_mode else Path(self.build_lib)
        build.main(root / kernel_files.BUILT.relative_to(Path(build.__file__).parents[4]))


class PlatformWheel(bdist_wheel):
    """Names the platform, but no version of Python, if the kernel is compiled."""

    def get_tag(self) -> tuple[str, str, str]:
        """Return the tags of the wheel."""
        if not any(Path(self.bdist_dir).rglob(f"{kernel_files.BUILT.name}/*.so")):
            return super().get_tag()
        return "py3", "none", (self.plat_name or sysconfig.get_platform()).replace("-", "_").replace(".", "_")


setup(cmdclass={"build_py": BuildWithKernel, "bdist_wheel": PlatformWheel})
