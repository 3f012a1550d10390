"""Secrets in files: keys, tokens, passwords in URLs. None is tried out, for nothing is sent anywhere.

What only looks like one says so on its line: `pragma: allowlist secret`.
"""

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_TOO_MANY_FALSE: Final = ("HexHighEntropyString", "Base64HighEntropyString", "KeywordDetector")
"""Hashes, examples and test data look like these; in Python, ruff looks for assigned passwords."""
_HASHES: Final = re.compile(r"requirements[\w-]*\.txt")
"""Files of nothing but hashes, which take long."""


def tracked() -> list[Path]:
    """List the files that git knows, but for those of hashes."""
    listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=True)  # noqa: S607
    paths = (Path(name) for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file() and not _HASHES.fullmatch(path.name)]


def scan(files: Sequence[Path]) -> int:
    """Print where something looks like a secret, without it; give the exit code."""
    hook = Path(sys.executable).with_name("detect-secrets-hook")
    disabled = (word for plugin in _TOO_MANY_FALSE for word in ("--disable-plugin", plugin))
    return subprocess.run([hook, "--no-verify", *disabled, *files], check=False).returncode  # noqa: S603
