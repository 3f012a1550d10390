"""Axe checks every part of the page, dark and light, wide and narrow; the keyboard reaches everything."""

from itertools import product
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, ViewportSize, expect

from tests.web.assay import Assay, error, failed, upload
from tests.web.chromium import NARROW, WIDE

KEY = {"columns": ["id"], "values": ["x2"], "rows": [2, 4], "rowCount": 2}
ERRORS = [
    error(4, code="unique-error", key=KEY, neighbours=[{"row": 3, "cells": ["1", "Bo"]}]),
    error(3, column="email", field=3, suggestion="a@b.org", rule="strip-spaces"),
]
HEADER = {
    "found": ["total", "id", None],
    "expected": ["id", "total"],
    "columns": [
        {"expected": "id", "expectedField": 1, "found": "id", "field": 2, "difference": None},
        {"expected": "total", "expectedField": 2, "found": "total", "field": 1, "difference": "place"},
        {"expected": None, "expectedField": None, "found": None, "field": 3, "difference": "extra"},
    ],
}
SYSTEM_ERROR = error(None, line=None, field=None, column="file", code="system-error", record=None)


def violations(page: Page, *sizes: ViewportSize) -> list[str]:
    """Return axe's findings with their elements, wide and narrow or in the given sizes, light and dark."""
    found = []
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for size, scheme in product(sizes or (WIDE, NARROW), schemes):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        for it in Axe().run(page).response["violations"]:
            elements = [node["target"] for node in it["nodes"]]
            found.append(f"{it['id']} ({it['impact']}) at {size['width']} px, {scheme}: {elements}")
    return found


def history() -> list[dict[str, Any]]:
    """Return some uploads for the history."""
    uploads = [
        upload(),
        upload(status="VALIDATED", rowCount=3, errorCount=0),
        failed([error(2)]),
        upload(status="PENDING"),
    ]
    return [it | {"uploadId": f"u{at}"} for at, it in enumerate(uploads)]


