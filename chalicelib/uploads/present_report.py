"""Which report is the one of an upload."""

from chalicelib.errors import ReportUnavailable
from chalicelib.uploads.contracts import Upload
from chalicelib.uploads.report_place import ReportPlace


def present_report(upload: Upload) -> ReportPlace:
    """Give the place of the report on the present attempt; raises ReportUnavailable if there can be none.

    An execution can have written one and failed afterwards: that tells of errors of which there is no verdict.
    """
    if upload.execution_name is None:
        raise ReportUnavailable(f"nobody has begun to validate upload {upload.upload_id}")
    if upload.system_failure:
        raise ReportUnavailable(f"upload {upload.upload_id} could not be checked: replay it, or upload the file again")
    return ReportPlace(bucket=upload.bucket, upload_id=upload.upload_id, execution_name=upload.execution_name)
