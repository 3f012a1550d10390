"""What the README says to type does what the README says."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.ports import free_port
from tests.infra.equipment import lacking
from tests.infra.local.test_command_line import read_until, started

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds


@pytest.fixture
def api() -> Iterator[str]:
    """The address of the HTTP API of `make serve`."""
    port = free_port()
    with started("serve", "--aws-port", str(free_port()), "--http-port", str(port)) as process:
        read_until(process, "Ctrl-C")
        yield f"http://127.0.0.1:{port}"


def commands(heading: str) -> list[str]:
    """Give what the section says to type."""
    section = (ROOT / "README.md").read_text().partition(f"{heading}\n")[2].partition("\n#")[0]
    return re.findall(r"^\$ (.*)$", section, re.MULTILINE)


def told(heading: str) -> str:
    """Give the answer that the section shows, up to where it leaves something out."""
    section = (ROOT / "README.md").read_text().partition(f"{heading}\n")[2]
    return str(re.findall(r"^(\{.*?),…", section, re.MULTILINE)[0])


def test_curl_alone_registers_uploads_polls_and_reads_the_errors(api: str, tmp_path: Path) -> None:
    """To the letter, but for the port."""
    for tool in ("bash", "curl"):
        if shutil.which(tool) is None:
            lacking(f"{tool} is not installed")
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    script = "\n".join(commands("### With curl alone")).replace("http://127.0.0.1:8000", api)
    run = subprocess.run(  # noqa: S603 - our own README
        ["bash", "-euo", "pipefail", "-c", script],  # noqa: S607 - whichever there is
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (0, "") == (run.returncode, run.stderr)
    assert run.stdout.startswith(told("### With curl alone"))
    page: dict[str, Any] = json.loads(run.stdout)
    assert (2, 9) == (len(page["errors"]), page["errorCount"])
