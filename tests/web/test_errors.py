"""The errors of an upload on the page."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from chalicelib.validation.reporting.report import MAX_LINES
from tests.web.assay import Assay, causes_of, error, failed, problem, upload

MANY = 20_000


class Numbered(Sequence[Mapping[str, Any]]):
    """Errors made on access; every tenth is of another column."""

    def __init__(self, count: int) -> None:
        self.size = count

    def __len__(self) -> int:
        """Return the number of errors."""
        return self.size

    def __getitem__(self, at: Any) -> Any:
        """Return one error, or a slice."""
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(self.size))]
        return error(at + 2, column="email", field=3) if at % 10 == 9 else error(at + 2)


def show(page: Page, assay: Assay, errors: Sequence[Mapping[str, Any]], **members: Any) -> None:
    """Open an upload with these errors."""
    assay.errors = errors
    assay.uploads = [failed(errors, **members)]
    assay.open(page, "/#/uploads/42")
    expect(page.locator("#error-0")).to_be_visible()


def rows(page: Page) -> int:
    """Return the number of rows in the document."""
    return page.locator("#grid .grid-body [role=row]").count()


def test_only_visible_rows_are_in_the_document(page: Page, assay: Assay) -> None:
    """Of twenty thousand errors. The last one can be reached, and the grid has the total."""
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


def test_scrolling_to_the_end_shows_the_last_error(page: Page, assay: Assay) -> None:
    """After fetching all errors before it."""
    show(page, assay, Numbered(5_000))
    page.locator("#grid").evaluate("grid => { grid.scrollTop = grid.scrollHeight; }")
    expect(page.locator("#error-4999 [role=gridcell]").first).to_have_text("5,001", timeout=20_000)
    assert rows(page) < 100


def test_arrow_keys_move_between_errors(page: Page, assay: Assay) -> None:
    """The chosen row is the active descendant, and its record is shown."""
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


def test_errors_are_fetched_as_needed(page: Page, assay: Assay) -> None:
    """The causes have the true counts all the same."""
    assay.causes = causes_of(Numbered(100), 5_000)
    assay.causes["causes"][0]["count"], assay.causes["causes"][1]["count"] = 4_500, 500
    show(page, assay, Numbered(5_000))
    expect(page.locator("#cause-list h3").first).to_have_text("id: 4,500 values are not in the agreed form.")
    expect(page.locator("#cause-list .share")).to_have_text(["90% of all errors", "10% of all errors"])
    assert 1 == sum("/errors" in path for _, path in assay.requests)


def test_columns_in_another_order_are_one_cause_of_the_file(page: Page, assay: Assay) -> None:
    """It names no column. The only cause has no share, and rows that were not read are not counted."""
    found = error(1, code="incorrect-label", rule="column-order", message="the columns are in another order")
    show(page, assay, [found], rowCount=0)
    expect(page.locator("#cause-list h3")).to_have_text("The columns are not in the agreed order.")
    expect(page.locator("#cause-list .share")).to_have_count(0)
    expect(page.locator("#facts dt")).to_have_text(["Errors", "Time", "Schema"])


def test_errors_are_filtered_by_cause(page: Page, assay: Assay) -> None:
    """All errors are loaded for it. Removing the filter shows all again."""
    show(page, assay, Numbered(5_000))
    cause = page.locator("#cause-list li", has_text="email")
    cause.get_by_role("button", name="Show these errors").click()
    expect(page.locator("#chosen output")).to_have_text("email: 100 values are not in the agreed form.")
    expect(page.locator("#grid")).to_have_attribute("aria-rowcount", "501")
    expect(page.locator("#record h3")).to_have_text("Row 11")
    expect(cause.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    page.locator("#chosen").get_by_role("button", name="Show all errors").click()
    expect(page.locator("#grid")).to_have_attribute("aria-rowcount", "5001")


def test_failed_page_can_be_requested_again(page: Page, assay: Assay) -> None:
    """Loaded errors stay."""
    show(page, assay, Numbered(5_000))
    assay.failures = [None]
    page.locator("#cause-list li", has_text="email").get_by_role("button").click()
    expect(page.locator("#chosen")).to_contain_text("Assay cannot be reached.")
    expect(page.locator("#grid")).to_have_attribute("aria-rowcount", "11")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#grid")).to_have_attribute("aria-rowcount", "501")


def test_page_says_if_fewer_errors_are_listed_than_counted(page: Page, assay: Assay) -> None:
    """Without a full report there are the first hundred."""
    assay.causes = causes_of(Numbered(100), 700) | {"counted": 100}
    show(page, assay, Numbered(100), errorCount=700)
    expect(page.locator("#chosen")).to_have_text("The first 100 of 700 errors are listed here.")
    expect(page.locator("#partial")).to_have_text(
        "These causes are of the first 100 of 700 errors. The full report is not there any more."
    )


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
def test_record_is_shown_from_the_report(page: Page, assay: Assay, record: dict[str, Any], cells: list[str]) -> None:
    """With signs for invisible characters, and the wrong cell marked."""
    show(page, assay, [error(2, record=record), error(3)])
    expect(page.locator("#record .cells dd")).to_have_text(cells)
    expect(page.locator("#record .cells .wrong dt")).to_have_text("Aid")


def test_columns_have_the_letters_of_a_spreadsheet(page: Page, assay: Assay) -> None:
    """The physical line is shown if it differs from the row."""
    record = {"fields": [1, 28], "columns": ["id", None], "cells": ["7", "y"], "beginning": None}
    extra = error(1234, line=1301, field=28, column=None, code="extra-cell", record=record)
    show(page, assay, [extra, error(1235)])
    expect(page.locator("#record h3")).to_have_text("Row 1,234line 1,301")
    expect(page.locator("#record .offence .letter")).to_have_text("column AB")
    expect(page.locator("#record .cells .letter")).to_have_text(["A", "AB"])
    expect(page.locator("#error-0")).to_contain_text("column AB")


def test_error_of_the_whole_file_has_no_row_and_no_column(page: Page, assay: Assay) -> None:
    """Though the API calls its column `file`."""
    show(page, assay, [error(None, line=None, field=None, column="file", code="source-error", record=None)])
    expect(page.locator("#error-0 [role=gridcell]")).to_have_text(["", "the file", "Expected an integer."])
    expect(page.locator("#record .offence")).to_have_text("Expected an integer.")


def test_error_without_a_record_names_row_and_line(page: Page, assay: Assay) -> None:
    """Errors of keys are found after the records were read."""
    show(page, assay, [error(1234, line=1301, code="unique-error", record=None), error(1235)])
    expect(page.locator("#record .contents")).to_have_text(
        "The report does not contain this record. Look at row 1,234 of the file, line 1,301."
    )


def test_error_of_a_key_names_the_rows_that_share_its_value(page: Page, assay: Assay) -> None:
    """With the first of them, and the rows around the one in error, as the report has them."""
    key = {"columns": ["id"], "values": ["7"], "rows": [2, 4, 5], "rowCount": 7}
    near = [{"row": 3, "cells": ["8", "Bo"]}, {"row": 5, "cells": ["7", None]}]
    show(page, assay, [error(4, code="unique-error", key=key, neighbours=near), error(9)])
    expect(page.locator("#cause-list .example").first).to_have_text("Row 4, A x4 Row 2 has this value first.")
    facts = ["Valueid: 7", "First row with it2", "All rows with it2, 4, 5 and 4 more"]
    expect(page.locator("#record .key > div")).to_have_text(facts)
    expect(page.locator("#record .around tbody tr")).to_have_text(["38Bo", "4x4Ada", "57"])


def test_cause_shows_what_its_rule_writes(page: Page, assay: Assay) -> None:
    """With the number of cells."""
    show(page, assay, [error(2, suggestion="2", rule="strip-spaces"), error(3, column="b")])
    expect(page.locator("#cause-list .example").first).to_have_text(
        "Row 2, A x2 → 2 leave out spaces and invisible characters, 1 cell in all"
    )


def test_what_to_do_begins_with_what_the_page_can_do(page: Page, assay: Assay) -> None:
    """By a rule, by a choice, by deleting rows; what is to be done by hand comes after it, or alone."""
    key = {"columns": ["id"], "values": ["x2"], "rows": [2, 4], "rowCount": 2}
    errors = [
        error(2, column="a", suggestion="2", rule="strip-spaces"),
        error(3, column="b", choices=["2026-04-03", "2026-03-04"]),
        error(4, column="c", code="unique-error", key=key),
        error(1, column="d", code="extra-label", rule="empty-columns"),
        error(6, column="e"),
    ]
    show(page, assay, errors)
    where = "see \u201cRepair the file here\u201d below."
    expect(page.locator("#cause-list .todo")).to_have_text(
        [
            f"This page can do that for you: {where}",
            f"This page can do that for you, once you choose what is meant: {where}",
            f"This page can delete the rows that repeat an earlier one: {where}",
            f"This page can correct that for you: {where}",
            "Correct each cell in error, and send the file again.",
        ]
    )
    expect(page.locator("#cause-list .todo + p").first).to_have_text(
        "By hand: Correct each cell in error, and send the file again."
    )
    expect(page.locator("#cause-list .example").nth(1)).to_have_text("Row 3, A x3 → 2026-04-03 or 2026-03-04")


def test_a_cause_in_german_says_nothing_twice(browser: Browser, assay: Assay) -> None:
    """Messages are in English; the kind of the error, which stands for them in German, is the title already."""
    with browser.new_context(locale="de-DE") as context:
        page = context.new_page()
        assay.answer(page)
        show(page, assay, [error(2), error(3, code="blank-row", field=None, column=None)])
        expect(page.locator("#cause-list h3")).to_have_text(
            ["id: 1 Wert hat nicht die vereinbarte Form.", "1 Zeile ist leer."]
        )
        expect(page.locator("#cause-list .message")).to_have_text(["Erwartet: eine ganze Zahl, zum Beispiel 42."])


def test_words_show_whether_the_encoding_is_right(page: Page, assay: Assay) -> None:
    """The first ones of the reader's file that have letters beyond ASCII."""
    assay.repairs["layout"] = [
        {"rule": "encoding", "found": "cp874", "expected": "utf-8", "rows": 0, "columns": [], "labels": []}
    ]
    show(page, assay, [error(None, line=None, code="encoding-error", rule="encoding")])
    content = "id,name\n1,Ada\n2,กรุงเทพ\n3,ภูเก็ต\n".encode("cp874")
    page.set_input_files("#repair-file", {"name": "a.csv", "mimeType": "text/csv", "buffer": content})
    expect(page.locator(".rule small")).to_contain_text("these words: กรุงเทพ, ภูเก็ต.")


