"""The commands in docs/curl.md work as shown."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.ports import free_port
from tests.infra.equipment import lacking
from tests.infra.local.test_command_line import read_until, started

ROOT = Path(__file__).parents[2]
TIMEOUT = 60.0  # seconds


@pytest.fixture
def api() -> Iterator[str]:
    """The URL of the HTTP API of `make serve`."""
    port = free_port()
    with started("serve", "--aws-port", str(free_port()), "--http-port", str(port)) as process:
        read_until(process, "Ctrl-C")
        yield f"http://127.0.0.1:{port}"


def test_walk_through_with_curl_and_jq(api: str, tmp_path: Path) -> None:
    """Registering, uploading, polling and reading the errors print what the document shows."""
    for tool in ("bash", "curl", "jq"):
        if shutil.which(tool) is None:
            lacking(f"{tool} is not installed")
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    walk_through = (ROOT / "docs" / "curl.md").read_text().partition("## Walk-through\n")[2].partition("\n## ")[0]
    commands = re.findall(r"^\$ (.*)$", walk_through, re.MULTILINE)
    shown = re.findall(r"^\{.*$", walk_through, re.MULTILINE)
    run = subprocess.run(  # noqa: S603 - commands of the document
        ["bash", "-euo", "pipefail", "-c", "\n".join(commands).replace("http://127.0.0.1:8000", api)],  # noqa: S607
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert (0, "", shown) == (run.returncode, run.stderr, run.stdout.splitlines())
