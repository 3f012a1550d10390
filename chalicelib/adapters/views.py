"""HTTP: what the use cases answer, as JSON, and our errors as problem details (RFC 9457)."""

import json
from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, ParamSpec

from chalice import Response
from chalice.app import Request

from chalicelib import codec, logs
from chalicelib.errors import (
    AssayError,
    AttemptSuperseded,
    NothingToValidate,
    RequestMalformed,
    Unavailable,
    UploadNotFound,
)

P = ParamSpec("P")

_STATUSES: Mapping[type[AssayError], HTTPStatus] = MappingProxyType(
    {
        RequestMalformed: HTTPStatus.BAD_REQUEST,
        UploadNotFound: HTTPStatus.NOT_FOUND,
        NothingToValidate: HTTPStatus.CONFLICT,
        AttemptSuperseded: HTTPStatus.CONFLICT,
        Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
"""Any other error is a fault of ours."""


def json_view(*, status: HTTPStatus = HTTPStatus.OK) -> Callable[[Callable[P, object]], Callable[P, Response]]:
    """Make a view that answers with that status and what the function gives, or with the problem that it raises."""

    def decorate(ask: Callable[P, object]) -> Callable[P, Response]:
        @wraps(ask)
        def view(*args: P.args, **kwargs: P.kwargs) -> Response:
            try:
                answer = codec.unstructure(ask(*args, **kwargs))
                response = Response(answer, headers={"Content-Type": "application/json"}, status_code=status)
            except AssayError as error:
                response = _problem(error)
            except Exception as error:
                # Chalice makes it a 500 and logs the trace; our own line must not say that all is well.
                logs.note(outcome="failed", error=type(error).__name__)
                raise
            logs.note(outcome=response.status_code)
            return response

        return view

    return decorate


def body(request: Request) -> Any:
    """Give what the request's body says in JSON; raises RequestMalformed."""
    try:
        return json.loads(request.raw_body)
    except (ValueError, RecursionError):
        raise RequestMalformed("$: expected a body in JSON") from None


def caller(request: Request) -> str:
    """Name whoever asks, as the audit is to have it: by the ARN that API Gateway has made sure of."""
    identity = request.context.get("identity") or {}
    return f"api:{identity.get('userArn') or 'anonymous'}"


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
