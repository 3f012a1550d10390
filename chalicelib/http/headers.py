"""Headers that come with answers about uploads."""

from collections.abc import Mapping

from chalice.app import Request

from chalicelib.http import requests as http_requests
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.read_models import ErrorPage, RegisteredUpload, SharedReport, Upload

_SECONDS = {Status.PENDING: 5, Status.VALIDATING: 1}
"""After how long it is worth asking again, where there is no verdict yet."""


def retry_after(upload: Upload, _request: Request) -> Mapping[str, str]:
    """Tell when to ask again for a verdict, if there is none."""
    return {"Retry-After": str(_SECONDS[upload.status])} if upload.status in _SECONDS else {}


def shared(report: SharedReport, _request: Request) -> Mapping[str, str]:
    """Send whoever asks on to the report; the address is theirs, and not for long."""
    return {"Location": report.url}


def kept_by_nobody(_page: ErrorPage, _request: Request) -> Mapping[str, str]:
    """Have no browser write down what is in somebody's file, as none does with the report."""
    return {"Cache-Control": "no-store"}


def location(registered: RegisteredUpload, request: Request) -> Mapping[str, str]:
    """Tell where the upload can be asked for."""
    return {"Location": f"{http_requests.address(request)}/uploads/{registered.upload.upload_id}"}
