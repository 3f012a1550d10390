"""The native engine of the deployment package: compiled for the stage's architecture, the same bytes every time.

The compiler is zig's, which compiles for both architectures against an old glibc, whatever machine this is. It is
pinned, and installed on first use into an environment of its own.
"""

import hashlib
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from chalicelib.validation.fast.native import build
from chalicelib.validation.fast.native.kernel_files import BUILT, SOURCE, built_path, fingerprint, fingerprint_of
from infra.deploy import commands
from infra.deploy.packaging.environments import environment
from infra.deploy.stages import PROJECT_ROOT

_GLIBC: Final = (2, 17)
"""The version that all of Lambda's runtimes have at least."""
_NEEDED_GLIBC: Final = re.compile(rb"GLIBC_(\d+)\.(\d+)")
_REPRODUCIBLE: Final = ("-g0", "-s")
"""Leaves out what names this machine's paths."""
_PINS: Final = PROJECT_ROOT / "requirements-package.txt"
_HOME: Final = PROJECT_ROOT / ".local"
_SOURCE: Final = SOURCE.relative_to(PROJECT_ROOT).as_posix()
_BUILDS: Final = BUILT.relative_to(PROJECT_ROOT).as_posix() + "/"
"""Where a package has the source, and its builds."""


class KernelMissing(Exception):
    """The native engine cannot be compiled for a stage; the message says why, and what to do."""


@frozen
class _Target:
    """An architecture: how Python, zig and an ELF file name it."""

    machine: str
    triple: str
    elf: int


_TARGETS: Final[Mapping[str, _Target]] = {
    "x86_64": _Target("x86_64", "x86_64-linux-gnu.2.17", 62),
    "arm64": _Target("aarch64", "aarch64-linux-gnu.2.17", 183),
}
"""By the name that the stage's configuration has."""


def is_build(name: str) -> bool:
    """Return whether a file of a package, or of the project, is a compiled kernel."""
    return name.startswith(_BUILDS)


def compiled(architecture: str) -> Mapping[str, bytes]:
    """Return the builds for an architecture by their names in a package; raises KernelMissing."""
    target = _TARGETS[architecture]
    made_from = _PINS.read_text() + Path(build.__file__).read_text() + fingerprint()
    directory = _HOME / "kernels" / f"{architecture}-{hashlib.sha256(made_from.encode()).hexdigest()[:16]}"
    paths = _paths(target, directory)
    if not all(path.exists() for path in paths):
        compile_into(directory, architecture)
    return {_BUILDS + path.name: path.read_bytes() for path in paths}


def compile_into(directory: Path, architecture: str) -> None:
    """Compile all implementations of an architecture; raises KernelMissing."""
    target = _TARGETS[architecture]
    directory.mkdir(parents=True, exist_ok=True)
    try:
        command = [str(environment(_HOME / "zig", _PINS.read_text())), "-m", "ziglang", "cc", "-target", target.triple]
        build.build(command, target.machine, _REPRODUCIBLE, directory)
    except (commands.CommandFailed, build.CannotBuild) as error:
        raise KernelMissing(
            f"the native engine is not compiled, and a package without it is not shipped: {error}\n"
            f"pip must be able to install zig's compiler, ziglang, which is pinned in {_PINS.name} and takes 411 MB"
        ) from error


def put_into(package: Path, builds: Mapping[str, bytes]) -> None:
    """Replace the builds in a package: Chalice packed those of this machine, if there are any."""
    with zipfile.ZipFile(package) as archive:
        kept = [(entry, archive.read(entry)) for entry in archive.infolist() if not is_build(entry.filename)]
    unfinished = package.with_suffix(".unfinished")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in kept:
            archive.writestr(entry, content)
        for name, content in sorted(builds.items()):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o755 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    unfinished.replace(package)


def problems(contents: Mapping[str, bytes], architecture: str) -> Iterator[str]:
    """Yield what is wrong with the builds in a package that has the source."""
    if _SOURCE not in contents:
        return
    target = _TARGETS[architecture]
    source = fingerprint_of(contents[_SOURCE]).encode()
    wanted = [_BUILDS + path.name for path in _paths(target, BUILT)]
    for name in wanted:
        if name not in contents:
            yield f"{name} is missing: the native engine is not compiled for {architecture}"
        elif int.from_bytes(contents[name][18:20], "little") != target.elf:
            yield f"{name} is not compiled for {architecture}"
        elif source not in contents[name]:
            yield f"{name} is compiled from another source than {_SOURCE}, and would not be loaded"
        elif newer := [version for version in _glibc(contents[name]) if version > _GLIBC]:
            yield f"{name} needs glibc {max(newer)[0]}.{max(newer)[1]}, and Lambda may have 2.17 only"
    yield from (
        f"{name} is superfluous: {architecture} cannot load it"
        for name in contents
        if is_build(name) and name not in wanted
    )


def _glibc(content: bytes) -> Iterator[tuple[int, int]]:
    return ((int(major), int(minor)) for major, minor in _NEEDED_GLIBC.findall(content))


def _paths(target: _Target, directory: Path) -> list[Path]:
    return [directory / built_path(level, target.machine).name for level in build.LEVELS[target.machine]]
