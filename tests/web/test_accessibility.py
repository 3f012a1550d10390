"""Nobody is kept out: axe looks at every part of the page, dark and light, wide and narrow."""

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from tests.web.assay import Assay, error, failed, upload
from tests.web.chromium import NARROW

ERRORS = [error(2), error(3, column="email", field=3)]
SYSTEM_ERROR = error(None, line=None, field=None, column="file", code="system-error", record=None)


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong, each with where that is."""
    found: dict[str, Any] = Axe().run(page).response
    return [f"{it['id']} ({it['impact']}): {[node['target'] for node in it['nodes']]}" for it in found["violations"]]


def past() -> list[dict[str, Any]]:
    """Make some uploads for the history."""
    uploads = [
        upload(),
        upload(status="VALIDATED", rowCount=3, errorCount=0),
        failed([error(2)]),
        upload(status="PENDING"),
    ]
    return [it | {"uploadId": f"u{at}"} for at, it in enumerate(uploads)]


@pytest.mark.parametrize("size", [None, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
class TestAxe:
    """There is no violation, serious or not."""

    @pytest.fixture(autouse=True)
    def look(self, page: Page, scheme: Literal["light", "dark"], size: ViewportSize | None) -> None:
        """Apply width and colour scheme to the page."""
        page.emulate_media(color_scheme=scheme)
        if size:
            page.set_viewport_size(size)

    def test_of_the_start(self, page: Page, assay: Assay) -> None:
        """With a history, and a complaint about the file."""
        assay.past = past()
        assay.open(page)
        page.set_input_files("#submission input", {"name": "a.csv", "mimeType": "text/csv", "buffer": b""})
        expect(page.locator("#past a")).to_have_count(4)
        assert [] == violations(page)

    @pytest.mark.parametrize(
        ("state", "errors"),
        [
            (upload(status="PENDING", attempt=0), []),
            (upload(), []),
            (upload(status="VALIDATED", rowCount=3, errorCount=0), []),
            (failed(ERRORS), ERRORS),
            (failed([SYSTEM_ERROR], rowCount=None), [SYSTEM_ERROR]),
        ],
        ids=["pending", "validating", "valid", "invalid", "system-failure"],
    )
    def test_of_an_upload(self, page: Page, assay: Assay, state: dict[str, Any], errors: list[dict[str, Any]]) -> None:
        """On each way that it can take."""
        assay.uploads, assay.errors = [state], errors
        assay.open(page, "/#/uploads/42")
        expect(page.locator("#facts")).not_to_be_empty()
        if errors:
            expect(page.locator("#record h3")).to_be_visible()
        assert [] == violations(page)

    def test_of_a_link(self, page: Page, assay: Assay) -> None:
        """With the form for a repaired file."""
        assay.errors = [error(2)]
        assay.uploads = [failed(assay.errors)]
        assay.open(page, "/links/tok.en")
        expect(page.locator("#record h3")).to_be_visible()
        assert [] == violations(page)

    def test_of_a_link_for_a_partner(self, page: Page, assay: Assay) -> None:
        """Once it is there, and when there is none."""
        assay.uploads = [upload()]
        assay.open(page, "/#/uploads/42")
        expect(page.locator("#facts")).not_to_be_empty()
        assay.troubles = [None]
        page.get_by_role("button", name="Link for a partner").click()
        expect(page.locator("#partner").get_by_role("alert")).to_contain_text("cannot be reached")
        assert [] == violations(page)
        page.get_by_role("button", name="Link for a partner").click()
        expect(page.get_by_role("button", name="Copy the link")).to_be_visible()
        assert [] == violations(page)

    def test_of_the_dialog_and_of_trouble(self, page: Page, assay: Assay) -> None:
        """What is said when something does not work is for everybody, too."""
        assay.uploads = [upload(status="VALIDATED", rowCount=3, errorCount=0)]
        assay.open(page, "/#/uploads/42")
        page.get_by_role("button", name="Validate again").click()
        assay.troubles = [None]
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Reason").fill("to see")
        dialog.get_by_role("button", name="Validate again").click()
        expect(dialog.get_by_role("alert")).to_contain_text("cannot be reached")
        assert [] == violations(page)


def test_the_narrowest_page_does_not_scroll_sideways(page: Page, assay: Assay) -> None:
    """At 320 pixels, as the guidelines require, with the longest possible names."""
    page.set_viewport_size({"width": 320, "height": 700})
    assay.errors = [error(2, column="x" * 200, message="m" * 400)]
    assay.uploads = [failed(assay.errors, filename="n" * 200 + ".csv", owner="o" * 200)]
    assay.open(page, "/#/uploads/42")
    expect(page.locator("#record h3")).to_be_visible()
    page.get_by_role("button", name="Link for a partner").click()
    expect(page.get_by_role("button", name="Copy the link")).to_be_visible()
    assert 320 == page.evaluate("document.documentElement.scrollWidth")


def reached(page: Page, steps: int) -> list[str]:
    """Press Tab so often, and say where that leads."""
    names = []
    for _ in range(steps):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate(
                "(at => at.name || (at.tabIndex === 0 && at.id) || at.textContent.trim())(document.activeElement)"
            )
        )
    return names


def test_a_file_can_be_sent_by_the_keyboard(page: Page, assay: Assay) -> None:
    """From the top: the content at once, or the file, its schema, its owner, and the button."""
    assay.open(page)
    expect(page.locator("#past")).not_to_be_empty()
    top = ["Skip to the content", "Assay", "All uploads"]
    assert [*top, "file", "schema", "owner", "Upload and validate"] == reached(page, 7)


def test_an_upload_can_be_looked_through_by_the_keyboard(page: Page, assay: Assay) -> None:
    """From its name on: what can be done, the counts, the errors, and the record, however long."""
    assay.errors = ERRORS
    assay.uploads = [failed(ERRORS)]
    assay.open(page, "/#/uploads/42")
    expect(page.locator("#record h3")).to_be_visible()
    page.locator("#filename").focus()
    actions = ["Open the report", "Errors as JSON lines", "Validate again", "Link for a partner"]
    assert [*actions, "id", "email", "grid", "record"] == reached(page, 8)


@pytest.mark.parametrize(("wish", "moves"), [("no-preference", True), ("reduce", False)])
def test_nothing_moves_for_whoever_does_not_want_it(
    page: Page, assay: Assay, wish: Literal["no-preference", "reduce"], *, moves: bool
) -> None:
    """Where a file is just now breathes, unless the system says that this disturbs."""
    page.emulate_media(reduced_motion=wish)
    assay.uploads = [upload()]
    assay.open(page, "/#/uploads/42")
    expect(page.locator(".node.here")).to_be_visible()
    assert moves == page.evaluate("document.getAnimations().length > 0")
