"""Measure for how long the page's main thread is blocked: `python -m tests.web.pauses`.

By 100,000 errors, and by the repair of a file of almost 200 MB, the largest that the page repairs.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from playwright.sync_api import Browser, Page, expect

from tests.web.assay import Assay, error, failed
from tests.web.chromium import WIDE, chromium, launched
from tests.web.test_errors import Numbered
from tests.web.test_mending import COMMA

ERRORS: Final = 100_000
BYTES: Final = 199_000_000
ROWS_PER_COMMA: Final = 10
"""One of this number of rows has a decimal comma."""
SOON = 600_000  # milliseconds
WATCH = """
    window.longest = 0;
    new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
    }).observe({ type: "longtask", buffered: true });
"""
REPAIR: Final[dict[str, Any]] = {
    **COMMA,
    "variant": None,
    "certain": True,
    "column": "amount",
    "count": 1,
    "exact": False,
    "example": {"before": "12,50", "after": "12.50"},
}


def main() -> int:
    """Print the longest task of each action."""
    path = chromium()
    if path is None:
        sys.stderr.write("chromium is not installed; `make browser` does that\n")
        return 1
    with launched(path) as browser:
        _show_errors(browser)
        with TemporaryDirectory() as directory:
            _repair(browser, Path(directory) / "orders.csv")
    return 0


def _show_errors(browser: Browser) -> None:
    """Go to the last error, and show those of one cause."""
    page = _opened(browser, Assay(errors=Numbered(ERRORS), uploads=[failed(Numbered(ERRORS))]))
    expect(page.locator("#error-0")).to_be_visible(timeout=SOON)
    page.locator("#grid").press("End")
    expect(page.locator("#record h3")).to_have_text(f"Row {ERRORS + 1:,}", timeout=SOON)
    _write(page, "going to the last error, which loads all")
    page.locator("#cause-list li", has_text="email").get_by_role("button").click()
    expect(page.locator("#grid")).to_have_attribute("aria-rowcount", f"{ERRORS // 10 + 1}", timeout=SOON)
    _write(page, "showing the errors of one cause")


def _repair(browser: Browser, file: Path) -> None:
    """Repair a file by one rule, until the result can be sent."""
    rows, changed = _fill(file)
    errors = [error(2, suggestion="12.50", rule="decimal-comma")]
    assay = Assay(errors=errors, uploads=[failed(errors)])
    assay.repairs["repairs"] = [REPAIR]
    page = _opened(browser, assay)
    expect(page.locator("#repair")).to_be_visible(timeout=SOON)
    page.set_input_files("#repair-file", file)
    started = time.monotonic()
    page.get_by_role("button", name="Show what changes").click()
    expect(page.locator(".repair-result p b")).to_have_text(f"{changed:,} cells change.", timeout=SOON)
    seconds = time.monotonic() - started
    _write(page, f"repairing {file.stat().st_size:,} bytes, {2 * rows:,} cells, in {seconds:.0f} s")


def _fill(file: Path) -> tuple[int, int]:
    """Write a file of two columns; return how many rows it has, and how many of them have a decimal comma."""
    rows = changed = size = 0
    with file.open("w", encoding="ascii") as target:
        size += target.write("id,amount\n")
        while size < BYTES:
            wrong = rows % ROWS_PER_COMMA == 0
            amount = f'"{rows},{rows % 100:02}"' if wrong else f"{rows}.{rows % 100:02}"
            size += target.write(f"order {rows:036},{amount}\n")
            rows, changed = rows + 1, changed + wrong
    return rows, changed


def _opened(browser: Browser, assay: Assay) -> Page:
    page = browser.new_page(viewport=WIDE, locale="en-GB")
    page.set_default_timeout(SOON)
    page.add_init_script(WATCH)
    assay.answer(page)
    assay.open(page, "/#/uploads/42")
    return page


def _write(page: Page, action: str) -> None:
    longest = page.evaluate("[longest, longest = 0][0]")
    sys.stdout.write(f"{action}: {f'{longest:.0f} ms' if longest else 'less than 50 ms'}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