def test_rows_that_repeat_a_key_are_found_in_all_errors(page: Page, assay: Assay) -> None:
    """Once the reader has chosen the file, also those behind the first page of errors."""
    errors = [error(at, code="primary-key") if at == 2 or at > 2_500 else error(at) for at in range(2, 2_602)]
    show(page, assay, errors)
    page.set_input_files("#repair-file", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"id,name\n1,Ada\n"})
    expect(page.get_by_label("Delete the 102 rows that repeat an earlier row")).to_be_visible()


def test_list_ends_with_the_report(page: Page, assay: Assay) -> None:
    """The End key chooses the last error of the report, even if the file has more."""
    show(page, assay, Numbered(600), errorCount=5_000_000)
    expect(page.locator("#grid")).to_have_attribute("aria-rowcount", str(MAX_LINES + 1))
    page.locator("#grid").focus()
    page.keyboard.press("End")
    expect(page.locator("#record h3")).to_have_text("Row 601", timeout=20_000)
    expect(page.locator("#error-599")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#chosen")).to_have_text("The first 600 of 5,000,000 errors are listed here.")


def test_errors_of_an_earlier_attempt_lead_to_the_current_one(page: Page, assay: Assay) -> None:
    """Another attempt has other errors."""
    show(page, assay, Numbered(5_000))
    assay.failures = [
        problem(422, "FieldInvalid", "cursor: expected one of the current attempt: start again without a cursor")
    ]
    page.locator("#cause-list li", has_text="email").get_by_role("button").click()
    expect(page.locator("#chosen")).to_contain_text("Another attempt has begun.")
    assay.uploads = [upload(status="VALIDATED", rowCount=1, errorCount=0, attempt=2)]
    page.get_by_role("button", name="Show that attempt").click()
    expect(page.locator("#verdict")).to_have_text("Valid: nothing is wrong in 1 row.")


def test_record_without_cells_shows_its_beginning(page: Page, assay: Assay) -> None:
    """For example, of a quote that is never closed."""
    record = {"fields": [], "columns": [], "cells": [], "beginning": '"abc\ndef'}
    show(page, assay, [error(2, field=None, column=None, code="quote-error", record=record)])
    expect(page.locator("#record pre")).to_have_text('"abcLF\ndef')
