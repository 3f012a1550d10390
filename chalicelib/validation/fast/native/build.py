"""Compile the kernel for this machine: `python -m chalicelib.validation.fast.native.build`.

Uses the compiler of this machine. Without one, it prints a line that says so, and the portable engine is used.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chalicelib.validation.fast.native import kernel_files

_FLAGS = ("-std=gnu11", "-O2", "-ftree-vectorize", "-fPIC", "-shared", "-Wall", "-Wextra")
LEVELS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "x86_64": {"plain": (), "avx2": ("-mavx2", "-mbmi", "-mbmi2", "-mlzcnt", "-mpopcnt", "-mpclmul")},
    "aarch64": {"neon": ()},
}
"""The implementations of each architecture, with the compiler options of their instruction sets."""


class CannotBuild(Exception):
    """There is no compiler, or it failed; the message is one line."""


def build(command: Sequence[str], machine: str, flags: Iterable[str] = (), directory: Path | None = None) -> list[Path]:
    """Compile all implementations of an architecture; raises CannotBuild."""
    levels = LEVELS.get(machine, {"plain": ()})
    directory = directory or kernel_files.BUILT
    directory.mkdir(exist_ok=True)
    targets = {level: directory / kernel_files.built_path(level, machine).name for level in levels}
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda level: _compile(command, targets[level], (*levels[level], *flags)), levels))


def _compile(compiler: Sequence[str], target: Path, flags: Iterable[str]) -> Path:
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".so", delete=False) as unfinished:
        pass
    defined = f'-DFINGERPRINT="{kernel_files.fingerprint()}"'
    command = [*compiler, *_FLAGS, *flags, defined, "-o", unfinished.name, str(kernel_files.SOURCE)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed arguments
        if done.returncode:
            raise CannotBuild(f"{compiler[0]} failed: {(done.stderr.splitlines() or ['no reason given'])[0]}")
        Path(unfinished.name).chmod(0o755)
        os.replace(unfinished.name, target)  # noqa: PTH105 - atomic: another process may be loading it
    finally:
        Path(unfinished.name).unlink(missing_ok=True)
    return target


def main(directory: Path | None = None) -> int:
    """Compile the implementations for this machine, and print one line."""
    directory = directory or kernel_files.BUILT
    directory.mkdir(exist_ok=True)
    try:
        built = build([compiler()], platform.machine(), directory=directory)
    except CannotBuild as problem:
        sys.stderr.write(f"native engine not built: {problem}; the portable one serves\n")
    else:
        sys.stderr.write(f"native engine built: {', '.join(path.stem for path in built)}\n")
    return 0


def compiler() -> str:
    """Return the path of a compiler on this machine; raises CannotBuild."""
    found = next(filter(None, map(shutil.which, (os.environ.get("CC", "cc"), "gcc", "clang"))), None)
    if found is None:
        raise CannotBuild("no C compiler here")
    return found


if __name__ == "__main__":
    sys.exit(main())
