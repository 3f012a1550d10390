"""The kernel's operations on vectors, of every processor that has some."""

import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from chalicelib.validation.fast.native.kernel_files import SOURCE
from infra.deploy.packaging.environments import environment
from infra.deploy.stages import PROJECT_ROOT

PROCESSORS = {"x86_64": ("avx2", ("-mcpu=haswell",)), "aarch64": ("neon", ())}


def emulator(machine: str) -> Sequence[str]:
    """Return the command that runs a program of an architecture here; skip the test without an emulator."""
    if machine == platform.machine():
        return ()
    found = shutil.which(f"qemu-{machine}-static")
    if found is None:
        pytest.skip(f"qemu-{machine}-static is not installed; Debian has it in the package qemu-user-static")
    return (found,)


@pytest.mark.trial(minutes=1)
@pytest.mark.parametrize("machine", PROCESSORS)
def test_vectors_are_what_they_are_byte_by_byte(machine: str, tmp_path: Path) -> None:
    """Another processor than this one is emulated."""
    level, flags = PROCESSORS[machine]
    runner = emulator(machine)
    python = environment(PROJECT_ROOT / ".local" / "zig", (PROJECT_ROOT / "requirements-package.txt").read_text())
    program = str(tmp_path / "vectors")
    compiler = [str(python), "-m", "ziglang", "cc", "-target", f"{machine}-linux-musl", "-O2", "-static", *flags]
    source = Path(__file__).with_name("vectors.c")
    defined = [f"-I{SOURCE.parent}", '-DFINGERPRINT=""']
    subprocess.run([*compiler, *defined, "-o", program, str(source)], check=True, capture_output=True)  # noqa: S603 - our own
    run = subprocess.run([*runner, program], capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert (f"{level}: ok\n", 0) == (run.stdout, run.returncode)
