"""Which files of an upload can be downloaded."""

from collections.abc import Collection
from contextlib import suppress

from attrs import frozen

from chalicelib.errors import ReportUnavailable, ResultUnavailable
from chalicelib.uploads.ports import UploadQueries
from chalicelib.uploads.queries import find_upload
from chalicelib.uploads.read_models import Upload
from chalicelib.uploads.reports import ReportFile, ReportFormat, current_report_location
from chalicelib.uploads.results import ResultPart, current_result_location
from chalicelib.uploads.storage_ports import ReportStore, ResultStore


@frozen(kw_only=True)
class Downloads:
    """The files of the current attempt that exist. Both lists are empty before its verdict."""

    report: tuple[ReportFormat, ...]
    """The formats of the full report; empty if there is none, or it has been deleted."""
    result: tuple[ResultPart, ...]
    """The parts of the file; empty if it was not split, or they have been deleted."""


def find_downloads(
    upload_id: str,
    *,
    owner: str | None = None,
    uploads: UploadQueries,
    reports: ReportStore,
    results: ResultStore,
) -> Downloads:
    """Return which files of the current attempt exist; raises UploadNotFound, ObjectForbidden or StorageUnavailable."""
    upload = find_upload(upload_id, owner=owner, uploads=uploads)
    if not upload.status.is_verdict:
        return Downloads(report=(), result=())
    report, result = _report_files(upload, reports), _result_files(upload, results)
    return Downloads(
        report=tuple(it for it in ReportFormat if it.file in report),
        result=tuple(it for it in ResultPart if it.file in result),
    )


def _report_files(upload: Upload, reports: ReportStore) -> Collection[str]:
    """Return the names of the files of the report. The page is written last: without it there is no report."""
    with suppress(ReportUnavailable):
        names = reports.names(current_report_location(upload))
        return names if ReportFile.PAGE in names else ()
    return ()


def _result_files(upload: Upload, results: ResultStore) -> Collection[str]:
    with suppress(ResultUnavailable):
        return results.names(current_result_location(upload))
    return ()
