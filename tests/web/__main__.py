"""Take the pictures of the page for the documents, with the real app: `make pictures`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, expect

from infra.local.project import BAD_SAMPLE, GOOD_SAMPLE, PROJECT_ROOT
from tests.web.chromium import NARROW, WIDE, chromium, launched
from tests.web.stage import stage, upload

IMAGES = PROJECT_ROOT / "docs" / "images"
SOON = 60_000  # milliseconds


def main() -> int:
    """Upload the samples, and take a picture of each verdict and of the history."""
    path = chromium()
    if path is None:
        print("chromium is not installed; `make browser` does that", file=sys.stderr)
        return 1
    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory() as scratch:
        breaking = Path(scratch) / "broken"
        with stage(breaking, log=Path(scratch) / "log") as address, launched(path) as browser:
            _take(browser, address, breaking)
    return 0


def _take(browser: Browser, address: str, breaking: Path) -> None:
    wide = _visitor(browser, "light", WIDE)
    upload(wide, address, GOOD_SAMPLE)
    _picture(wide, "valid")
    upload(wide, address, BAD_SAMPLE)
    wide.locator("#grid [role=row]", has_text="email").first.click()
    _picture(wide, "invalid")
    wide.locator("#errors").screenshot(path=IMAGES / "page-errors.png")
    wide.locator("#agreed").screenshot(path=IMAGES / "page-agreed.png")
    wide.get_by_role("button", name="Show what changes").click()
    expect(wide.locator(".changes tbody tr").first).to_be_visible()
    wide.evaluate("document.activeElement.blur()")
    wide.locator("#repair").screenshot(path=IMAGES / "page-repair.png")
    breaking.touch()
    upload(wide, address, GOOD_SAMPLE)
    _picture(wide, "system-failure")
    breaking.unlink()
    dark = _visitor(browser, "dark", WIDE)
    dark.goto(address)
    expect(dark.locator("#past a")).to_have_count(3)
    dark.screenshot(path=IMAGES / "page-start-dark.png")
    narrow = _visitor(browser, "dark", NARROW)
    upload(narrow, address, BAD_SAMPLE)
    _picture(narrow, "narrow")


def _visitor(browser: Browser, scheme: Literal["light", "dark"], size: ViewportSize) -> Page:
    return browser.new_page(viewport=size, color_scheme=scheme, locale="en-GB", reduced_motion="reduce")


def _picture(page: Page, name: str) -> None:
    expect(page.locator(".verdict.VALIDATED, .verdict.VALIDATION_FAILED, .verdict.unknown")).to_have_count(
        1, timeout=SOON
    )
    expect(page.locator("#agreed tbody tr").first).to_be_visible(timeout=SOON)
    if page.locator(".verdict.VALIDATED").count() == 0:
        expect(page.locator("#cause-list li").first).to_be_visible(timeout=SOON)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement.blur()")
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=IMAGES / f"page-{name}.png")


if __name__ == "__main__":
    sys.exit(main())
