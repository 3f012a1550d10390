"""Reports: an exact count, and the first errors."""

import pytest
from attrs import evolve

from chalicelib.validation import Fault, ValidationError, ValidationReport
from chalicelib.validation.report import ErrorCode
from chalicelib.validation.tally import ErrorTally


def error(row: int) -> ValidationError:
    """Make an error in a row."""
    return ValidationError(row=row, line=row, column="a", field=1, code="type-error", message="expected an integer")


def test_a_report_without_errors_is_valid() -> None:
    """A report is valid if it has no errors."""
    assert ValidationReport(error_count=0, errors=(), row_count=7).valid
    assert not ValidationReport(error_count=1, errors=(), row_count=7).valid


def test_report_on_a_file_fault_has_one_error_without_a_place() -> None:
    """Its column is `file`."""
    expected = ValidationError(row=None, line=None, column="file", field=None, code="source-error", message="empty")
    report = ValidationReport.from_file_fault(Fault(ErrorCode.SOURCE_ERROR, "empty"))
    assert (1, (expected,), 0) == (report.error_count, report.errors, report.row_count)
    assert ({"source-error": 1}, {"file": 1}) == (report.counts_by_code, report.counts_by_column)


def test_a_tally_counts_all_and_keeps_the_first() -> None:
    """In the order in which they are added."""
    tally = ErrorTally(3)
    for errors in ([error(1)], [], [error(2), error(3), error(4)], [error(5)]):
        tally.add(errors)
    report = tally.report(9)
    assert (5, (error(1), error(2), error(3)), 9) == (report.error_count, report.errors, report.row_count)


def test_a_tally_that_keeps_nothing_counts_all_the_same() -> None:
    """The count does not depend on the list."""
    tally = ErrorTally(0)
    tally.add([error(1)])
    report = tally.report(1)
    assert (1, (), 1) == (report.error_count, report.errors, report.row_count)


@pytest.mark.parametrize(("keep", "rows"), [(1, [1]), (2, [1, 2]), (4, [1, 2, 4, 5]), (9, [1, 2, 4, 5, 6, 8])])
def test_late_errors_take_their_place_in_the_file(keep: int, rows: list[int]) -> None:
    """They come in any order. Without room they replace later errors."""
    tally = ErrorTally(keep)
    tally.add([error(2), error(4), error(8)])
    tally.add_late([error(6), error(1), error(5)])
    report = tally.report(9)
    assert rows == [each.row for each in report.errors]
    assert (6, {"type-error": 6}, {"a": 6}) == (report.error_count, report.counts_by_code, report.counts_by_column)


def test_a_late_error_follows_the_others_of_its_cell() -> None:
    """Errors of the cell itself come first."""
    late = evolve(error(1), code="unique-error")
    tally = ErrorTally(3)
    tally.add([error(1), error(2)])
    tally.add_late([late])
    assert (error(1), late, error(2)) == tally.report(2).errors


def test_errors_are_counted_by_code_and_by_column() -> None:
    """Errors that are not kept count, too. Errors of whole rows and of unnamed columns belong to no column."""
    tally = ErrorTally(1)
    tally.add([error(1), evolve(error(2), column="b"), evolve(error(3), code="blank-row", column=None, field=None)])
    report = tally.report(3)
    assert {"type-error": 2, "blank-row": 1} == report.counts_by_code
    assert {"a": 1, "b": 1} == report.counts_by_column


def test_a_tally_cannot_keep_less_than_nothing() -> None:
    """A negative limit is a programming error."""
    with pytest.raises(ValueError, match="negative"):
        ErrorTally(-1)


def test_errors_can_be_stored_and_sent() -> None:
    """Names and messages are bounded, and contain no character that PostgreSQL refuses."""
    error = ValidationError(column="a\0" + "ü" * 1000, code="x", message="\ud800" + "é" * 1000)
    assert error.column is not None
    assert (200, 500) == (len(error.column), len(error.message))
    assert "\N{REPLACEMENT CHARACTER}" in error.column
    assert "\N{REPLACEMENT CHARACTER}" in error.message
    assert error.message.endswith("…")