class TestAxe:
    """Axe finds no violation of any severity."""

    def test_start(self, page: Page, assay: Assay) -> None:
        """With a history and an error message about the file."""
        assay.history = history()
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
    def test_upload(self, page: Page, assay: Assay, state: dict[str, Any], errors: list[dict[str, Any]]) -> None:
        """Axe finds no violation in any state of an upload."""
        assay.uploads, assay.errors = [state], errors
        if errors is ERRORS:
            assay.repairs["header"] = HEADER
        assay.open(page, "/#/uploads/42")
        expect(page.locator("#facts")).not_to_be_empty()
        expect(page.locator("#agreed table")).to_be_visible()
        if errors:
            expect(page.locator("#record h3")).to_be_visible()
        page.get_by_text("For engineers").click()
        assert [] == violations(page)

    def test_page_of_a_link(self, page: Page, assay: Assay) -> None:
        """With the form for a corrected file."""
        assay.errors = [error(2)]
        assay.uploads = [failed(assay.errors)]
        assay.open(page, "/links#tok.en")
        expect(page.locator("#record h3")).to_be_visible()
        assert [] == violations(page)

    def test_repair_on_the_page_of_a_link(self, page: Page, assay: Assay) -> None:
        """With a rule, one that the data does not prove, and what changes."""
        assay.errors = [error(2, suggestion="1", rule="strip-spaces"), error(3, choices=["1", "2"])]
        assay.uploads = [failed(assay.errors)]
        change: dict[str, Any] = {
            "when": " [0-9]",
            "replace": [{"find": " ", "by": ""}],
            "values": {},
            "unless": None,
            "validToo": False,
        }
        sure: dict[str, Any] = {
            "rule": "strip-spaces",
            "variant": None,
            "certain": True,
            "field": 1,
            "column": "id",
            "count": 1,
        }
        sure |= {"exact": True, "example": {"before": " 1", "after": "1"}, "changes": [change]}
        sure |= {"valid": "[0-9]", "keep": "[0-9]"}
        assay.repairs["repairs"] = [sure, sure | {"rule": "decimal-comma", "variant": "decimal", "certain": False}]
        assay.open(page, "/links#tok.en")
        expect(page.locator("#repair")).to_be_visible()
        file: FilePayload = {"name": "a.csv", "mimeType": "text/csv", "buffer": b"id,name\n 1,Ada\n"}
        page.set_input_files("#repair-file", file)
        page.get_by_role("button", name="Show what changes").click()
        expect(page.locator(".changes tbody tr")).to_have_text(["2A 11"])
        assert [] == violations(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def test_creating_a_partner_link(self, page: Page, assay: Assay) -> None:
        """With the link, and with an error message."""
        assay.uploads = [upload()]
        assay.open(page, "/#/uploads/42")
        expect(page.locator("#facts")).not_to_be_empty()
        assay.failures = [None]
        page.get_by_role("button", name="Link for a partner").click()
        expect(page.locator("#partner").get_by_role("alert")).to_contain_text("cannot be reached")
        assert [] == violations(page)
        page.get_by_role("button", name="Link for a partner").click()
        expect(page.get_by_role("button", name="Copy the link")).to_be_visible()
        assert [] == violations(page)

    def test_dialog_with_an_error_message(self, page: Page, assay: Assay) -> None:
        """The message about a failed request."""
        assay.uploads = [upload(status="VALIDATED", rowCount=3, errorCount=0)]
        assay.open(page, "/#/uploads/42")
        page.get_by_role("button", name="Validate again").click()
        assay.failures = [None]
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Reason").fill("to see")
        dialog.get_by_role("button", name="Validate again").click()
        expect(dialog.get_by_role("alert")).to_contain_text("cannot be reached")
        assert [] == violations(page)


def test_narrowest_page_does_not_scroll_sideways(page: Page, assay: Assay) -> None:
    """At 320 pixels, as the guidelines require, with the longest possible names."""
    page.set_viewport_size({"width": 320, "height": 700})
    assay.errors = [error(2, column="x" * 200, message="m" * 400)]
    assay.uploads = [failed(assay.errors, filename="n" * 200 + ".csv", owner="o" * 200)]
    assay.open(page, "/#/uploads/42")
    expect(page.locator("#record h3")).to_be_visible()
    page.get_by_role("button", name="Link for a partner").click()
    expect(page.get_by_role("button", name="Copy the link")).to_be_visible()
    assert 320 == page.evaluate("document.documentElement.scrollWidth")


def tab(page: Page, steps: int) -> list[str]:
    """Press Tab that many times; return the names of the focused elements."""
    names = []
    for _ in range(steps):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate(
                """(at => at.name || (at.tagName === "SUMMARY" && at.firstElementChild.textContent)
                    || (at.role === "group" && (at.ariaLabel
                        ?? document.getElementById(at.getAttribute("aria-labelledby")).textContent))
                    || (at.tabIndex === 0 && at.id) || at.textContent.trim())(document.activeElement)"""
            )
        )
    return names


def test_file_is_uploaded_by_keyboard(page: Page, assay: Assay) -> None:
    """The order: skip link, file, schema, owner, button."""
    assay.open(page)
    expect(page.locator("#past")).not_to_be_empty()
    top = ["Skip to the content", "Assay", "All uploads"]
    assert [*top, "file", "schema", "owner", "Upload and validate"] == tab(page, 7)


def test_upload_is_read_by_keyboard(page: Page, assay: Assay) -> None:
    """The order: actions, causes, repair, another file, errors, record, what was agreed, and what is for engineers."""
    assay.errors = ERRORS
    assay.uploads = [failed(ERRORS)]
    assay.open(page, "/#/uploads/42")
    expect(page.locator("#record h3")).to_be_visible()
    page.locator("#filename").focus()
    files = ["Open the report", "Errors (.csv)", "Rows in error (.xlsx)", "Rows in error (.csv)"]
    actions = ["Validate again", "Link for a partner"]
    causes = ["Show these errors"] * 2
    another = ["file", "Upload and validate"]
    agreed = ["What was agreed", "Template (.csv)", "Template (.xlsx)"]
    errors = ["grid", "record", "The rows before and after, from the report."]
    assert [*files, *actions, *causes, "repair-file", *another, *errors, *agreed, "For engineers"] == tab(page, 18)


@pytest.mark.parametrize(("preference", "moves"), [("no-preference", True), ("reduce", False)])
def test_reduced_motion_stops_animations(
    page: Page, assay: Assay, preference: Literal["no-preference", "reduce"], *, moves: bool
) -> None:
    """The current state pulsates, unless the system asks for reduced motion."""
    page.emulate_media(reduced_motion=preference)
    assay.uploads = [upload()]
    assay.open(page, "/#/uploads/42")
    page.get_by_text("For engineers").click()
    expect(page.locator(".node.here")).to_be_visible()
    assert moves == page.evaluate("document.getAnimations().length > 0")
