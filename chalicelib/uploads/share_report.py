"""Let somebody read the full report of an upload."""

from attrs import frozen

from chalicelib.telemetry import logs
from chalicelib.uploads.contracts import SharedReport
from chalicelib.uploads.find_upload import FindUpload
from chalicelib.uploads.ports import ReportStore, UploadStatusRepository
from chalicelib.uploads.present_report import present_report
from chalicelib.uploads.report_place import Artefact

SHARED_SECONDS = 300
"""How long an address can be used: enough to open it, and too short to be found in somebody's history."""


@frozen(kw_only=True)
class ShareReport:
    """Gives addresses of reports; whoever has one can read the report, so each is good for a short time only."""

    uploads: UploadStatusRepository
    reports: ReportStore

    def __call__(self, upload_id: str, artefact: Artefact = Artefact.PAGE, owner: str | None = None) -> SharedReport:
        """Give an address for a part of the report on the present attempt.

        Raises UploadNotFound, ReportUnavailable, ObjectForbidden or StorageUnavailable.
        """
        place = present_report(FindUpload(uploads=self.uploads)(upload_id, owner))
        logs.note(execution=place.execution_name)
        url = self.reports.share(place, artefact, SHARED_SECONDS)
        return SharedReport(url=url, expires_in=SHARED_SECONDS)
