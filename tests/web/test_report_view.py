"""The full report in a frame of the page, whose address outlives the one at the bucket."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.assay import Assay, error, failed, problem, upload
from tests.web.test_accessibility import violations

PLACES = pytest.mark.parametrize(
    ("path", "asked"), [("/#/uploads/42", "/uploads/42"), ("/links#tok.en", "/link"), ("/links/tok.en", "/link")]
)


@pytest.fixture(autouse=True)
def invalid(page: Page, assay: Assay) -> None:
    """An invalid upload with a report at the bucket, whose script shows what it can reach."""
    assay.errors = [error(2)]
    assay.uploads = [failed(assay.errors)]
    reach = (
        "document.body.append(origin, (() => { try { return parent.location.href } catch { return ' nothing' } })())"
    )
    report = f"<!doctype html><html lang=en><title>Report</title><body>the report: <script>{reach}</script>"
    page.route("http://bucket.test/report", lambda route: route.fulfill(body=report, content_type="text/html"))


@PLACES
def test_reload_asks_for_another_address(page: Page, assay: Assay, path: str, asked: str) -> None:
    """The address of a report expires after five minutes; that of the page does not. It reaches nothing of the page."""
    assay.open(page, path)
    page.get_by_role("link", name="Open the report").click()
    shown = page.frame_locator("#report-frame iframe").locator("body")
    expect(shown).to_have_text("the report: null nothing")
    page.reload()
    expect(shown).to_have_text("the report: null nothing")
    assert 2 == assay.requests.count(("GET", f"{asked}/report-url?format=html"))
    expect(page.locator("#upload")).to_be_hidden()
    page.get_by_role("link", name="Back to the upload").click()
    expect(page.locator("#verdict")).to_have_text("Not valid: 1 error in 120 rows.")
    expect(page.locator("#report")).to_be_hidden()


def test_axe_finds_no_violation(page: Page) -> None:
    """With the report in its frame."""
    page.goto("http://assay.test/api/#/uploads/42/report")
    expect(page.frame_locator("#report-frame iframe").locator("body")).to_contain_text("the report")
    assert [] == violations(page)


def test_deleted_report_is_explained(page: Page, assay: Assay) -> None:
    """In words, with what to do, and a way back."""
    assay.failures = [problem(404, "ReportUnavailable", "the report is not there")]
    page.goto("http://assay.test/api/#/uploads/42/report")
    expect(page.locator("#trouble")).to_contain_text("Upload the file again for a new one.")
    expect(page.get_by_role("button", name="Save the report")).to_be_hidden()
    page.get_by_role("link", name="Back to the upload").click()
    expect(page.locator("#verdict")).to_have_text("Not valid: 1 error in 120 rows.")
    expect(page.locator("#trouble")).to_be_hidden()


@pytest.mark.parametrize(("path", "asked"), [("/#/uploads/42", "/uploads/42"), ("/links#tok.en", "/link/upload")])
def test_upload_stays_open_behind_its_report(page: Page, assay: Assay, path: str, asked: str) -> None:
    """With the file that the reader chose to repair, and without being asked for again."""
    assay.open(page, path)
    expect(page.locator("#repair")).to_be_visible()
    page.set_input_files("#repair-file", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"id,name\n1,Ada\n"})
    expect(page.locator("#repair-body")).to_contain_text("a.csv")
    page.get_by_role("link", name="Open the report").click()
    expect(page).to_have_title("The full report")
    page.go_back()
    expect(page.locator("#repair-body")).to_contain_text("a.csv")
    expect(page).to_have_title("orders.csv: not valid")
    assert 1 == assay.requests.count(("GET", asked))


def test_another_link_in_the_same_tab_is_opened(page: Page, assay: Assay) -> None:
    """Only the fragment changes, so that the browser would load nothing."""
    assay.open(page, "/links#tok.en")
    expect(page.locator("#verdict")).to_contain_text("Not valid")
    assay.uploads = [upload(status="VALIDATED", rowCount=1, errorCount=0)]
    page.evaluate("location.hash = 'other.one'")
    expect(page.locator("#verdict")).to_contain_text("Valid: nothing is wrong")
    assert "Bearer other.one" == assay.authorized[-1]
