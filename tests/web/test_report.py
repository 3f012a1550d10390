"""The full report in a browser: its filters, its pages, and on paper."""

import pytest
from attrs import evolve
from playwright.sync_api import Browser, Page, ViewportSize, expect

from chalicelib.validation import validate
from chalicelib.validation.reporting.report import FullReport
from tests.validation.reporting.test_report import INTEGERS, SUBJECT
from tests.web.chromium import WIDE
from tests.web.test_accessibility import violations

ADDRESS = "http://bucket.test/report.html"
ROWS = 120


def report_page() -> bytes:
    """Return a report with an error in each row, every tenth in another column."""
    rows = "".join("1,x\n" if at % 10 == 9 else "x,1\n" for at in range(ROWS))
    full = FullReport(lambda _: None)
    report = validate([f"a,b\n{rows}".encode()], INTEGERS, sink=full)
    return full.finish(report, evolve(SUBJECT, name="orders.csv")).page


@pytest.fixture(autouse=True)
def opened(page: Page) -> None:
    """The page shows the report."""
    written = report_page()
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


def test_report_is_filtered_by_cause(page: Page) -> None:
    """The filter names them in words."""
    page.get_by_label("Show").select_option("b: 12 values are not in the agreed form.")
    expect(page.locator("output")).to_have_text("1 to 12 of 12 records")
    expect(page.locator("#records li:visible h3").first).to_have_text("Row 11")
    expect(page.locator("#records li:visible")).to_have_count(12)


@pytest.mark.parametrize(("locale", "title"), [("de-AT", "Was zu tun ist"), ("fr-FR", "What to do")])
def test_report_is_in_the_readers_language(browser: Browser, locale: str, title: str) -> None:
    """Chosen by the browser, with the messages; English if there is no such language."""
    with browser.new_context(locale=locale) as context:
        page = context.new_page()
        page.route("**/*", lambda route: route.fulfill(body=report_page(), content_type="text/html; charset=utf-8"))
        page.goto(ADDRESS)
        expect(page.locator("#what")).to_have_text(title)
        expect(page.locator("html")).to_have_attribute("lang", locale[:2] if locale == "de-AT" else "en")
        message = "1 Wert hat nicht die vereinbarte Form." if locale == "de-AT" else "expected an integer, as in 42"
        expect(page.locator("#records .message").first).to_have_text(message)


def test_printed_report_has_all_selected_errors(page: Page) -> None:
    """Paging is off while printing."""
    page.evaluate("""() => addEventListener("beforeprint", () => {
        window.printed = [...document.querySelectorAll("#records li")].filter(item => !item.hidden).length;
    })""")
    page.pdf()
    assert ROWS == page.evaluate("printed")
    expect(page.locator("#records li:visible")).to_have_count(50)
    page.get_by_label("Show").select_option(index=2)
    page.pdf()
    assert ROWS // 10 == page.evaluate("printed")


@pytest.mark.parametrize("size", [{"width": 320, "height": 700}, WIDE], ids=["narrowest", "wide"])
def test_axe_finds_no_violation(page: Page, size: ViewportSize) -> None:
    """Nothing overflows at any width, either."""
    assert [] == violations(page, size)
    assert size["width"] == page.evaluate("document.documentElement.scrollWidth")
