"""Programs that a machine may lack: tests that need them are skipped with a reason, but fail in CI."""

import os
import shutil
from typing import NoReturn

import pytest


def lacking(what: str) -> NoReturn:
    """Skip the test, or fail it in CI, where every program can be installed."""
    if os.environ.get("CI"):
        pytest.fail(f"CI lacks what this test needs: {what}")
    pytest.skip(what)


def require_terraform() -> None:
    """Skip the test without Terraform, or fail it in CI."""
    if shutil.which("terraform") is None:
        lacking("terraform is not installed")
