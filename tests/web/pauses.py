"""Measure how long 100,000 errors block the page's main thread: `python -m tests.web.pauses`."""

import sys

from playwright.sync_api import Page, expect

from tests.web.assay import Assay, failed
from tests.web.chromium import WIDE, chromium, launched
from tests.web.test_errors import MANY, Numbered

SOON = 300_000  # milliseconds
WATCH = """
    window.longest = 0;
    new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
    }).observe({ type: "longtask", buffered: true });
"""


def main() -> int:
    """Go to the last error, show those of one cause, and print the longest task of each."""
    path = chromium()
    if path is None:
        sys.stderr.write("chromium is not installed; `make browser` does that\n")
        return 1
    with launched(path) as browser:
        page = browser.new_page(viewport=WIDE, locale="en-GB")
        page.add_init_script(WATCH)
        assay = Assay(errors=Numbered(MANY), uploads=[failed(Numbered(MANY))])
        assay.answer(page)
        assay.open(page, "/#/uploads/42")
        expect(page.locator("#error-0")).to_be_visible(timeout=SOON)
        page.locator("#grid").press("End")
        expect(page.locator("#record h3")).to_have_text(f"Row {MANY + 1:,}", timeout=SOON)
        _write(page, "going to the last error, which loads all")
        page.locator("#cause-list li", has_text="email").get_by_role("button").click()
        expect(page.locator("#grid")).to_have_attribute("aria-rowcount", f"{MANY // 10 + 1}", timeout=SOON)
        _write(page, "showing the errors of one cause")
    return 0


def _write(page: Page, action: str) -> None:
    longest = page.evaluate("[longest, longest = 0][0]")
    sys.stdout.write(f"{action}: {f'{longest:.0f} ms' if longest else 'less than 50 ms'}\n")


if __name__ == "__main__":
    sys.exit(main())
