"""Run the kernel on random and on hostile files, compiled with AddressSanitizer and UndefinedBehaviorSanitizer.

Every implementation runs in a process of its own for the given time. Its reports, and how it splits files, are compared
with the reference. Each function that the kernel exports must have run by then; on a busy machine, this may take up to
three times as long.
Without a compiler that has the sanitizers, it prints why it does nothing; in CI it fails.
"""

import argparse
import ctypes
import io
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from attrs import evolve

from chalicelib.errors import PartsUnsupported, SchemaInvalid
from chalicelib.validation.fast.engines import Engine
from chalicelib.validation.fast.native import (
    build,
    division,
    engine,
    kernel_files,
    key_log,
    keys,
    library,
    memory,
    scan_table,
    scanner,
)
from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.row_set import RowSet
from chalicelib.validation.splitting.splitter import split
from tests.fuzz.cases import Case, Setting, Trial, compared, crash_of
from tests.fuzz.differences import Difference
from tests.validation.parts import trial as parts

FLAGS = (
    *("-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
    "-DCOMPARED=20",  # so that partitions are compared in several passes
)
_RUNTIMES = ("libasan.so", "libubsan.so")
_MOST_RECORDS = 400
_ONLY_READ = 20
"""How many hostile files of a schema are read without being compared."""
_PAGE = 4096
_LONGEST = 3
"""A run may take this many times the given time, until each function of the kernel has run."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(prog="make sanitize", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="for each implementation (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the cases' own seeds (default: %(default)s)")
    parser.add_argument("--directory", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.directory is not None:
        return _run(options.directory, options.seconds, options.seed)
    with tempfile.TemporaryDirectory() as directory:
        try:
            compiler = build.compiler()
            build.build([compiler], platform.machine(), FLAGS, Path(directory))
            runtimes = ":".join(_runtimes(compiler))
        except build.CannotBuild as problem:
            print(f"kernel not sanitized: {problem}")
            return 1 if os.environ.get("CI") else 0
        runs = {level: _started(level, Path(directory), runtimes, options) for level in _levels()}
        codes = {level: run.wait() for level, run in runs.items()}
    for level, code in codes.items():
        print(f"sanitized {level}: {'no finding' if code == 0 else f'exit code {code}'}")
    return max(map(abs, codes.values()))


def _levels() -> Sequence[str]:
    """Return the implementations that run on this processor."""
    levels = list(build.LEVELS.get(platform.machine(), {"plain": ()}))
    if "avx2" in levels and "avx2" not in Path("/proc/cpuinfo").read_text():
        print("avx2 not sanitized: this processor does not have it")
        levels.remove("avx2")
    return levels


def _runtimes(compiler: str) -> Iterator[str]:
    """Yield the paths of the sanitizers' runtimes, which must be loaded before Python; raises CannotBuild."""
    for name in _RUNTIMES:
        command = [compiler, f"-print-file-name={name}"]
        path = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - fixed arguments
        if not Path(path).is_absolute():
            raise build.CannotBuild(f"{compiler} has no {name}")
        yield path


def _started(level: str, directory: Path, runtimes: str, options: argparse.Namespace) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "LD_PRELOAD": runtimes,
        "ASAN_OPTIONS": "detect_leaks=0",  # Python's own leaks
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "PYTHONMALLOC": "malloc",
        library.LEVEL_VARIABLE: level,
    }
    command = [sys.executable, "-m", "tests.fuzz.sanitized", "--directory", str(directory)]
    arguments = ["--seconds", str(options.seconds), "--seed", str(options.seed)]
    return subprocess.Popen([*command, *arguments], env=environment)  # noqa: S603 - fixed arguments


# --- in the process of one implementation -----------------------------------------------------------------------------


