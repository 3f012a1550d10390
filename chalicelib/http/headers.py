"""Headers of responses about uploads."""

from collections.abc import Mapping

from chalice.app import Request

from chalicelib.http import requests as http_requests
from chalicelib.uploads.downloads import Downloads
from chalicelib.uploads.health import HEALTH_SECONDS
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.read_models import ErrorCauses, ErrorPage, Health, RegisteredUpload, SharedReport, Upload

_SECONDS = {Status.PENDING: 5, Status.VALIDATING: 1}
"""How long to wait before asking again for the verdict."""
_SECONDS_IN_PARTS = 5
"""The same while a file is validated in parts: that takes longer, and each answer lists what the parts have written."""


def retry_after(upload: Upload, _request: Request) -> Mapping[str, str]:
    """Return Retry-After, if there is no verdict yet."""
    if upload.status not in _SECONDS:
        return {}
    return {"Retry-After": str(_SECONDS_IN_PARTS if upload.parts else _SECONDS[upload.status])}


def see_other(report: SharedReport, _request: Request) -> Mapping[str, str]:
    """Redirect to the report, at a presigned URL that expires soon."""
    return {"Location": report.url}


def no_store(_result: ErrorPage | ErrorCauses | SharedReport | Downloads, _request: Request) -> Mapping[str, str]:
    """Forbid caching: errors contain cell values, the URL of a report grants access, and files are deleted."""
    return {"Cache-Control": "no-store"}


def shared_for_seconds(_health: Health, _request: Request) -> Mapping[str, str]:
    """Let caches reuse the health for as long as Assay does."""
    return {"Cache-Control": f"public, max-age={HEALTH_SECONDS}"}


def location(registered: RegisteredUpload, request: Request) -> Mapping[str, str]:
    """Return the URL of the registered upload."""
    return {"Location": f"{http_requests.address(request)}/uploads/{registered.upload.upload_id}"}
