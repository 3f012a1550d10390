"""The errors of an upload in pages, from its full report or from the database."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from chalicelib.aws.report_store import S3Reports
from chalicelib.errors import FieldInvalid, UploadNotFound
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads import queries
from chalicelib.uploads.lifecycle import SETTLER, Cause, Status
from chalicelib.uploads.messages import StatusUpdate
from chalicelib.uploads.paging import MAX_ERRORS, ErrorQuery
from chalicelib.uploads.queries import PAGE_BYTES
from chalicelib.uploads.read_models import ErrorPage
from chalicelib.uploads.record_verdict import record_verdict
from chalicelib.uploads.report_writer import by_name
from chalicelib.uploads.reports import ReportFile
from chalicelib.validation import validate
from chalicelib.validation.report import ErrorCode, Fault
from chalicelib.validation.reporting.files.report_tables import ReportTables
from chalicelib.validation.reporting.report import FullReport
from tests.uploads.upload import NEXT, SUBJECT, report_location

List = Callable[[str, ErrorQuery], ErrorPage]
ROWS = 10
KEPT = 4


@pytest.fixture
def list_errors(uploads: PostgresUploads, reports: S3Reports) -> List:
    """The use case."""
    return partial(queries.list_errors, uploads=uploads, reports=reports)


def publish(
    uploads: PostgresUploads, reports: S3Reports, *, rows: int = ROWS, value: str = "x", note: str = "n"
) -> None:
    """Write the report of the current attempt, with an error in each row."""
    draft = reports.draft(report_location(uploads))
    fields = [{"name": "id", "type": "integer"}, {"name": "note"}, {"name": "more"}]
    data = b"id,note,more\n" + f"{value},{note},{note}\n".encode() * rows
    full, tables = FullReport(draft.write), ReportTables()
    report = validate([data], {"fields": fields}, sink=full)
    draft.publish(by_name(full.finish(report, SUBJECT), tables, 0))


def fail(uploads: PostgresUploads) -> None:
    """Record a verdict with an error in each row, of which the first few are listed."""
    report = validate([b"id\n" + b"x\n" * ROWS], {"fields": [{"name": "id", "type": "integer"}]}, max_errors=KEPT)
    update = StatusUpdate(
        upload_id="42",
        status=Status.VALIDATION_FAILED,
        execution_name=str(uploads.find("42").execution_name),
        error_count=report.error_count,
        errors=report.errors,
        row_count=report.row_count,
    )
    record_verdict(update, uploads=uploads)


def pages(list_errors: List, limit: int) -> Iterator[ErrorPage]:
    """Yield all pages in order."""
    page = list_errors("42", ErrorQuery(limit=limit))
    yield page
    while page.next is not None:
        page = list_errors("42", ErrorQuery(limit=limit, cursor=page.next))
        yield page


@pytest.mark.parametrize("limit", [1, 3, ROWS - 1, ROWS, ROWS + 1, MAX_ERRORS])
def test_pages_have_all_errors_once_and_in_order(
    list_errors: List, uploads: PostgresUploads, reports: S3Reports, limit: int
) -> None:
    """Each error has its record, also if the database lacks it; no page is empty, and the last has no cursor."""
    publish(uploads, reports)
    fail(uploads)
    found = list(pages(list_errors, limit))
    assert all(0 < len(page.errors) <= limit for page in found)
    assert {ROWS} == {page.error_count for page in found}
    errors = [error for page in found for error in page.errors]
    assert list(range(2, ROWS + 2)) == [error.row for error in errors]
    assert {("x", "n", "n")} == {error.record.cells if error.record else None for error in errors}


@pytest.mark.parametrize("limit", [1, KEPT - 1, KEPT, MAX_ERRORS])
def test_without_a_report_the_recorded_errors_are_listed(
    list_errors: List, uploads: PostgresUploads, limit: int
) -> None:
    """All errors in the database are listed once and in order, without their records."""
    fail(uploads)
    found = list(pages(list_errors, limit))
    assert all(0 < len(page.errors) <= limit for page in found)
    assert {ROWS} == {page.error_count for page in found}
    errors = [(error.row, error.record) for page in found for error in page.errors]
    assert [(row, None) for row in range(2, KEPT + 2)] == errors


def test_report_without_a_verdict_is_not_listed(
    list_errors: List, uploads: PostgresUploads, reports: S3Reports
) -> None:
    """The attempt may still fail, or write its report again."""
    publish(uploads, reports)
    assert ErrorPage(errors=(), error_count=None, next=None) == list_errors("42", ErrorQuery())


def test_report_of_an_execution_that_failed_later_is_not_listed(
    list_errors: List, uploads: PostgresUploads, reports: S3Reports
) -> None:
    """The verdict is a system failure, which is listed alone: its count is 1."""
    publish(uploads, reports)
    fault = Fault(ErrorCode.SYSTEM_ERROR, "the file could not be checked: States.Timeout")
    uploads.settle(str(uploads.find("42").execution_name), fault, Cause(actor=SETTLER))
    page = list_errors("42", ErrorQuery())
    assert (["system-error"], 1, None) == ([error.code for error in page.errors], page.error_count, page.next)


def test_page_fits_the_size_of_a_response(list_errors: List, uploads: PostgresUploads, reports: S3Reports) -> None:
    """A page may have fewer errors than requested; the next page continues after them."""
    publish(uploads, reports, rows=MAX_ERRORS, note="\N{GRINNING FACE}" * (PAGE_BYTES // MAX_ERRORS // 5))
    fail(uploads)
    sizes = [len(page.errors) for page in pages(list_errors, MAX_ERRORS)]
    assert MAX_ERRORS == sum(sizes)
    assert len(sizes) > 1


def test_pages_of_database_and_report_are_not_mixed(
    list_errors: List, uploads: PostgresUploads, reports: S3Reports
) -> None:
    """A cursor keeps its source: the database's errors are read to their end, a deleted report is an error."""
    fail(uploads)
    in_database = list_errors("42", ErrorQuery(limit=KEPT - 1)).next
    publish(uploads, reports)
    (last,) = list_errors("42", ErrorQuery(cursor=in_database)).errors
    assert (KEPT + 1, None) == (last.row, last.record)
    in_report = list_errors("42", ErrorQuery(limit=1)).next
    reports.client.delete_object(Bucket="inbox", Key=report_location(uploads).key(ReportFile.ERRORS))
    with pytest.raises(FieldInvalid, match="cursor: its report no longer exists: start again without a cursor"):
        list_errors("42", ErrorQuery(cursor=in_report))


