"""A Python environment like Lambda's runtime: boto3 and its requirements, nothing else."""

import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from infra.deploy.packaging.environments import environment
from infra.deploy.stages import PROJECT_ROOT

_DISTRIBUTIONS: Final = frozenset({"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"})
_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)==.*(?:\n +--hash.*)*", re.MULTILINE)


def python() -> Path:
    """Return the Python of that environment, which is created on first use."""
    return environment(PROJECT_ROOT / ".local" / "runtime", _pins())


@contextmanager
def unpacked(package: Path) -> Iterator[Path]:
    """Unpack a deployment package for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="assay-package-") as directory, zipfile.ZipFile(package) as archive:
        archive.extractall(directory)
        yield Path(directory)


def _pins() -> str:
    """Return the pinned and hashed requirements that the runtime has, too."""
    locked = (PROJECT_ROOT / "requirements-dev.txt").read_text()
    return "\n".join(pin[0] for pin in _PIN.finditer(locked) if pin[1] in _DISTRIBUTIONS) + "\n"
