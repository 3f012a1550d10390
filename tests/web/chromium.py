"""Debian's chromium, as it comes; Playwright fetches none of its own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, ViewportSize, sync_playwright

WIDE = ViewportSize(width=1180, height=900)
NARROW = ViewportSize(width=375, height=740)


def chromium() -> str | None:
    """Say where it is: where `CHROMIUM` says, or on the path; None if it is nowhere."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """Run it without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()
