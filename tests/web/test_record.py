"""The record of an error, out of the file that was sent from here, or as the report has it."""

from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.web.assay import Assay, error, failed, upload

REPORTED: dict[str, Any] = {
    "fields": [1, 2],
    "columns": ["id", "name"],
    "cells": ["x", "A" * 199 + "…"],
    "beginning": None,
}


def sent(
    page: Page, assay: Assay, content: str, record: Mapping[str, Any] | None, name: str = "orders.csv", **members: Any
) -> None:
    """Upload a file that turns out to have an error on line 2."""
    assay.errors = [error(2, record=record, **members)]
    assay.uploads = [upload(status="PENDING", attempt=0), failed(assay.errors)]
    assay.open(page)
    file: FilePayload = {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
    page.set_input_files("#submission input[type=file]", file)
    page.get_by_role("button", name="Upload and validate").click()


def test_the_record_is_the_files_own(page: Page, assay: Assay) -> None:
    """Whole, where the report has cut it."""
    sent(page, assay, f"id,name\nx,{'A' * 300}\n", REPORTED)
    expect(page.locator("#record .cells dd")).to_have_text(["x", "A" * 300])
    expect(page.locator("#record .contents")).to_contain_text("From your file, on this computer.")


@pytest.mark.parametrize("content", ["id;name\nx;y\n", "id,name\ny,A\n", "id,name\n", 'id,name\n"x,y\n'])
def test_a_record_that_reads_differently_here_is_shown_as_reported(page: Page, assay: Assay, content: str) -> None:
    """What was judged is what the report has, whichever way the page takes the file."""
    sent(page, assay, content, REPORTED)
    expect(page.locator("#record .cells dd")).to_have_text(REPORTED["cells"])
    expect(page.locator("#record .contents")).to_contain_text("From the report; long cells are cut there.")


def test_a_record_that_the_report_lacks_is_found_in_the_file(page: Page, assay: Assay) -> None:
    """As that of a key, which was gone when the error was found."""
    sent(page, assay, "id,name\nx,Ada\n", None)
    expect(page.locator("#record .cells dd")).to_have_text(["x", "Ada"])


def test_of_a_wide_record_what_is_near_is_shown(page: Page, assay: Assay) -> None:
    """With a hint at what is left out, in between and behind."""
    wide = ",".join(str(at) for at in range(1, 41))
    sent(page, assay, f"{wide}\n{wide}\n", None, field=20, column="20")
    expect(page.locator("#record .cells dt")).to_have_text(["A1", "…", "R18", "S19", "T20", "U21", "V22", "…"])


def test_the_record_of_a_compressed_file_is_the_reports_and_that_is_said(page: Page, assay: Assay) -> None:
    """Lines cannot be found in it without decompressing all of it."""
    sent(page, assay, "id,name\nx,y\n", REPORTED, "orders.csv.gz")
    expect(page.locator("#record .contents")).to_contain_text(
        "From the report, for your file is compressed; long cells are cut there."
    )
