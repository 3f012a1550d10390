"""Partners with nothing but a link, and owners, repair a broken file in the browser, and get it validated."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import FilePayload, Page, expect

from tests.web.stage import stage, upload

SOON = 30_000  # milliseconds
SCHEMA = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"required": True}},
        {"name": "name", "type": "string"},
        {"name": "day", "type": "date"},
        {"name": "total", "type": "number"},
    ],
    "primaryKey": ["id"],
}
HEADER = "id,name,day,total\r\n"


def workbook() -> bytes:
    """Return an Excel workbook with a date and a number."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for column, label in enumerate(["id", "name", "day", "total"]):
            sheet.write(0, column, label)
        sheet.write_row(1, 0, [1, "M\u00fcller, Ada"])
        sheet.write_number(1, 2, 45991, book.add_format({"num_format": "dd.mm.yyyy"}))
        sheet.write_number(1, 3, 12.5)
    return target.getvalue()


FORM = "The layout of the file changes. All values stay the same."
BROKEN: dict[str, tuple[bytes, list[str], str]] = {
    "decimal commas": (
        (HEADER + '1,Ada,2026-01-31,"1.299,00"\r\n2,Bob,2026-01-30,"3,5"\r\n').encode(),
        [],
        "2 cells change.",
    ),
    "wrong date order": ((HEADER + "1,Ada,31/12/2026,1\r\n2,Bob,03/04/2026,2\r\n").encode(), [], "2 cells change."),
    "duplicate keys": (
        (HEADER + "1,Ada,2026-01-31,1\r\n1,Ada,2026-01-31,1\r\n2,Bob,,2\r\n").encode(),
        ["repeats an earlier row"],
        "1 row is deleted.",
    ),
    "columns in another order": (b"total,id,name,day\n1.5,1,Ada,2026-01-31\n2.5,2,Bob,2026-01-30\n", [], FORM),
    "semicolons in windows-1252": (
        "id;name;day;total\r\n1;J\u00fcrgen M\u00fcller;2026-01-31;1.5\r\n2;Zo\u00eb;2026-01-30;2\r\n".encode("cp1252"),
        [],
        FORM,
    ),
    "a renamed workbook": (workbook(), [], FORM),
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the page, served by the real app, with a schema that has a key and a date."""
    scratch = tmp_path_factory.mktemp("repairing")
    schema = scratch / "default.json"
    schema.write_text(json.dumps(SCHEMA))
    with stage(scratch / "broken", log=scratch / "http.log", schema=schema) as address:
        yield address


def payload(content: bytes) -> FilePayload:
    """Return a file as a browser takes it."""
    return {"name": "orders.csv", "mimeType": "text/csv", "buffer": content}


@pytest.mark.parametrize(("content", "ticks", "outcome"), BROKEN.values(), ids=BROKEN)
def test_broken_file_is_repaired_from_a_link_alone(
    page: Page, address: str, content: bytes, ticks: list[str], outcome: str
) -> None:
    """The file is sent, repaired as the page proposes, and valid."""
    schema = next(name for name in page.request.get(f"{address}schemas").json()["schemas"] if name.startswith("local"))
    registration = {"filename": "orders.csv", "owner": "ada@example.com", "schema": schema}
    page.goto(page.request.post(f"{address}uploads", data=registration).json()["link"]["url"])
    page.set_input_files("#replace input", payload(content))
    page.get_by_role("button", name="Upload and validate").click()
    expect(page.locator("#verdict")).to_contain_text("Not valid:", timeout=SOON)
    page.reload()
    expect(page.locator("#repair")).to_be_visible(timeout=SOON)
    page.set_input_files("#repair-file", payload(content))
    for tick in ticks:
        page.get_by_role("button", name="Show what changes").click()
        expect(page.locator(".repair-result")).to_have_text("Nothing changes yet. Tick above what to change.")
        page.get_by_label(tick).check()
    page.get_by_role("button", name="Show what changes").click()
    expect(page.locator(".repair-result p b")).to_have_text(outcome)
    page.get_by_role("button", name="Send the repaired file").click()
    expect(page.locator("#verdict")).to_contain_text("Valid: nothing is wrong", timeout=SOON)


def test_owner_sends_the_repaired_file_as_the_next_attempt(page: Page, address: str, tmp_path: Path) -> None:
    """From the page of their own upload, which then follows the new attempt."""
    file = tmp_path / "orders.csv"
    file.write_text('id,name,email,amount\n1,Ada,ada@example.com,"1,5"\n2,Bob,bob@example.com,"3,25"\n')
    upload(page, address, file)
    expect(page.locator("#verdict")).to_contain_text("Not valid:", timeout=SOON)
    place = page.url
    page.get_by_role("button", name="Show what changes").click()
    page.get_by_role("button", name="Send the repaired file").click()
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 2 rows.", timeout=SOON)
    assert place == page.url
    expect(page.locator("#attempts tbody tr")).to_have_count(2)
