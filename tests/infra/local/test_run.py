"""Where `make run` keeps the reports."""

from pathlib import Path

from infra.local.run import report_directories


def test_reports_of_files_with_the_same_name_have_directories_of_their_own() -> None:
    """The second one has a number, so that it does not replace the first."""
    files = [Path("a/orders.csv"), Path("b/orders.csv"), Path("b/customers.csv")]
    expected = ["orders.csv", "orders.csv-2", "customers.csv"]
    assert expected == [directory.name for directory, _ in report_directories(files, Path("reports"))]
