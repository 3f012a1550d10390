"""HTTP: what the use cases answer, as JSON, and our errors as problem details (RFC 9457)."""

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from types import MappingProxyType
from typing import ParamSpec

from chalice import Response

from chalicelib import codec, logs
from chalicelib.errors import AssayError, Unavailable, UploadNotFound

P = ParamSpec("P")

_STATUSES: Mapping[type[AssayError], HTTPStatus] = MappingProxyType(
    {UploadNotFound: HTTPStatus.NOT_FOUND, Unavailable: HTTPStatus.SERVICE_UNAVAILABLE}
)
"""Any other error is a fault of ours."""


def json_view(ask: Callable[P, object]) -> Callable[P, Response]:
    """Make a view that answers with what `ask` gives, or with the problem that it raises."""

    @wraps(ask)
    def view(*args: P.args, **kwargs: P.kwargs) -> Response:
        try:
            response = Response(codec.unstructure(ask(*args, **kwargs)), headers={"Content-Type": "application/json"})
        except AssayError as error:
            response = _problem(error)
        except Exception as error:
            # Chalice makes it a 500 and logs the trace; our own line must not say that all is well.
            logs.note(outcome="failed", error=type(error).__name__)
            raise
        logs.note(outcome=response.status_code)
        return response

    return view


def _problem(error: AssayError) -> Response:
    status = next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), None)
    if status is None:
        logs.note(outcome="failed", error=type(error).__name__, reason=str(error))
        raise error
    detail = str(error)
    if isinstance(error, Unavailable):
        # What is down, and where it is, is for our eyes only.
        logs.note(error=type(error).__name__, reason=detail)
        detail = "try again in a moment"
    body = {"type": "about:blank", "title": type(error).__name__, "status": status, "detail": detail}
    return Response(body, headers={"Content-Type": "application/problem+json"}, status_code=status)
