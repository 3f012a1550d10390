"""What the tests of the command line share."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Write a file and return its path."""

    def write(content: str, name: str = "file.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode())
        return str(path)

    return write
