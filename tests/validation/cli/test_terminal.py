"""Verdicts on a terminal."""

import pytest
from attrs import evolve

from chalicelib.validation import ValidationError
from chalicelib.validation.cli.terminal import error_table
from chalicelib.validation.reporting.wording import counted

WHOLE_FILE = ValidationError(column="file", code="source-error", message="the file is empty")
TYPE = ValidationError(row=12, line=1234, field=3, column="amount", code="type-error", message="expected a number")
ROW = ValidationError(row=7, line=8, code="blank-row", message="the row is empty: remove it")


def test_errors_are_laid_out_in_columns() -> None:
    """Numbers to the right, words to the left, a dash where there is nothing; the letter is that of a spreadsheet."""
    assert [
        "row  line  column  letter  code          message",
        "  -     -  file    -       source-error  the file is empty",
        "  7     8  -       -       blank-row     the row is empty: remove it",
        " 12  1234  amount  C       type-error    expected a number",
    ] == error_table([WHOLE_FILE, ROW, TYPE], 3).split("\n")


def test_what_comes_from_the_file_commands_no_terminal() -> None:
    """Line breaks and escapes in a column's name are replaced."""
    table = error_table([evolve(TYPE, column="\x1b[2Jé\nb")], 1)
    assert "\ufffd[2Jé\ufffdb" in table.split("\n")[1]


def test_errors_that_are_not_listed_are_counted() -> None:
    """The number of further errors follows the list."""
    assert "… and 1,233 more" == error_table([TYPE], 1234).split("\n")[-1]


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1000, "1,000 rows"), (1_234_567, "1,234,567 rows")],
)
def test_things_are_counted_as_people_write_it(number: int, text: str) -> None:
    """One row, two rows."""
    assert text == counted(number, "row")
