"""The source of the kernel, and its builds. `setup.py` imports this, so it needs the standard library alone."""

import zlib
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("kernel.c")
BUILT = Path(__file__).with_name("built")
"""Not in version control; `make package` fills it for the function's architecture."""


def built_path(level: str, machine: str) -> Path:
    """Return the path of the build for an architecture and level, whether or not it exists."""
    return BUILT / f"kernel-{machine}-{level}.so"


@cache
def fingerprint() -> str:
    """Return the fingerprint of the source, which a build contains."""
    return fingerprint_of(SOURCE.read_bytes())


def fingerprint_of(source: bytes) -> str:
    """Return the fingerprint of a source: its checksum and its size."""
    return f"{zlib.crc32(source):08x}{len(source):08x}"
