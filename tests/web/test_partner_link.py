"""Whoever has no link can give one to a partner, for any upload."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.assay import Assay, problem, upload

LINK = "http://assay.test/api/links/tok.en"


@pytest.fixture(autouse=True)
def opened(page: Page, assay: Assay) -> None:
    """An upload that somebody else has made, some time ago."""
    assay.uploads = [upload(status="VALIDATED", rowCount=1, errorCount=0)]
    assay.open(page, "/#/uploads/42")


def test_a_link_is_there_once_somebody_asks_for_it(page: Page, assay: Assay) -> None:
    """Until then there is none; it says for how long it is good, and can be copied with the keys at once."""
    assert ("POST", "/uploads/42/links") not in assay.asked
    page.get_by_role("button", name="Link for a partner").click()
    given = page.get_by_label("good until 25 Nov 2026, 12:00")
    expect(given).to_have_value(LINK)
    expect(given).to_be_focused()
    assert LINK == page.evaluate("getSelection().toString()")


def test_a_link_is_copied(page: Page) -> None:
    """And that is said."""
    page.evaluate(
        "navigator.clipboard ??= {}; navigator.clipboard.writeText = async (text) => { window.copied = text; };"
    )
    page.get_by_role("button", name="Link for a partner").click()
    page.get_by_role("button", name="Copy the link").click()
    expect(page.locator("#announcer")).to_have_text("The link has been copied.")
    assert LINK == page.evaluate("copied")


def test_where_there_is_no_clipboard_the_link_is_there_to_be_copied(page: Page) -> None:
    """A browser gives it to secure pages only."""
    assert page.evaluate("navigator.clipboard === undefined")
    page.get_by_role("button", name="Link for a partner").click()
    page.get_by_role("button", name="Copy the link").click()
    expect(page.locator("#announcer")).to_have_text("The link is selected. Copy it by hand.")


def test_where_links_are_not_in_use_that_is_said(page: Page, assay: Assay) -> None:
    """In the API's words, which tell what is missing."""
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 1 row.")
    assay.troubles = [problem(409, "LinksDisabled", "links are not in use here: there is no secret to sign them with")]
    page.get_by_role("button", name="Link for a partner").click()
    expect(page.locator("#partner").get_by_role("alert")).to_have_text(
        "Links are not in use here: there is no secret to sign them with."
    )
    expect(page.get_by_role("button", name="Link for a partner")).to_be_enabled()


def test_a_link_that_comes_late_is_not_shown_with_another_upload(page: Page, assay: Assay) -> None:
    """A partner would be given somebody else's."""
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


def test_whoever_has_a_link_is_offered_none(page: Page, assay: Assay) -> None:
    """They pass on their own."""
    assay.open(page, "/links/tok.en")
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 1 row.")
    expect(page.locator("#partner")).to_be_empty()
