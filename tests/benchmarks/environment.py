"""A virtual environment for the other contenders: Assay's own development does not need them."""

import os
import platform
import subprocess
import sys
import venv
from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_REQUIREMENTS: Final = Path(__file__).with_name("requirements.txt")
_HOME: Final = ROOT / ".venv" / "peers"
_INSTALLED: Final = _HOME / ".installed"
PYTHON: Final = _HOME / "bin" / "python"


def prepare() -> None:
    """Install the contenders at their pinned versions, unless they are installed."""
    wanted = sha256(_REQUIREMENTS.read_bytes()).hexdigest()
    if _INSTALLED.exists() and _INSTALLED.read_text() == wanted:
        return
    print(f"Setting up {_HOME.relative_to(ROOT)}, once; this takes a minute ...", file=sys.stderr)
    venv.create(_HOME, clear=True, with_pip=True)
    pip("install", "--require-hashes", "--requirement", str(_REQUIREMENTS))
    _INSTALLED.write_text(wanted)


def pip(*arguments: str) -> None:
    """Run the environment's pip, which prints only errors."""
    command = [str(PYTHON), "-m", "pip", "--quiet", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, cwd=ROOT, stdout=sys.stderr, check=True)  # noqa: S603 - our own command line


def versions() -> dict[str, str]:
    """Return the version of each installed distribution."""
    (packages,) = _HOME.glob("lib/python*/site-packages")
    return {each.name: each.version for each in distributions(path=[str(packages)])}


def machine() -> str:
    """Describe the machine in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    about = [
        f"{os.cpu_count()} processors ({_processor()})",
        f"{memory:.0f} GB of memory",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()}",
    ]
    return ", ".join(about)


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(iter(names), platform.machine())
