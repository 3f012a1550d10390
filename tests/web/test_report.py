"""The full report in a browser: its filters, its pages, and on paper."""

from typing import Literal

import pytest
from attrs import evolve
from playwright.sync_api import Page, expect

from chalicelib.validation import validate
from chalicelib.validation.reporting.report import FullReport
from tests.validation.reporting.test_report import INTEGERS, SUBJECT
from tests.web.test_accessibility import violations

ADDRESS = "http://bucket.test/report.html"
ROWS = 120


@pytest.fixture(autouse=True)
def opened(page: Page) -> None:
    """A report with an error in each row, every tenth in another column."""
    rows = "".join("1,x\n" if at % 10 == 9 else "x,1\n" for at in range(ROWS))
    full = FullReport(lambda _: None)
    written = full.finish(validate([f"a,b\n{rows}".encode()], INTEGERS, sink=full), evolve(SUBJECT, name="orders.csv"))
    page.route("**/*", lambda route: route.fulfill(body=written, content_type="text/html; charset=utf-8"))
    page.goto(ADDRESS)


def test_report_has_pages(page: Page) -> None:
    """Fifty errors a page; at the end the button does nothing and keeps the focus."""
    places = page.locator("#records li:visible")
    expect(places).to_have_count(50)
    expect(page.get_by_role("button", name="Previous")).to_be_disabled()
    for _ in range(2):
        page.get_by_role("button", name="Next").click()
    expect(page.locator("output")).to_have_text("101 to 120 of 120 records")
    expect(places).to_have_count(20)
    following = page.get_by_role("button", name="Next")
    expect(following).to_be_disabled()
    expect(following).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("output")).to_have_text("101 to 120 of 120 records")


def test_report_is_filtered_by_column_and_code(page: Page) -> None:
    """Both filters may be set at once."""
    page.get_by_label("Column").select_option("b")
    expect(page.locator("output")).to_have_text("1 to 12 of 12 records")
    expect(page.locator("#records li:visible h3").first).to_have_text("Row 11line 11")
    page.locator("select[name=code]").select_option("type-error")
    expect(page.locator("#records li:visible")).to_have_count(12)


def test_printed_report_has_all_selected_errors(page: Page) -> None:
    """Paging is off while printing."""
    page.evaluate("""() => addEventListener("beforeprint", () => {
        window.printed = [...document.querySelectorAll("#records li")].filter(item => !item.hidden).length;
    })""")
    page.pdf()
    assert ROWS == page.evaluate("printed")
    expect(page.locator("#records li:visible")).to_have_count(50)
    page.get_by_label("Column").select_option("b")
    page.pdf()
    assert ROWS // 10 == page.evaluate("printed")


@pytest.mark.parametrize("width", [320, 1180])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(page: Page, scheme: Literal["light", "dark"], width: int) -> None:
    """Nothing overflows at any width, either."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 700})
    assert [] == violations(page)
    assert width == page.evaluate("document.documentElement.scrollWidth")
