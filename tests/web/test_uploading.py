"""A file goes from the browser to its verdict on the real local stack."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from infra.local.project import BAD_SAMPLE, GOOD_SAMPLE
from tests.web.stage import stage, upload

SOON = 30_000  # milliseconds, for a machine with much to do


@pytest.fixture(scope="module")
def breaking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """While this file exists, the validator raises."""
    return tmp_path_factory.mktemp("breaking") / "broken"


@pytest.fixture(scope="module")
def address(breaking: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page, served by the real app."""
    with stage(breaking, log=tmp_path_factory.mktemp("log") / "http.log") as address:
        yield address


def test_valid_file_is_shown_as_valid(page: Page, address: str) -> None:
    """And is found in the history by its filters."""
    upload(page, address, GOOD_SAMPLE)
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 4 rows.", timeout=SOON)
    expect(page.locator("[data-node=MarkValidated]")).to_have_class("node right")
    page.get_by_role("link", name="All uploads").click()
    page.locator("#sieve").get_by_label("Owner").fill("ADA@")
    page.locator("#sieve").get_by_role("searchbox", name="File").fill("good")
    page.locator("#sieve").get_by_label("Status").select_option("VALIDATED")
    expect(page.locator("#past tbody tr").first).to_contain_text("good.csvvalid40ada@example.com", timeout=SOON)


def test_errors_are_shown_in_their_rows(page: Page, address: str) -> None:
    """By column, each in its row of the file, and in files to save."""
    upload(page, address, BAD_SAMPLE)
    expect(page.locator("#verdict")).to_have_text("Not valid: 9 errors in 8 rows.", timeout=SOON)
    expect(page.locator("[data-node=MarkValidationFailed]")).to_have_class("node wrong")
    expect(page.locator("#grid .grid-body [role=row]")).to_have_count(9)
    page.locator("#grid [role=row]", has_text="email").first.click()
    expect(page.locator("#record h3")).to_have_text("Row 5")
    expect(page.locator("#record .wrong dd")).to_have_text("alan.example.com")
    expect(page.locator("#record")).to_contain_text("From your file, on this computer.")
    for name in ("Errors (.csv)", "Rows in error (.csv)", "Rows in error (.xlsx)"):
        with page.expect_download() as saving:
            page.get_by_role("button", name=name).click()
        assert name.split()[0].lower() in saving.value.suggested_filename
    assert b"PK" == saving.value.path().read_bytes()[:2]
    expect(page.locator("#verdict")).to_be_visible()


def test_system_failure_differs_from_a_verdict(page: Page, address: str, breaking: Path) -> None:
    """The file can be validated, or sent, again: it need not be repaired."""
    breaking.touch()
    try:
        upload(page, address, GOOD_SAMPLE)
        expect(page.locator("#verdict")).to_have_text(
            "The file could not be checked. That says nothing about the file.", timeout=SOON
        )
    finally:
        breaking.unlink()
    expect(page.locator("[data-node=MarkSystemFailure]")).to_have_class("node wrong")
    expect(page.locator("#replace-title")).to_have_text("Send the file again")
    page.get_by_role("button", name="Validate again").click()
    page.get_by_label("Reason").fill("the bug is mended")
    page.get_by_role("dialog").get_by_role("button", name="Validate again").click()
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 4 rows.", timeout=SOON)
    expect(page.locator("#attempts")).to_contain_text("the bug is mended")


def test_partner_needs_only_the_link(page: Page, address: str) -> None:
    """To send the file, see its errors, and send a corrected one."""
    registration = {"filename": "orders.csv", "owner": "ada@example.com"}
    link = page.request.post(f"{address}uploads", data=registration).json()["link"]["url"]
    page.goto(link)
    expect(page.locator("#verdict")).to_have_text("Waiting for the file to arrive.")
    for file, sentence in (
        (BAD_SAMPLE, "Not valid: 9 errors in 8 rows."),
        (GOOD_SAMPLE, "Valid: nothing is wrong in 4 rows."),
    ):
        expect(page.locator("#replace input")).to_be_enabled()  # the verdict may come before the end of the upload
        page.set_input_files("#replace input", file)
        page.get_by_role("button", name="Upload and validate").click()
        expect(page.locator("#verdict")).to_have_text(sentence, timeout=SOON)
    expect(page.locator("#attempts tbody tr")).to_have_count(2)


def test_link_to_a_finished_upload_works(page: Page, address: str) -> None:
    """A link created after the verdict."""
    upload(page, address, GOOD_SAMPLE)
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 4 rows.", timeout=SOON)
    page.reload()
    page.get_by_role("button", name="Link for a partner").click()
    page.goto(page.get_by_label("Link for a partner").input_value())
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 4 rows.", timeout=SOON)
    expect(page.get_by_role("link", name="All uploads")).to_have_count(0)


def test_forged_link_opens_nothing(page: Page, address: str) -> None:
    """The page says whom to ask."""
    page.goto(f"{address}links#bm9uZQ.bm9uZQ")
    expect(page.locator("#trouble")).to_contain_text("Ask the sender of the link for a new one.")


def test_report_is_shown_by_a_page_that_can_be_reloaded(page: Page, address: str) -> None:
    """By the owner, and with a link; it is also a file to save."""
    upload(page, address, BAD_SAMPLE)
    expect(page.locator("#verdict")).to_have_text("Not valid: 9 errors in 8 rows.", timeout=SOON)
    page.get_by_role("button", name="Link for a partner").click()
    link = page.get_by_label("Link for a partner").input_value()
    for place in (page.url, link):
        page.goto(place)
        page.get_by_role("link", name="Open the report").click()
        page.reload()
        report = page.frame_locator("#report-frame iframe")
        expect(report.locator("h1")).to_have_text("bad.csv", timeout=SOON)
        expect(report.locator("output")).to_have_text("1 to 7 of 7 records")
        assert page.url.startswith(address)
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save the report").click()
    assert "report.html" == saving.value.suggested_filename
    assert "<!doctype html>" == saving.value.path().read_text().partition("\n")[0]
    with page.expect_download() as saving:
        report.get_by_role("link", name="Template (.xlsx)").click()
    assert b"PK" == saving.value.path().read_bytes()[:2]
