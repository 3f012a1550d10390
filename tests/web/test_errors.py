"""What is wrong with a file, however much it is."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chalicelib.validation.reporting.report import MAX_LINES
from tests.web.assay import Assay, error, failed, problem, upload

MANY = 100_000


class Numbered(Sequence[Mapping[str, Any]]):
    """So many errors, made as they are asked for; every tenth is of another column."""

    def __init__(self, count: int) -> None:
        self.size = count

    def __len__(self) -> int:
        """Say how many."""
        return self.size

    def __getitem__(self, at: Any) -> Any:
        """Make the one at a place, or those in a slice."""
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(self.size))]
        return error(at + 2, column="email", field=3) if at % 10 == 9 else error(at + 2)


def show(page: Page, assay: Assay, errors: Sequence[Mapping[str, Any]], **members: Any) -> None:
    """Show an upload that has those errors."""
    assay.errors = errors
    assay.uploads = [failed(errors, **members)]
    assay.open(page, "/#/uploads/42")
    expect(page.locator("#error-0")).to_be_visible()


def rows(page: Page) -> int:
    """Count the rows of the table that the document has."""
    return page.locator("#grid .grid-body [role=row]").count()


def test_a_hundred_thousand_errors_take_some_rows_of_the_document(page: Page, assay: Assay) -> None:
    """One can go to the last one, and read it; the page is told how many there are."""
    show(page, assay, Numbered(MANY))
    expect(page.locator("#grid")).to_have_attribute("aria-rowcount", str(MANY + 1))
    assert rows(page) < 100
    page.locator("#grid").focus()
    page.keyboard.press("End")
    expect(page.locator("#record h3")).to_have_text(f"Row {MANY + 1:,}", timeout=60_000)
    last = page.locator(f"#error-{MANY - 1}")
    expect(last).to_be_in_viewport()
    expect(last).to_have_attribute("aria-rowindex", str(MANY + 1))
    assert rows(page) < 100


def test_the_end_is_there_for_whoever_scrolls_to_it(page: Page, assay: Assay) -> None:
    """What lies between is fetched, too."""
    show(page, assay, Numbered(5_000))
    page.locator("#grid").evaluate("grid => { grid.scrollTop = grid.scrollHeight; }")
    expect(page.locator("#error-4999 [role=gridcell]").first).to_have_text("5,001", timeout=20_000)
    assert rows(page) < 100


def test_keys_go_from_error_to_error(page: Page, assay: Assay) -> None:
    """The chosen row is told as the active one, and its record is shown."""
    show(page, assay, Numbered(300))
    grid = page.locator("#grid")
    grid.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp"):
        page.keyboard.press(key)
    expect(grid).to_have_attribute("aria-activedescendant", "error-1")
    expect(page.locator("#record h3")).to_have_text("Row 3")
    page.keyboard.press("PageDown")
    expect(page.locator("#error-1")).to_have_attribute("aria-selected", "false")
    page.keyboard.press("Home")
    expect(page.locator("#error-0")).to_have_attribute("aria-selected", "true")


def test_only_as_much_is_fetched_as_is_looked_at(page: Page, assay: Assay) -> None:
    """And it is said of how many the counts are, until somebody wants all."""
    show(page, assay, Numbered(5_000))
    expect(page.locator("#counted")).to_contain_text("Counted in the first 100 of 5,000 errors.")
    assert 1 == sum("/errors" in path for _, path in assay.asked)
    page.get_by_role("button", name="Count them all").click()
    expect(page.locator("#counted")).to_be_hidden()
    expect(page.locator("#chart tbody tr").first).to_contain_text("4,500")


def test_a_column_and_code_can_be_singled_out(page: Page, assay: Assay) -> None:
    """All errors are looked through for that, and all come back afterwards."""
    show(page, assay, Numbered(5_000))
    page.get_by_role("button", name="email, type-error: 10. Show only these").click()
    expect(page.locator("#chosen output")).to_have_text("500 errors type-error of email")
    expect(page.locator("#grid")).to_have_attribute("aria-rowcount", "501")
    expect(page.locator("#record h3")).to_have_text("Row 11")
    expect(page.get_by_role("button", name="email, type-error: 500. Show only these")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name="Show all errors").click()
    expect(page.locator("#grid")).to_have_attribute("aria-rowcount", "5001")


def test_what_could_not_be_fetched_can_be_asked_for_again(page: Page, assay: Assay) -> None:
    """Nothing that is there already is lost."""
    show(page, assay, Numbered(5_000))
    assay.troubles = [None]
    page.get_by_role("button", name="Count them all").click()
    expect(page.locator("#counted")).to_be_focused()
    expect(page.locator("#chosen")).to_contain_text("Assay cannot be reached.")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#counted")).to_contain_text("Counted in the first 600 of 5,000 errors.")


def test_where_fewer_are_kept_than_counted_it_says_so(page: Page, assay: Assay) -> None:
    """Without a full report there are the first hundred."""
    show(page, assay, Numbered(100), errorCount=700)
    expect(page.locator("#counted")).to_have_text("The first 100 of 700 errors are listed and counted here.")


@pytest.mark.parametrize(
    ("record", "cells"),
    [
        ({"fields": [1, 2], "columns": ["id", "name"], "cells": ["", "Ada"], "beginning": None}, ["empty", "Ada"]),
        (
            {"fields": [1, 2], "columns": ["id", None], "cells": [None, "a\tb\u3164  "], "beginning": None},
            ["missing", "aTABbU+31642 SPACES"],
        ),
        (
            {"fields": [1, 8, 9], "columns": ["id", "h", "i"], "cells": ["x", "y", "z"], "beginning": None},
            ["x", "", "y", "z"],
        ),
    ],
    ids=["empty", "missing", "gap"],
)
def test_the_record_is_shown_as_reported(page: Page, assay: Assay, record: dict[str, Any], cells: list[str]) -> None:
    """With a sign for what one would not see, and the cell marked that is wrong."""
    show(page, assay, [error(2, record=record), error(3)])
    expect(page.locator("#record .cells dd")).to_have_text(cells)
    expect(page.locator("#record .cells .wrong dt")).to_have_text("Aid")


def test_columns_have_the_letters_of_a_spreadsheet(page: Page, assay: Assay) -> None:
    """Where one looks for them; the physical line is told where it is another than the row."""
    record = {"fields": [1, 28], "columns": ["id", None], "cells": ["7", "y"], "beginning": None}
    extra = error(1234, line=1301, field=28, column=None, code="extra-cell", record=record)
    show(page, assay, [extra, error(1235)])
    expect(page.locator("#record h3")).to_have_text("Row 1,234line 1,301")
    expect(page.locator("#record .offence .letter")).to_have_text("column AB")
    expect(page.locator("#record .cells .letter")).to_have_text(["A", "AB"])
    expect(page.locator("#error-0")).to_contain_text("column AB")


def test_an_error_of_the_file_as_a_whole_has_no_row_and_no_column(page: Page, assay: Assay) -> None:
    """Though the API calls its column `file`."""
    show(page, assay, [error(None, line=None, field=None, column="file", code="source-error", record=None)])
    expect(page.locator("#error-0 [role=gridcell]")).to_have_text(
        ["", "the file", "expected an integer", "source-error"]
    )
    expect(page.locator("#record .offence")).to_have_text("expected an integer source-error")


def test_an_error_without_its_record_says_where_to_look(page: Page, assay: Assay) -> None:
    """As those of keys, which are found when the records are gone."""
    show(page, assay, [error(1234, line=1301, code="unique-error", record=None), error(1235)])
    expect(page.locator("#record .contents")).to_have_text(
        "The record is not kept with this error. Look at row 1,234 of the file, line 1,301."
    )


def test_more_errors_than_any_report_has_end_where_the_report_does(page: Page, assay: Assay) -> None:
    """Going to the end leads to the last one that is there."""
    show(page, assay, Numbered(600), errorCount=5_000_000)
    expect(page.locator("#grid")).to_have_attribute("aria-rowcount", str(MAX_LINES + 1))
    page.locator("#grid").focus()
    page.keyboard.press("End")
    expect(page.locator("#record h3")).to_have_text("Row 601", timeout=20_000)
    expect(page.locator("#error-599")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#counted")).to_have_text("The first 600 of 5,000,000 errors are listed and counted here.")


def test_errors_of_an_attempt_that_is_over_lead_to_the_present_one(page: Page, assay: Assay) -> None:
    """Somebody has had the file validated again: its errors are others now."""
    show(page, assay, Numbered(5_000))
    assay.troubles = [
        problem(422, "FieldInvalid", "cursor: expected one of the current attempt: start again without a cursor")
    ]
    page.get_by_role("button", name="Count them all").click()
    expect(page.locator("#chosen")).to_contain_text("Another attempt has begun meanwhile.")
    assay.uploads = [upload(status="VALIDATED", rowCount=1, errorCount=0, attempt=2)]
    page.get_by_role("button", name="Look at that one").click()
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 1 row.")


def test_a_record_that_cannot_be_told_apart_shows_how_it_begins(page: Page, assay: Assay) -> None:
    """As with a quote that is never closed."""
    record = {"fields": [], "columns": [], "cells": [], "beginning": '"abc\ndef'}
    show(page, assay, [error(2, field=None, column=None, code="quote-error", record=record)])
    expect(page.locator("#record pre")).to_have_text('"abcLF\ndef')
