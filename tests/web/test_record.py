"""The record of an error, from the user's file or from the report."""

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
    """Upload a file with an error on line 2."""
    assay.errors = [error(2, record=record, **members)]
    assay.uploads = [upload(status="PENDING", attempt=0), failed(assay.errors)]
    assay.open(page)
    file: FilePayload = {"name": name, "mimeType": "text/csv", "buffer": content.encode()}
    page.set_input_files("#submission input[type=file]", file)
    page.get_by_role("button", name="Upload and validate").click()


def test_record_is_shown_from_the_file(page: Page, assay: Assay) -> None:
    """In full, where the report shortens it."""
    sent(page, assay, f"id,name\nx,{'A' * 300}\n", REPORTED)
    expect(page.locator("#record .cells dd")).to_have_text(["x", "A" * 300])
    expect(page.locator("#record .contents")).to_contain_text("From your file, on this computer.")
    expect(page.locator("#record .around")).to_have_count(0)


@pytest.mark.parametrize("content", ["id;name\nx;y\n", "id,name\ny,A\n", "id,name\n", 'id,name\n"x,y\n'])
def test_record_that_differs_from_the_report_is_shown_from_the_report(page: Page, assay: Assay, content: str) -> None:
    """The validator's reading of the file counts."""
    sent(page, assay, content, REPORTED)
    expect(page.locator("#record .cells dd")).to_have_text(REPORTED["cells"])
    expect(page.locator("#record .contents")).to_contain_text("From the report, which shortens long cells.")


def test_record_missing_in_the_report_is_found_in_the_file(page: Page, assay: Assay) -> None:
    """For example, a duplicate key: the report lacks its record."""
    sent(page, assay, "id,name\nx,Ada\n8,Bo\n", None)
    expect(page.locator("#record .cells dd")).to_have_text(["x", "Ada"])
    expect(page.locator("#record .around tbody tr")).to_have_text(["2xAda", "38Bo"])


def test_wide_record_is_shown_around_the_wrong_cell(page: Page, assay: Assay) -> None:
    """With gaps for the cells that are left out."""
    wide = ",".join(str(at) for at in range(1, 41))
    sent(page, assay, f"{wide}\n{wide}\n", None, field=20, column="20")
    expect(page.locator("#record .cells dt")).to_have_text(["A1", "…", "R18", "S19", "T20", "U21", "V22", "…"])


def test_record_of_a_compressed_file_is_shown_from_the_report(page: Page, assay: Assay) -> None:
    """Finding a line would need all of it decompressed."""
    sent(page, assay, "id,name\nx,y\n", REPORTED, "orders.csv.gz")
    expect(page.locator("#record .contents")).to_contain_text(
        "From the report, which shortens long cells, because your file is compressed."
    )
