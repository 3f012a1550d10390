"""The page and all that is behind it: a file goes from a browser to its verdict on the real local stack."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from infra.local.project import BAD_SAMPLE, GOOD_SAMPLE
from tests.web.stage import stage, upload

SOON = 30_000  # milliseconds, for a machine with much to do


@pytest.fixture(scope="module")
def breaking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as long as which is there, the validator raises."""
    return tmp_path_factory.mktemp("breaking") / "broken"


@pytest.fixture(scope="module")
def address(breaking: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the real app serves the page, with everything behind it."""
    with stage(breaking, log=tmp_path_factory.mktemp("log") / "http.log") as address:
        yield address


def test_a_valid_file_is_seen_to_be_valid(page: Page, address: str) -> None:
    """And stands in the history afterwards, whose filters find it."""
    upload(page, address, GOOD_SAMPLE)
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 4 rows.", timeout=SOON)
    expect(page.locator("[data-node=MarkValidated]")).to_have_class("node right")
    page.get_by_role("link", name="All uploads").click()
    page.locator("#sieve").get_by_label("Owner").fill("ada@example.com")
    page.locator("#sieve").get_by_label("Status").select_option("VALIDATED")
    expect(page.locator("#past tbody tr").first).to_contain_text("good.csvvalid40ada@example.com", timeout=SOON)


def test_what_is_wrong_with_a_file_is_seen_in_its_rows(page: Page, address: str) -> None:
    """Errors by column, each in the file's own row, and the report of all of them."""
    upload(page, address, BAD_SAMPLE)
    expect(page.locator("#verdict")).to_have_text("Not valid: 9 errors in 8 rows.", timeout=SOON)
    expect(page.locator("[data-node=MarkValidationFailed]")).to_have_class("node wrong")
    expect(page.locator("#grid .grid-body [role=row]")).to_have_count(9)
    page.locator("#grid [role=row]", has_text="email").first.click()
    expect(page.locator("#record h3")).to_have_text("Row 5")
    expect(page.locator("#record .wrong dd")).to_have_text("alan.example.com")
    expect(page.locator("#record")).to_contain_text("From your file, on this computer.")
    with page.expect_popup() as opening:
        page.get_by_role("link", name="Open the report").click()
    expect(opening.value.locator("h1")).to_contain_text("bad.csv", timeout=SOON)


def test_a_failure_of_the_system_is_told_from_a_verdict_on_the_file(page: Page, address: str, breaking: Path) -> None:
    """After a verdict, the file is validated again on request."""
    breaking.touch()
    try:
        upload(page, address, GOOD_SAMPLE)
        expect(page.locator("#verdict")).to_have_text(
            "The file could not be checked. That says nothing about the file.", timeout=SOON
        )
    finally:
        breaking.unlink()
    expect(page.locator("[data-node=MarkSystemFailure]")).to_have_class("node wrong")
    page.get_by_role("button", name="Validate again").click()
    page.get_by_label("Reason").fill("the bug is mended")
    page.get_by_role("dialog").get_by_role("button", name="Validate again").click()
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 4 rows.", timeout=SOON)
    expect(page.locator("#attempts")).to_contain_text("the bug is mended")


def test_a_partner_needs_nothing_but_the_link(page: Page, address: str) -> None:
    """To send the file, to see what is wrong with it, and to send a mended one."""
    registration = {"filename": "orders.csv", "owner": "ada@example.com"}
    link = page.request.post(f"{address}uploads", data=registration).json()["link"]["url"]
    page.goto(link)
    expect(page.locator("#verdict")).to_have_text("Waiting for the file to arrive.")
    for file, sentence in (
        (BAD_SAMPLE, "Not valid: 9 errors in 8 rows."),
        (GOOD_SAMPLE, "Valid: nothing is wrong in 4 rows."),
    ):
        page.set_input_files("#repair input", file)
        page.get_by_role("button", name="Upload and validate").click()
        expect(page.locator("#verdict")).to_have_text(sentence, timeout=SOON)
    expect(page.locator("#attempts tbody tr")).to_have_count(2)


def test_a_partner_can_be_given_a_link_later(page: Page, address: str) -> None:
    """To an upload that has its verdict already."""
    upload(page, address, GOOD_SAMPLE)
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 4 rows.", timeout=SOON)
    page.reload()
    page.get_by_role("button", name="Link for a partner").click()
    page.goto(page.get_by_label("Link for a partner").input_value())
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 4 rows.", timeout=SOON)
    expect(page.get_by_role("link", name="All uploads")).to_have_count(0)


def test_a_link_that_somebody_has_forged_opens_nothing(page: Page, address: str) -> None:
    """It is said whom to ask."""
    page.goto(f"{address}links/bm9uZQ.bm9uZQ")
    expect(page.locator("#trouble")).to_contain_text("The link is not one of ours, or is not complete")
