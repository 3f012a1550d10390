"""Python environments that contain only given requirements."""

import os
import sys
from pathlib import Path
from typing import Final

from infra.deploy import commands

_INSTALL: Final = ("install", "--quiet", "--disable-pip-version-check", "--require-hashes")


def environment(home: Path, pins: str) -> Path:
    """Create an environment with these pinned and hashed requirements, unless it exists, and return its Python."""
    marker, interpreter = home / ".installed", home / "bin" / "python"
    if not marker.exists() or marker.read_text() != pins:
        home.parent.mkdir(parents=True, exist_ok=True)
        # Our own pip installs into it: one of its own would take seconds.
        venv: list[str | Path] = [sys.executable, "-m", "venv", "--clear", "--without-pip", home]
        commands.run(venv, cwd=home.parent, environment=os.environ)
        requirements = home / "requirements.txt"
        requirements.write_text(pins)
        pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", interpreter]
        commands.run([*pip, *_INSTALL, "--requirement", requirements], cwd=home, environment=os.environ)
        marker.write_text(pins)
    return interpreter
