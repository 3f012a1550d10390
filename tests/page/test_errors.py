"""What is wrong with a file, however much it is."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.page.assay import Assay, error, failed

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
    expect(page.locator("#chosen")).to_contain_text("Assay cannot be reached.")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#counted")).to_contain_text("Counted in the first 600 of 5,000 errors.")


def test_where_fewer_are_kept_than_counted_it_says_so(page: Page, assay: Assay) -> None:
    """Without a full report there are the first hundred."""
    show(page, assay, Numbered(100), errorCount=700)
    expect(page.locator("#counted")).to_have_text("The first 100 of 700 errors are listed; all are counted.")


@pytest.mark.parametrize(
    ("record", "cells"),
    [
        ({"fields": [1, 2], "columns": ["id", "name"], "cells": ["", "Ada"], "beginning": None}, ["empty", "Ada"]),
        (
            {"fields": [1, 2], "columns": ["id", None], "cells": [None, "a\tb "], "beginning": None},
            ["missing", "atabbspace"],
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
    expect(page.locator("#record .cells .wrong dt")).to_have_text("id")


def test_a_record_that_cannot_be_told_apart_shows_how_it_begins(page: Page, assay: Assay) -> None:
    """As with a quote that is never closed."""
    record = {"fields": [], "columns": [], "cells": [], "beginning": '"abc\ndef'}
    show(page, assay, [error(2, field=None, column=None, code="quote-error", record=record)])
    expect(page.locator("#record pre")).to_have_text('"abcLF\ndef')
