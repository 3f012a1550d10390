"""Partner links on the page."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.assay import Assay, problem, upload

LINK = "http://assay.test/api/links#tok.en"


@pytest.fixture(autouse=True)
def opened(page: Page, assay: Assay) -> None:
    """Open an existing upload."""
    assay.uploads = [upload(status="VALIDATED", rowCount=1, errorCount=0)]
    assay.open(page, "/#/uploads/42")


def test_link_is_created_on_request(page: Page, assay: Assay) -> None:
    """It has its expiry, and is selected for copying by keyboard."""
    assert ("POST", "/uploads/42/links") not in assay.requests
    page.get_by_role("button", name="Link for a partner").click()
    given = page.get_by_label("valid until 25 Nov 2026, 12:00")
    expect(given).to_have_value(LINK)
    expect(given).to_be_focused()
    assert LINK == page.evaluate("getSelection().toString()")


def test_link_is_copied(page: Page) -> None:
    """And the page confirms it."""
    page.evaluate(
        "navigator.clipboard ??= {}; navigator.clipboard.writeText = async (text) => { window.copied = text; };"
    )
    page.get_by_role("button", name="Link for a partner").click()
    page.get_by_role("button", name="Copy the link").click()
    expect(page.locator("#announcer")).to_have_text("The link was copied.")
    assert LINK == page.evaluate("copied")


def test_link_is_selected_without_a_clipboard(page: Page) -> None:
    """Browsers give the clipboard to secure pages only."""
    assert page.evaluate("navigator.clipboard === undefined")
    page.get_by_role("button", name="Link for a partner").click()
    page.get_by_role("button", name="Copy the link").click()
    expect(page.locator("#announcer")).to_have_text("The link is selected. Copy it by hand.")


def test_disabled_links_are_explained(page: Page, assay: Assay) -> None:
    """With the API's detail, which names the missing settings."""
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 1 row.")
    assay.failures = [problem(409, "LinksDisabled", "links are not in use here: there is no secret to sign them with")]
    page.get_by_role("button", name="Link for a partner").click()
    expect(page.locator("#partner").get_by_role("alert")).to_have_text(
        "Links are not in use here: there is no secret to sign them with."
    )
    expect(page.get_by_role("button", name="Link for a partner")).to_be_enabled()


def test_late_link_is_not_shown_with_another_upload(page: Page, assay: Assay) -> None:
    """A partner would get the wrong upload."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/links", hold)
    page.get_by_role("button", name="Link for a partner").click()
    assay.uploads = [upload(uploadId="43", filename="other.csv", status="VALIDATED", rowCount=2, errorCount=0)]
    page.evaluate("location.hash = '#/uploads/43'")
    expect(page.locator("#filename")).to_have_text("other.csv")
    with page.expect_response("**/links"):
        waiting[0].fallback()
    page.get_by_role("link", name="Open the report").focus()
    expect(page.get_by_role("button", name="Link for a partner")).to_be_visible()
    expect(page.get_by_role("button", name="Copy the link")).to_have_count(0)


def test_page_of_a_link_creates_no_links(page: Page, assay: Assay) -> None:
    """Link holders can pass on their own link."""
    assay.open(page, "/links#tok.en")
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 1 row.")
    expect(page.locator("#partner")).to_be_empty()


@pytest.mark.parametrize("path", ["/links#tok.en", "/links/tok.en"])
def test_token_of_a_link_is_sent_in_a_header_only(page: Page, assay: Assay, path: str) -> None:
    """Records of API Gateway and X-Ray contain URLs. Links of earlier releases have it in the path of the page."""
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    assay.open(page, path)
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 1 row.")
    assert "Bearer tok.en" == assay.authorized[-1]
    sent = [url.partition("#")[0] for url in requested]
    assert {url for url in sent if "tok.en" in url} <= {f"http://assay.test/api{path}"}
    page.locator(".skip").evaluate("link => link.click()")
    page.reload()
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 1 row.")
