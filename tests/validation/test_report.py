"""Reports: an exact count, and the first errors."""

from chalicelib.validation import Fault, ValidationError, ValidationReport
from chalicelib.validation.report import ErrorTally


def error(row: int) -> ValidationError:
    """Make an error in a row."""
    return ValidationError(row=row, line=row, column="a", field=1, code="type-error", message="expected an integer")


def test_a_report_without_errors_is_valid() -> None:
    """Validity is no more than that."""
    assert ValidationReport(error_count=0, errors=(), row_count=7).valid
    assert not ValidationReport(error_count=1, errors=(), row_count=7).valid


def test_a_report_on_a_whole_file_has_one_error_without_a_place() -> None:
    """Its column is `file`."""
    expected = ValidationError(row=None, line=None, column="file", field=None, code="source-error", message="empty")
    report = ValidationReport.of_file(Fault("source-error", "empty"))
    assert ValidationReport(error_count=1, errors=(expected,), row_count=0) == report


def test_a_tally_counts_all_and_keeps_the_first() -> None:
    """However they come."""
    tally = ErrorTally(3)
    for errors in ([error(1)], [], [error(2), error(3), error(4)], [error(5)]):
        tally.add(errors)
    assert ValidationReport(error_count=5, errors=(error(1), error(2), error(3)), row_count=9) == tally.report(9)


def test_a_tally_that_keeps_nothing_counts_all_the_same() -> None:
    """The verdict does not depend on what is listed."""
    tally = ErrorTally(0)
    tally.add([error(1)])
    assert ValidationReport(error_count=1, errors=(), row_count=1) == tally.report(1)
