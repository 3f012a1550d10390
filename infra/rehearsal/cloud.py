"""The emulated AWS account of a rehearsal: the emulator runs in its own process, on a loopback port."""

import os
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from infra.deploy.packaging.environments import environment
from infra.local.child_processes import end, spawn, wait_until_ready
from infra.local.ports import LOOPBACK, free_port

REGION: Final = "eu-central-1"
ACCOUNT: Final = "123456789012"

_HERE: Final = Path(__file__).resolve()
_PINS: Final = _HERE.parent / "emulator" / "requirements.txt"
_START_SECONDS: Final = 60.0


class CloudFailed(Exception):
    """The emulator did not start; the message ends with its output."""


def install(cache: Path) -> Path:
    """Create the emulator's Python environment, unless the cache has it, and return its Python."""
    return environment(cache / "emulator", _PINS.read_text())


@contextmanager
def cloud(python: Path, runtime_python: Path, directory: Path) -> Iterator[Mapping[str, str]]:
    """Serve an empty account; yield the environment variables that point every AWS client at it.

    `runtime_python` runs the functions. What is written goes under `directory`.
    """
    port = free_port()
    log = directory / "emulator.log"
    for name in ("tmp", "data"):
        (directory / name).mkdir()
    settings = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "TMPDIR": str(directory / "tmp"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "BIND_HOST": LOOPBACK,
        "MINISTACK_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "AUTH": "true",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "S3_DATA_DIR": str(directory / "data"),
        "STATE_DIR": str(directory / "data"),
        "SERVICES": "apigateway,cloudwatch,ec2,events,iam,kms,lambda,logs,s3,secretsmanager,sqs,states,sts",
        # Shorten the back-off; the number of attempts stays as it is.
        "SFN_WAIT_SCALE": "0.002",
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.2",
        "LAMBDA_ACCOUNT_CONCURRENCY": "1000",
        "REHEARSAL_RUNTIME_PYTHON": str(runtime_python),
        **_credentials(),
    }
    with log.open("wb") as output:
        command = ["/usr/bin/env", "-i", *(f"{name}={value}" for name, value in settings.items())]
        command += [str(python), "-m", "infra.rehearsal.emulator"]
        process = spawn(command, log=output, cwd=_HERE.parents[2])
    try:
        if not wait_until_ready(process, lambda: _answers(port), seconds=_START_SECONDS):
            raise CloudFailed(f"the emulator did not start:\n{log.read_text(errors='replace')}")
        yield _client_environment(port)
    finally:
        end(process)


def _credentials() -> dict[str, str]:
    """Return the credentials of the account's root, who may do everything."""
    return {"AWS_ACCESS_KEY_ID": "rehearsal", "AWS_SECRET_ACCESS_KEY": "rehearsal"}


def _client_environment(port: int) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        **_credentials(),
        "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{port}",
        "AWS_DEFAULT_REGION": REGION,
        # A developer's own profile has no say here.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": LOOPBACK,
        "no_proxy": LOOPBACK,
    }


def _answers(port: int) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(f"http://{LOOPBACK}:{port}/_ministack/health", timeout=5).close()
    except OSError:
        return False
    return True
