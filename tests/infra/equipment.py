"""What a machine may lack: a test without it is skipped, with the reason, but in CI it fails."""

import os
import shutil
from typing import NoReturn

import pytest


def lacking(what: str) -> NoReturn:
    """Skip the test, or fail it in CI, where everything is to be had."""
    if os.environ.get("CI"):
        pytest.fail(f"CI lacks what this test needs: {what}")
    pytest.skip(what)


def require_terraform() -> None:
    """Go on only where there is Terraform."""
    if shutil.which("terraform") is None:
        lacking("terraform is not installed")
