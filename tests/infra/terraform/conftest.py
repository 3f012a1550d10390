"""A copy of the project that Terraform may write in, and an AWS for its provider."""

import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from infra.deploy.stages import PROJECT_ROOT
from infra.rehearsal import provider
from tests.infra.equipment import lacking, require_terraform

_CACHE = PROJECT_ROOT / ".local" / "rehearsal"
_NEEDED = ("infra", "statemachine", ".chalice")
_UNTOUCHED = shutil.ignore_patterns(
    "*.py", "__pycache__", ".terraform*", "*.tfstate*", "*.tfvars", "backend.tf", "deployed", "deployments"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Copy what Terraform reads; skip where there is no Terraform."""
    require_terraform()
    for name in _NEEDED:
        shutil.copytree(PROJECT_ROOT / name, tmp_path / name, ignore=_UNTOUCHED)
    return tmp_path


@pytest.fixture(scope="session")
def provider_archive() -> Path:
    """Fetch the provider, once; skip where it cannot be had."""
    try:
        return provider.install(_CACHE)
    except provider.ProviderUnavailable as reason:
        lacking(str(reason))


@pytest.fixture
def aws_endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve an empty AWS on a loopback port, and keep everybody to it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    try:
        yield endpoint
    finally:
        # It is in this process, and what is in it would outlive it.
        urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")).close()  # noqa: S310
        server.stop()
