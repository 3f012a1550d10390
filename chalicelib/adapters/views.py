"""HTTP: what the use cases answer, as JSON, and our errors as problem details (RFC 9457)."""

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from chalice import Chalice, Response
from chalice.app import Request

from chalicelib import codec, logs
from chalicelib.adapters import http_requests
from chalicelib.adapters.http_requests import Nothing
from chalicelib.errors import (
    AssayError,
    AttemptSuperseded,
    NothingToValidate,
    RequestMalformed,
    Unavailable,
    UploadNotFound,
)

_STATUSES: Mapping[type[AssayError], HTTPStatus] = MappingProxyType(
    {
        UploadNotFound: HTTPStatus.NOT_FOUND,
        NothingToValidate: HTTPStatus.CONFLICT,
        AttemptSuperseded: HTTPStatus.CONFLICT,
        Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
"""Any other error is a fault of ours."""

Ask = Callable[..., object]
View = Callable[..., Response]


def json_view(
    app: Chalice, *, status: HTTPStatus = HTTPStatus.OK, query: type = Nothing, body: type | None = None
) -> Callable[[Ask], View]:
    """Make a view that answers with that status and what the function gives, or with the problem that it raises.

    The function is called with what is in the path, and with `query` and `body` if there are contracts for them. A
    request that does not keep to these is a problem of its own, and the function is not called.
    """

    def decorate(ask: Ask) -> View:
        @wraps(ask)
        def view(**path: str) -> Response:
            try:
                asked = http_requests.read(app.current_request, query, body)
            except RequestMalformed as error:
                response = _problem(HTTPStatus.BAD_REQUEST, type(error).__name__, str(error))
            else:
                response = _answer(status, lambda: ask(**path, **asked))
            logs.note(outcome=response.status_code)
            return response

        return view

    return decorate


def caller(request: Request) -> str:
    """Name whoever asks, as the audit is to have it: by the ARN that API Gateway has made sure of."""
    identity = request.context.get("identity") or {}
    return f"api:{identity.get('userArn') or 'anonymous'}"


def in_our_form(response: Response) -> Response:
    """Give Chalice's own problems (no such method, another media type, a failure) the form that ours have."""
    match response.body:
        case {"Code": str(title), "Message": str(detail), **rest} if not rest:
            return _problem(response.status_code, title, detail, response.headers)
    return response


def _answer(status: HTTPStatus, ask: Callable[[], object]) -> Response:
    try:
        return Response(codec.unstructure(ask()), headers={"Content-Type": "application/json"}, status_code=status)
    except AssayError as error:
        return _problem_of(error)
    except Exception as error:
        # Chalice makes it a 500 and logs the trace; our own line must not say that all is well.
        logs.note(outcome="failed", error=type(error).__name__)
        raise


def _problem_of(error: AssayError) -> Response:
    status = next((status for kind, status in _STATUSES.items() if isinstance(error, kind)), None)
    if status is None:
        logs.note(outcome="failed", error=type(error).__name__, reason=str(error))
        raise error
    detail = str(error)
    if isinstance(error, Unavailable):
        # What is down, and where it is, is for our eyes only.
        logs.note(error=type(error).__name__, reason=detail)
        detail = "try again in a moment"
    return _problem(status, type(error).__name__, detail)


def _problem(status: int, title: str, detail: str, headers: Mapping[str, Any] = MappingProxyType({})) -> Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(body, headers={**headers, "Content-Type": "application/problem+json"}, status_code=status)
