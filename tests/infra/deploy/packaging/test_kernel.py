"""The native engine in the deployment package: its builds are those of its source, for the stage's architecture."""

import ctypes
import platform
import sys
import zipfile
from pathlib import Path

import pytest

from chalicelib.validation.fast.native.kernel_files import SOURCE, fingerprint, fingerprint_of
from infra.deploy.packaging import kernel

NATIVE = "chalicelib/validation/fast/native"
PLAIN, AVX2, NEON = (f"{NATIVE}/built/kernel-{it}.so" for it in ("x86_64-plain", "x86_64-avx2", "aarch64-neon"))


def built(machine: int = 62, source: bytes = b"int a;", needs: bytes = b"GLIBC_2.2.5") -> bytes:
    """Return what a build has of an ELF file."""
    return b"\x7fELF".ljust(18, b"\0") + machine.to_bytes(2, "little") + fingerprint_of(source).encode() + needs


FIT = {f"{NATIVE}/kernel.c": b"int a;", PLAIN: built(), AVX2: built()}


def test_fit_builds_have_no_problems() -> None:
    """One build for each implementation; without the source, nothing is required."""
    assert [] == list(kernel.problems(FIT, "x86_64"))
    assert [] == list(kernel.problems({}, "x86_64"))


def test_builds_are_recognized_by_what_they_contain() -> None:
    """The package is inspected without loading a build."""
    assert fingerprint() == fingerprint_of(SOURCE.read_bytes())


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({AVX2: None}, f"{AVX2} is missing: the native engine is not compiled for x86_64"),
        ({PLAIN: built(machine=183)}, f"{PLAIN} is not compiled for x86_64"),
        ({PLAIN: built(source=b"int b;")}, f"{PLAIN} is compiled from another source"),
        ({PLAIN: built(needs=b"GLIBC_2.34")}, f"{PLAIN} needs glibc 2.34"),
        ({NEON: built(machine=183)}, f"{NEON} is superfluous: x86_64 cannot load it"),
    ],
)
def test_unfit_builds_are_reported(change: dict[str, bytes | None], problem: str) -> None:
    """Each of them would leave a function without its native engine."""
    contents = {name: content for name, content in (FIT | change).items() if content is not None}
    (found,) = kernel.problems(contents, "x86_64")
    assert found.startswith(problem)


def test_builds_of_this_machine_are_replaced(tmp_path: Path) -> None:
    """Chalice packs whatever is in the project."""
    package = tmp_path / "package.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("app.py", "pass")
        archive.writestr(PLAIN, "of this machine")
    for _ in range(2):
        kernel.put_into(package, {NEON: b"of the stage"})
        with zipfile.ZipFile(package) as archive:
            assert {"app.py": b"pass", NEON: b"of the stage"} == {it: archive.read(it) for it in archive.namelist()}


def test_missing_compiler_is_a_reason_not_to_ship(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The message says what has to be done."""
    monkeypatch.setattr(kernel, "_HOME", tmp_path)
    monkeypatch.setattr(kernel, "_PINS", tmp_path / "pins.txt")
    (tmp_path / "pins.txt").write_text("ziglang==0.0.0 --hash=sha256:00\n")
    with pytest.raises(kernel.KernelMissing, match=r"a package without it is not shipped(?s:.*)install zig's compiler"):
        kernel.compiled("arm64")


@pytest.mark.trial(minutes=1)
@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_builds_have_the_same_bytes_every_time(
    architecture: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Compiled twice from nothing, in different directories; and what is compiled is fit to be shipped."""
    builds = []
    for number in ("1", "2"):
        for name in ("GLOBAL", "LOCAL"):
            monkeypatch.setenv(f"ZIG_{name}_CACHE_DIR", str(tmp_path / number / name))
        kernel.compile_into(tmp_path / number / "built", architecture)
        files = sorted((tmp_path / number / "built").iterdir())
        builds.append({f"{NATIVE}/built/{path.name}": path.read_bytes() for path in files})
    assert builds[0] == builds[1]
    assert [] == list(kernel.problems({f"{NATIVE}/kernel.c": SOURCE.read_bytes(), **builds[0]}, architecture))


@pytest.mark.trial(minutes=1)
@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="the builds are for Linux on x86_64"
)
def test_shipped_builds_find_the_vectors_of_this_machine(tmp_path: Path) -> None:
    """Otherwise functions would run the plain build, which takes twice as long."""
    flags = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags"))
    needed = {"avx2", "bmi1", "bmi2", "abm", "popcnt", "pclmulqdq"}
    for name, content in kernel.compiled("x86_64").items():
        path = tmp_path / Path(name).name
        path.write_bytes(content)
        assert bool(ctypes.CDLL(str(path)).has_avx2()) is (needed <= set(flags.split()))