def test_cursor_of_an_earlier_attempt_is_refused(
    list_errors: List, uploads: PostgresUploads, reports: S3Reports
) -> None:
    """The cursor's position means nothing in the errors of another file."""
    publish(uploads, reports)
    fail(uploads)
    cursor = list_errors("42", ErrorQuery(limit=1)).next
    uploads.begin_announced(NEXT)
    publish(uploads, reports)
    with pytest.raises(FieldInvalid, match="cursor: expected one of the current attempt"):
        list_errors("42", ErrorQuery(cursor=cursor))


@pytest.mark.parametrize("upload_id", ["43", "../42"])
def test_unknown_upload_is_not_found(list_errors: List, upload_id: str) -> None:
    """Neither by a valid id nor by one that no upload can have."""
    with pytest.raises(UploadNotFound):
        list_errors(upload_id, ErrorQuery())


@pytest.mark.parametrize(
    "cursor", ["", "?", "ü", "MTIz", "LTE6NDI=", "/w==", "WzEsICJyZXBvcnQiLCAtMV0=", "WzEsICJ4IiwgMV0="]
)
def test_malformed_cursor_is_refused(cursor: str) -> None:
    """The query refuses it, before anything is read."""
    with pytest.raises(FieldInvalid, match="cursor: expected what came as `next`"):
        ErrorQuery(cursor=cursor)


@pytest.mark.parametrize("limit", [0, -1, MAX_ERRORS + 1])
def test_limit_out_of_range_is_refused(limit: int) -> None:
    """The message names the parameter."""
    with pytest.raises(FieldInvalid, match="limit"):
        ErrorQuery(limit=limit)


def test_first_page_has_what_mends_the_errors(list_errors: List, uploads: PostgresUploads, reports: S3Reports) -> None:
    """Each error has its suggestion; the rules come once, with the number of errors that they mend."""
    publish(uploads, reports, value="7_000")
    fail(uploads)
    first, second, *_ = pages(list_errors, 1)
    assert [("7000", "grouping")] == [(error.suggestion, error.rule) for error in first.errors]
    assert [("grouping", "id", ROWS)] == [(each.rule, each.column, each.count) for each in first.repairs]
    assert () == second.repairs
