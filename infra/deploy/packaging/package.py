"""The deployment package: built by Chalice's own packager, and inspected before it is deployed.

`chalice package` does not work here: for CloudFormation, which cannot subscribe to an existing bucket, it refuses an
app with `@app.on_s3_event`, and for Terraform one with log groups. `chalice deploy` accepts both, and uses the package
that is built here, because it names packages by a hash of their content. By itself it would leave out a requirement
that has no wheel for Lambda, print a message, and exit with 0.
"""

import io
import platform
import re
import shutil
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from attrs import frozen
from chalice.deploy.packager import LambdaDeploymentPackager
from chalice.utils import UI, OSUtils

from infra.deploy import commands
from infra.deploy.packaging import kernel, runtime
from infra.deploy.packaging.requirements import RuntimeWheels, WheelsMissing, pinned
from infra.deploy.stages import API_HANDLER, FUNCTIONS, PROJECT_ROOT, Stage

_MOST_BYTES: Final = 16 * 1024 * 1024
"""One and a half times the current size. Lambda accepts 50 MiB, but every cold start loads the package."""
_HANDLERS: Final = ("app", *(name for name in FUNCTIONS if name != API_HANDLER))
_FRAMEWORK: Final = frozenset({"chalice/__init__.py", "chalice/app.py"})
_REQUIRED: Final = re.compile(r"^Requires-Dist: ([A-Za-z0-9._-]+)", re.MULTILINE)
_TAG: Final = re.compile(r"^Tag: \S+-(\S+)$", re.MULTILINE)


class PackageUnfit(Exception):
    """The deployment package is wrong; the message lists every reason."""


@frozen(kw_only=True)
class Package:
    """A deployment package that passed inspection. `imported` says where it was imported, or why it was not."""

    path: Path
    files: int
    packed_bytes: int
    distributions: Mapping[str, str]
    imported: str

    def __str__(self) -> str:
        """Return its contents in a line."""
        names = ", ".join(f"{name} {version}" for name, version in sorted(self.distributions.items()))
        return f"{self.files} files, {self.packed_bytes / 1e6:.1f} MB: Assay, chalice, {names}; {self.imported}"


def build(stage: Stage, project: Path = PROJECT_ROOT) -> Package:
    """Build and inspect a stage's package; raises PackageUnfit, and deletes a package that it refuses."""
    for bytecode in (project / "chalicelib").rglob("__pycache__"):
        shutil.rmtree(bytecode)
    try:
        kernels = kernel.compiled(stage.architecture)
        path = Path(_packager(stage, project).create_deployment_package(str(project), f"python{stage.python}"))
    except (WheelsMissing, kernel.KernelMissing) as error:
        raise PackageUnfit(str(error)) from error
    kernel.put_into(path, kernels)
    try:
        return inspect(path, project, stage)
    except PackageUnfit:
        path.unlink()
        raise


def inspect(path: Path, project: Path, stage: Stage) -> Package:
    """Inspect a package, and import it as Lambda would; raises PackageUnfit."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    found = _distributions(contents)
    problems = [
        *_application_problems(contents, project),
        *_distribution_problems(found, contents, _pinned(project, stage)),
        *_platform_problems(contents, stage.architecture),
        *kernel.problems(contents, stage.architecture),
        *_superfluous(contents, project),
    ]
    size = path.stat().st_size
    if size > _MOST_BYTES:
        problems.append(f"{size} bytes are more than the {_MOST_BYTES} that we allow")
    if problems:
        raise PackageUnfit("\n".join(problems))
    return Package(
        path=path,
        files=len(contents),
        packed_bytes=size,
        distributions=found,
        imported=_import(path, stage, with_kernel=any(map(kernel.is_build, contents))),
    )


def _packager(stage: Stage, project: Path) -> LambdaDeploymentPackager:
    quiet = UI(out=io.StringIO(), err=io.StringIO())
    return LambdaDeploymentPackager(OSUtils(), RuntimeWheels(stage, project), quiet, architecture=stage.architecture)


def _application(project: Path) -> dict[str, Path]:
    files = [project / "app.py", *(path for path in (project / "chalicelib").rglob("*") if path.is_file())]
    named = {path.relative_to(project).as_posix(): path for path in files if "__pycache__" not in path.parts}
    return {name: path for name, path in named.items() if not kernel.is_build(name)}


def _vendored(project: Path) -> frozenset[str]:
    vendor = project / "vendor"
    return frozenset(path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.is_file())


def _application_problems(contents: Mapping[str, bytes], project: Path) -> Iterable[str]:
    for name, path in _application(project).items():
        if name not in contents:
            yield f"{name} is missing"
        elif contents[name] != path.read_bytes():
            yield f"{name} is not what it is in the project"
    yield from (f"{name} is missing" for name in _FRAMEWORK - set(contents))


def _distributions(contents: Mapping[str, bytes]) -> dict[str, str]:
    """Return the version of each distribution in the package."""
    metadata = [PurePosixPath(name).parent.name for name in contents if name.endswith(".dist-info/METADATA")]
    named = (directory.removesuffix(".dist-info").rpartition("-") for directory in metadata)
    return {_normal(name): version for name, _, version in named}


def _pinned(project: Path, stage: Stage) -> dict[str, str]:
    """Return the pinned version of each distribution for the stage's runtime."""
    return {_normal(each.name): str(each.specifier).removeprefix("==") for each in pinned(project, stage)}


