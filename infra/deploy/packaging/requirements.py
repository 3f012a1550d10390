"""The pinned requirements of the deployment package, as they apply to a stage's runtime."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chalice.deploy.packager import DependencyBuilder, Package, PipRunner, SubprocessPip
from chalice.utils import OSUtils
from packaging.requirements import Requirement

from infra.deploy import commands
from infra.deploy.stages import Stage

_CONTINUED: Final = re.compile(r"\\\n\s*")
_HASHES: Final = re.compile(r"\s+--hash=\S+")
_MACHINES: Final = {"x86_64": "x86_64", "arm64": "aarch64"}


class WheelsMissing(Exception):
    """pip found no wheel of a requirement for a stage's runtime, or one with another hash; the message is pip's."""


def pinned(project: Path, stage: Stage) -> Mapping[Requirement, str]:
    """Return the requirements whose markers hold on a stage's runtime, each with its line, without the marker."""
    lines = _CONTINUED.sub(" ", (project / "requirements.txt").read_text()).splitlines()
    stated = [(Requirement(_HASHES.sub("", line)), line) for line in lines if line and not line.startswith("#")]
    runtime = _environment(stage)
    return {
        requirement: line.replace(f";{line.partition(';')[2].partition(' --hash')[0]}", "")
        for requirement, line in stated
        if requirement.marker is None or requirement.marker.evaluate(runtime)
    }


class RuntimeWheels(DependencyBuilder):  # type: ignore[misc] # Chalice has no types
    """Downloads the wheels of a stage's runtime, whatever Python and system this is.

    Chalice's own builder downloads what this machine would install, and replaces what does not fit.
    """

    def __init__(self, stage: Stage, project: Path) -> None:
        files = OSUtils()
        pip = PipRunner(pip=SubprocessPip(osutils=files), osutils=files)
        super().__init__(osutils=files, pip_runner=pip, architecture=stage.architecture)
        self._stage = stage
        self._project = project

    def _download_dependencies(
        self, abi: str, directory: str, requirements_filename: str
    ) -> tuple[set[Package], set[Package]]:
        """Return the wheels, and nothing that is missing; raises WheelsMissing."""
        del requirements_filename  # it states those of other runtimes, too
        wanted = Path(directory, "requirements.txt")
        wanted.write_text("\n".join(pinned(self._project, self._stage).values()))
        options = ["--only-binary", ":all:", "--no-deps", "--require-hashes", "--implementation", "cp"]
        options += ["--python-version", self._stage.python, "--abi", abi, "--abi", "abi3", "--abi", "none"]
        options += [word for platform in self._get_pip_platforms(abi) for word in ("--platform", platform)]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", *options]
        try:
            commands.run(
                [*command, "--dest", directory, "--requirement", wanted], cwd=Path(directory), environment=os.environ
            )
        except commands.CommandFailed as error:
            raise WheelsMissing(str(error)) from error
        wanted.unlink()
        return {Package(directory, wheel.name) for wheel in Path(directory).glob("*.whl")}, set()


def _environment(stage: Stage) -> dict[str, str]:
    return {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": _MACHINES[stage.architecture],
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{stage.python}.0",
        "python_version": stage.python,
        "sys_platform": "linux",
    }