class FencedMemory(memory.Memory):
    """Memory between whose arrays nothing may be read or written."""

    def __init__(self, *sizes: int, is_filled: bool = False) -> None:
        """Forbid the unused bytes behind each array."""
        super().__init__(*sizes, is_filled=is_filled)
        ends = [*self.addresses[1:], self.address + -(-len(self.map) // _PAGE) * _PAGE]
        for start, size, end in zip(self.addresses, sizes, ends, strict=True):
            _set_access(start + size, end - start - size, "poison")

    def __del__(self) -> None:
        """Allow them again: the addresses may be used for something else."""
        _set_access(self.address, -(-len(self.map) // _PAGE) * _PAGE, "unpoison")


def _set_access(address: int, size: int, how: str) -> None:
    """Forbid (poison) or allow (unpoison) access to memory, by AddressSanitizer."""
    function = getattr(ctypes.CDLL(None), f"__asan_{how}_memory_region")
    function(ctypes.c_void_p(address), ctypes.c_size_t(size))


def _run(directory: Path, seconds: float, seed: int) -> int:
    """Compare the kernel with the reference for that many seconds; return the exit code."""
    kernel_files.BUILT = directory
    for module in (scan_table, scanner, division, engine, key_log):
        module.Memory = FencedMemory  # type: ignore[attr-defined] # only here
    key_log.LEAST_ENTRIES, keys.HELD_BYTES = 16, 0  # so that keys go to temporary files
    level = os.environ[library.LEVEL_VARIABLE]
    built = kernel_files.built_path(level, platform.machine())
    kernel = library.library()
    if b"__asan_report_store" not in built.read_bytes() or kernel is None:
        raise AssertionError(f"{built} is not sanitized, or cannot be loaded")
    functions = _recorded(kernel)
    rng, began = Random(seed), time.monotonic()
    files = verdicts = 0
    while (passed := time.monotonic() - began) < seconds or (_unused(functions) and passed < _LONGEST * seconds):
        number = rng.getrandbits(40)
        trial = Trial.of(number, _MOST_RECORDS)
        trial = evolve(trial, settings=tuple(each for each in trial.settings if each.engine is Engine.NATIVE))
        for each in (trial, _with_noise(trial, rng)):
            found = compared(each, number)
            files, verdicts = files + 1, verdicts + found.checks
            if found.difference:
                return _show(each.case, found.difference)
        # The reference takes most of the time: what else is hostile is only read.
        for at in range(_ONLY_READ):
            each = _with_noise(trial, rng)
            setting = each.settings[at % len(each.settings)]
            files += 1
            if crash_of(each.case.outcome(setting)):
                return _show(each.case, setting)
        if not _is_split_alike(_with_noise(trial, rng).case, rng):
            print(f"{level}: the case {number} is split in another way, seed {seed}")
            return 1
        if not _is_the_same_in_parts(_with_noise(trial, rng).case):
            print(f"{level}: the case {number} has another report in parts, seed {seed}")
            return 1
    if unused := _unused(functions):
        print(f"{level}: not one call in {passed:.0f} s of {', '.join(unused)}")
        return 1
    print(f"{level}: {files:,} files read, {verdicts:,} verdicts compared in {passed:.0f} s, seed {seed}", flush=True)
    return 0


class Recorded:
    """A function of the kernel, and how often it was called."""

    def __init__(self, function: Callable[..., Any]) -> None:
        """Call this function."""
        self._function = function
        self.calls = 0

    def __call__(self, *arguments: object) -> Any:
        """Call the function."""
        self.calls += 1
        return self._function(*arguments)


def _recorded(kernel: ctypes.CDLL) -> dict[str, Recorded]:
    """Put a function that counts its calls in the place of each one that the kernel exports."""
    functions = {name: Recorded(getattr(kernel, name)) for name in library.FUNCTIONS if not _is_constant(name)}
    for name, function in functions.items():
        setattr(kernel, name, function)
    return functions


def _unused(functions: Mapping[str, Recorded]) -> list[str]:
    return [name for name, function in functions.items() if not function.calls]


def _is_constant(name: str) -> bool:
    """Return whether a function has no arguments: it returns a constant, and ran when the kernel was loaded."""
    return not library.FUNCTIONS[name][1]


def _is_split_alike(case: Case, rng: Random) -> bool:
    """Return whether the kernel divides a file as the reference does, if files of its dialect can be split."""
    rejected = RowSet()
    rejected.add_bits(1, rng.randbytes(_MOST_RECORDS // 8))
    try:
        return _parts(case, rejected, native=True) == _parts(case, rejected, native=False)
    except SchemaInvalid:
        return True


def _is_the_same_in_parts(case: Case) -> bool:
    """Return whether the kernel reports the same of a file in three parts, if it can be validated in parts."""
    made = parts.Trial(data=case.data, schema=case.schema, dialect=case.dialect, engine=Engine.NATIVE)
    try:
        part_bytes, whole = len(case.data) // 3 + 1, made.whole()
        if whole != made.in_parts(part_bytes, is_local=True):
            return False
        return whole == made.in_parts(part_bytes) == made.in_shares(part_bytes, 3, finer=2)
    except (PartsUnsupported, SchemaInvalid):
        return True


def _parts(case: Case, rejected: RowSet, *, native: bool) -> tuple[bytes, bytes]:
    """Return the accepted and the rejected rows of a file; raises SchemaInvalid."""
    accepted, refused = io.BytesIO(), io.BytesIO()
    dialect = Dialect.from_descriptor(case.dialect)
    split(io.BytesIO(case.data), dialect, rejected, accept=accepted.write, reject=refused.write, native=native)
    return accepted.getvalue(), refused.getvalue()


def _show(case: Case, setting: Setting) -> int:
    """Print a program that shows a difference; return the exit code."""
    print(Difference(case=case, setting=setting).program())
    return 1


def _with_noise(trial: Trial, rng: Random) -> Trial:
    return evolve(trial, case=evolve(trial.case, data=_hostile(rng, trial.case.data)))


_NOISE = (b",", b'"', b'""', b"\n", b"\r", b"\r\n", b"\\", b"#", b" ", b"\0", b"\xff", b"\xc3", b"\xe2\x82", b"1", b"a")


def _hostile(rng: Random, data: bytes) -> bytes:
    """Return noise, or a file with noise in it."""
    header, _, rest = data.partition(b"\n")
    match rng.randrange(3):
        case 0:
            body = b"".join(rng.choices(_NOISE, k=rng.randrange(3_000)))
        case 1:
            body = rng.randbytes(rng.randrange(3_000))
        case _:
            changed = bytearray(rest)
            for _ in range(rng.randrange(40)):
                at = rng.randrange(len(changed) + 1)
                changed[at : at + rng.choice((0, 1, 70))] = rng.choice(_NOISE) * rng.choice((1, 1, 64, 500))
            body = bytes(changed)
    return header + b"\n" + body


if __name__ == "__main__":
    sys.exit(main())
