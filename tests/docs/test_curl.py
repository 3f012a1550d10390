"""The commands in docs/curl.md and on adding a dataset work as shown, pasted as blocks."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

from infra.local.ports import free_port
from tests.infra.equipment import lacking
from tests.infra.local.test_command_line import get, read_until, started

ROOT = Path(__file__).parents[2]
TIMEOUT = 60.0  # seconds
S3_CLIENT = f"""#!{sys.executable}
import sys, boto3
_, endpoint, _, _, source, target, *metadata = sys.argv[1:]
bucket, _, key = target.removeprefix("s3://").partition("/")
extra = {{"Metadata": dict([metadata[1].split("=")])}} if metadata else {{}}
boto3.client("s3", endpoint_url=endpoint).upload_file(source, bucket, key, ExtraArgs=extra)
"""
"""Understands the one command of the AWS CLI that the documents use, because the CLI may not be installed."""


@frozen(kw_only=True)
class Stack:
    """The ports of `make serve`."""

    http: int
    aws: int


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Run the local stack."""
    stack = Stack(http=free_port(), aws=free_port())
    with started("serve", "--aws-port", str(stack.aws), "--http-port", str(stack.http)) as process:
        read_until(process, "Ctrl-C")
        yield stack


def paste(commands: str, stack: Stack, directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run commands of a document against the stack."""
    for tool in ("bash", "curl", "jq"):
        if shutil.which(tool) is None:
            lacking(f"{tool} is not installed")
    client = directory / "bin" / "aws"
    client.parent.mkdir(exist_ok=True)
    client.write_text(S3_CLIENT)
    client.chmod(0o755)
    usual = {"http://127.0.0.1:8000": f"http://127.0.0.1:{stack.http}", "127.0.0.1:4566": f"127.0.0.1:{stack.aws}"}
    for documented, used in usual.items():
        commands = commands.replace(documented, used)
    return subprocess.run(  # noqa: S603 - our own page
        ["bash", "-eu", *options, "-c", commands],  # noqa: S607
        cwd=directory,
        env={**os.environ, "PATH": f"{client.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


@pytest.mark.parametrize("section", ["Walk-through", "With any S3 client"])
def test_commands_print_what_the_page_shows(stack: Stack, tmp_path: Path, section: str) -> None:
    """Registering, uploading, polling and reading the errors; and the same by any S3 client."""
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    text = (ROOT / "docs" / "curl.md").read_text().partition(f"## {section}\n")[2].partition("\n## ")[0]
    shown = re.findall(r"^\{.*$", text, re.MULTILINE)
    run = paste("\n".join(re.findall(r"^\$ (.*)$", text, re.MULTILINE)), stack, tmp_path, "-o", "pipefail")
    assert (0, "", shown) == (run.returncode, run.stderr, run.stdout.splitlines())


def test_dataset_is_added_as_operations_describes(stack: Stack, tmp_path: Path) -> None:
    """With the variables that `make serve` prints; the file is valid by its own schema."""
    text = (ROOT / "docs" / "operations.md").read_text().partition("## Adding a dataset\n")[2].partition("\n## ")[0]
    commands = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)[0]
    validate = f"PYTHONPATH={ROOT} {sys.executable} -m chalicelib.validation people.csv --schema people.json"
    commands = commands.replace("make validate FILE=people.csv SCHEMA=people.json", validate)
    assert validate in commands
    printed = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    exports = "".join(f"export {name}={value}\n" for name, value in printed.items())
    waiting = 'until curl -sf http://127.0.0.1:8000/uploads/first-people | grep -qE "VALIDATED"; do sleep 1; done'
    run = paste(f"{exports}{commands}{waiting}", stack, tmp_path)
    assert (0, "") == (run.returncode, run.stderr), json.dumps(run.stdout)
    upload = get(stack.http, "/uploads/first-people")[1]
    assert ("VALIDATED", "people", 2) == (upload["status"], upload["schema"], upload["rowCount"])