def _distribution_problems(
    found: Mapping[str, str], contents: Mapping[str, bytes], pins: Mapping[str, str]
) -> Iterable[str]:
    for name, version in pins.items():
        if name not in found:
            yield f"{name} {version} is missing, though requirements.txt names it"
        elif found[name] != version:
            yield f"{name} is of version {found[name]}, not {version} as in requirements.txt"
    wanted = set(pins)
    for name, content in contents.items():
        if name.endswith(".dist-info/METADATA"):
            wanted |= {_normal(required) for required in _REQUIRED.findall(content.decode())}
    yield from (f"{name} is superfluous: nothing requires it" for name in set(found) - wanted)


def _platform_problems(contents: Mapping[str, bytes], architecture: str) -> Iterable[str]:
    machine = {"arm64": "aarch64"}.get(architecture, architecture)
    for name, content in contents.items():
        if name.endswith(".dist-info/WHEEL"):
            platforms = _TAG.findall(content.decode())
            if not any(tag == "any" or tag.endswith(machine) for tag in platforms):
                yield f"{PurePosixPath(name).parent.name} is built for {', '.join(platforms)}, not for {architecture}"


def _superfluous(contents: Mapping[str, bytes], project: Path) -> Iterable[str]:
    known = set(_application(project)) | _FRAMEWORK | _vendored(project)
    for name, content in contents.items():
        if name.endswith(".dist-info/RECORD"):
            known |= {line.split(",")[0] for line in content.decode().splitlines()}
    # pip writes some files beside those in the wheel's record, in the same directory.
    of_pip = {
        f"{name.rpartition('/')[0]}/{file}" for name in known for file in ("INSTALLER", "REQUESTED", "direct_url.json")
    }
    others = (name for name in set(contents) - known - of_pip if not kernel.is_build(name))
    yield from (f"{name} is superfluous: it belongs to nothing" for name in others)


def _import(path: Path, stage: Stage, *, with_kernel: bool) -> str:
    """Import the application beside only Python and boto3: its handlers, and its native engine if it has one.

    That takes a Linux of the stage's architecture with its Python.
    """
    if (found := _here()) != f"Python {stage.python} on Linux {stage.architecture}":
        return f"for Python {stage.python} on {stage.architecture}, so not imported with {found}"
    python = runtime.python()
    with runtime.unpacked(path) as directory:
        program = (
            f"import sys; sys.path.insert(0, {str(directory)!r}); import app; [getattr(app, it) for it in {_HANDLERS}]"
        )
        if with_kernel:
            program += "; from chalicelib.validation.fast.native.library import library; library().fingerprint"
        try:
            commands.run([python, "-I", "-B", "-c", program], cwd=directory, environment={})
        except commands.CommandFailed as error:
            raise PackageUnfit(f"it cannot be imported where there is only boto3 beside it: {error}") from error
    return f"imports with only boto3 beside it{', and loads the native engine' if with_kernel else ''}"


def _here() -> str:
    """Return the Python, system and architecture of this process, as Lambda names them."""
    machine = platform.machine()
    architecture = {"aarch64": "arm64"}.get(machine, machine)
    return f"Python {sys.version_info.major}.{sys.version_info.minor} on {platform.system()} {architecture}"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
