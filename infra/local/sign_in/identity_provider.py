"""Runs the OpenID provider, and configures the app for it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from infra.deploy.packaging.environments import environment
from infra.local.child_processes import end, spawn, wait_until_ready
from infra.local.ports import LOOPBACK, free_port
from infra.local.project import PROJECT_ROOT
from infra.local.sign_in.people import CLIENT_ID, OPERATORS

_HERE: Final = Path(__file__).parent
_HOME: Final = PROJECT_ROOT / ".local" / "sign-in"
_START_TIMEOUT: Final = 60.0  # seconds


class IdentityProviderFailed(Exception):
    """The OpenID provider did not start; its log says why."""


def install() -> Path:
    """Install the provider, unless it is installed, and return the Python that runs it."""
    return environment(_HOME, (_HERE / "requirements.txt").read_text())


@contextmanager
def identity_provider(python: Path, page: str, *, log: Path) -> Iterator[Mapping[str, str]]:
    """Run the provider for the page at a URL; yield the settings by which the app accepts its tokens."""
    port = free_port()
    issuer = f"http://{LOOPBACK}:{port}"
    with log.open("ab") as output:
        program: list[str | Path] = [python, "-m", "infra.local.sign_in.provider", str(port), page]
        process = spawn(program, log=output, cwd=PROJECT_ROOT)
    try:
        if not wait_until_ready(process, lambda: _answers(issuer), seconds=_START_TIMEOUT):
            raise IdentityProviderFailed(f"the OpenID provider did not start on port {port}")
        yield {
            "SIGN_IN_ISSUER": issuer,
            "SIGN_IN_CLIENT_ID": CLIENT_ID,
            "SIGN_IN_SCOPES": "openid profile email groups",
            "OWNER_CLAIM": "sub",
            "OPERATOR_CLAIM": f"groups={OPERATORS}",
        }
    finally:
        end(process)


def _answers(issuer: str) -> bool:
    try:
        urlopen(f"{issuer}/.well-known/openid-configuration", timeout=5).close()  # noqa: S310 - on this machine
    except OSError:
        return False
    return True
