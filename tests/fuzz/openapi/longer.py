"""Send the API more requests than `make test` does."""

import os
import subprocess
import sys
from pathlib import Path


def hold_to_description(*, examples: int, seed: int) -> int:
    """Generate `examples` requests for each operation; return the exit code."""
    options = ["-q", "--hypothesis-profile=search", f"--hypothesis-seed={seed}"]
    command = [sys.executable, "-m", "pytest", *options, str(Path(__file__).parent)]
    return subprocess.run(command, env={**os.environ, "API_EXAMPLES": str(examples)}, check=False).returncode  # noqa: S603
