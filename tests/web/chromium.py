"""The chromium that is installed; Playwright downloads none of its own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, ViewportSize, sync_playwright

WIDE = ViewportSize(width=1280, height=900)
NARROW = ViewportSize(width=390, height=740)
_INSTALLED: Final = Path(__file__).parents[2] / ".local" / "browser" / "chromium"


def chromium() -> str | None:
    """Return the path of chromium: `CHROMIUM`, one on the PATH, or the one that `make browser` installed; else None."""
    on_path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    installed = str(_INSTALLED) if _INSTALLED.exists() else None
    return os.environ.get("CHROMIUM") or on_path or installed


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """Run chromium headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()
