"""The list of uploads: filters, pages and links."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.web.assay import Assay, error, failed, problem, upload


def history(count: int) -> list[dict[str, Any]]:
    """Return uploads, newest first."""
    return [upload(uploadId=f"u{at}", filename=f"{at}.csv", status="PENDING", attempt=0) for at in range(count)]


def last_query(assay: Assay) -> dict[str, list[str]]:
    """Return the query of the last request for the list."""
    return parse_qs(urlsplit([path for _, path in assay.requests if path.startswith("/uploads?")][-1]).query)


def test_older_uploads_are_a_page_away_and_back(page: Page, assay: Assay) -> None:
    """Twenty a page; at the end the button does nothing and keeps the focus."""
    assay.history = history(45)
    assay.open(page)
    first = page.locator("#past tbody tr").first
    for button, filename in (("Older", "20.csv"), ("Older", "40.csv"), ("Newer", "20.csv"), ("Newer", "0.csv")):
        page.get_by_role("button", name=button).click()
        expect(first).to_contain_text(filename)
    newer = page.get_by_role("button", name="Newer")
    expect(newer).to_be_disabled()
    expect(newer).to_be_focused()
    page.keyboard.press("Enter")
    expect(first).to_contain_text("0.csv")


def test_second_click_while_loading_skips_no_page(page: Page, assay: Assay) -> None:
    """It sends no request."""
    assay.history = history(45)
    assay.open(page)
    older, newer = (page.get_by_role("button", name=name) for name in ("Older", "Newer"))
    older.dblclick()
    first = page.locator("#past tbody tr").first
    expect(first).to_contain_text("20.csv")
    newer.click()
    expect(first).to_contain_text("0.csv")
    expect(newer).to_be_disabled()


def test_filters_are_sent_as_query_parameters(page: Page, assay: Assay) -> None:
    """Days are whole days in the browser's time zone; clearing the filters shows all."""
    assay.history = history(1)
    assay.open(page)
    sieve = page.locator("#sieve")
    sieve.get_by_role("searchbox", name="File").fill("order")
    sieve.get_by_label("Owner").fill("ada@")
    sieve.get_by_label("Status").select_option("not valid, or not checked")
    sieve.get_by_label("From").fill("2026-11-01")
    sieve.get_by_label("Until").fill("2026-11-25")
    expect(page.locator("#past")).to_have_text("No upload matches these filters.")
    assert {
        "limit": ["20"],
        "filenameContains": ["order"],
        "ownerContains": ["ada@"],
        "status": ["VALIDATION_FAILED"],
        "createdAfter": ["2026-11-01T00:00:00.000Z"],
        "createdBefore": ["2026-11-26T00:00:00.000Z"],
    } == last_query(assay)
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#past tbody tr")).to_have_count(1)


def test_empty_history_is_a_sentence(page: Page, assay: Assay) -> None:
    """No empty table is shown."""
    assay.open(page)
    expect(page.locator("#past")).to_have_text("Nothing has been uploaded yet.")


def test_failed_history_can_be_requested_again(page: Page, assay: Assay) -> None:
    """The form above it works meanwhile."""
    assay.history = history(1)
    assay.failures = [problem(503, "DatabaseUnavailable", "try again in a moment")]
    assay.open(page)
    page.locator("#past").get_by_role("button", name="Try again").click()
    expect(page.locator("#past tbody tr")).to_have_count(1)


def test_system_failure_differs_from_a_verdict(page: Page, assay: Assay) -> None:
    """It is not shown as an error of the file."""
    failure = error(None, line=None, field=None, column="file", code="system-error")
    assay.history = [failed([failure], rowCount=None), failed([error(2)])]
    assay.open(page)
    rows = page.locator("#past tbody tr")
    expect(rows.nth(0).locator("td")).to_have_text(
        ["could not be checked", "", "", "ada@example.com", "25 Nov 2026, 12:00"]
    )
    expect(rows.nth(0).locator(".status")).to_have_class("status unknown")
    expect(rows.nth(1).locator("td")).to_have_text(["not valid", "120", "1", "ada@example.com", "25 Nov 2026, 12:00"])


def test_each_upload_has_a_link(page: Page, assay: Assay) -> None:
    """The browser's Back leads to the list."""
    assay.history = history(3)
    assay.uploads = [assay.history[0]]
    assay.open(page)
    page.get_by_role("link", name="0.csv").click()
    expect(page.locator("#filename")).to_have_text("0.csv")
    assert page.url.endswith("#/uploads/u0")
    page.go_back()
    expect(page.locator("#past tbody tr")).to_have_count(3)
