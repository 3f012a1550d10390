"""HTTP: what the use cases answer, as JSON, and our errors as problem details (RFC 9457)."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import update_wrapper, wraps
from hashlib import sha256
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from attrs import frozen
from chalice import Chalice, Response
from chalice.app import Request

from chalicelib import codec
from chalicelib.errors import (
    AssayError,
    AttemptSuperseded,
    FieldInvalid,
    LinkInvalid,
    LinksDisabled,
    NothingToValidate,
    OwnerUnknown,
    PageFileUnknown,
    ReportUnavailable,
    RequestMalformed,
    SchemaInvalid,
    SchemaUnknown,
    Unavailable,
    UploadNotFound,
    UploadUnregistered,
)
from chalicelib.http import requests as http_requests
from chalicelib.http.requests import Nothing
from chalicelib.telemetry import logs
from chalicelib.web import Served

STATUSES: Mapping[type[AssayError], HTTPStatus] = MappingProxyType(
    {
        RequestMalformed: HTTPStatus.BAD_REQUEST,
        OwnerUnknown: HTTPStatus.FORBIDDEN,
        LinkInvalid: HTTPStatus.FORBIDDEN,
        UploadNotFound: HTTPStatus.NOT_FOUND,
        ReportUnavailable: HTTPStatus.NOT_FOUND,
        SchemaUnknown: HTTPStatus.NOT_FOUND,
        PageFileUnknown: HTTPStatus.NOT_FOUND,
        LinksDisabled: HTTPStatus.CONFLICT,
        UploadUnregistered: HTTPStatus.CONFLICT,
        NothingToValidate: HTTPStatus.CONFLICT,
        AttemptSuperseded: HTTPStatus.CONFLICT,
        SchemaInvalid: HTTPStatus.CONFLICT,
        FieldInvalid: HTTPStatus.UNPROCESSABLE_ENTITY,
        Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
"""Any other error is a fault of ours."""

_SECONDS_UNTIL_AVAILABLE = 5

_KEPT_IF_ASKED_AGAIN: Mapping[str, str] = MappingProxyType({"Cache-Control": "private, no-cache"})
_KEPT_BY_NOBODY: Mapping[str, str] = MappingProxyType({"Cache-Control": "no-store"})
"""What is told is for whoever asks, and changes: without a word a cache on the way may give it to the next one."""

Ask = Callable[..., object]
Headers = Callable[[Any, Request], Mapping[str, str]]


def _no_headers(_answer: object, _request: Request) -> Mapping[str, str]:
    return {}


@frozen(kw_only=True)
class Operation:
    """What a route takes and gives, which its view keeps to and the description of the API is made from."""

    status: HTTPStatus
    query: type
    body: type | None
    problems: tuple[type[AssayError], ...]
    """What may come in the place of an answer, beside what may always come."""
    headers: Headers


class JsonView:
    """A view that answers with what a function gives, or with the problem that it raises."""

    def __init__(self, app: Chalice, ask: Ask, operation: Operation) -> None:
        """Have the view go by the function's name."""
        update_wrapper(self, ask)
        self.ask = ask
        self.operation = operation
        self._app = app

    def __call__(self, **path: str) -> Response:
        """Answer the present request, in whose path these are."""
        response = self._respond(self._app.current_request, path)
        logs.add_fields(outcome=response.status_code)
        return response

    def _respond(self, request: Request, path: Mapping[str, str]) -> Response:
        operation = self.operation
        try:
            asked = http_requests.read(request, operation.query, operation.body)
            answer = self.ask(**path, **asked)
        except AssayError as error:
            return _problem_of(error)
        except Exception as error:
            # Chalice makes it a 500 and logs the trace; our own line must not say that all is well.
            logs.add_failure(error)
            raise
        can_be_known = request.method == "GET" and operation.status == HTTPStatus.OK
        keeping = _KEPT_IF_ASKED_AGAIN if can_be_known else _KEPT_BY_NOBODY
        headers = {"Content-Type": "application/json", **keeping, **operation.headers(answer, request)}
        response = Response(codec.unstructure(answer), headers=headers, status_code=operation.status)
        return _unless_known(response, request) if can_be_known else response


def json_view(  # noqa: PLR0913 - what there is to say of a route
    app: Chalice,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    query: type = Nothing,
    body: type | None = None,
    problems: Sequence[type[AssayError]] = (),
    headers: Headers = _no_headers,
) -> Callable[[Ask], JsonView]:
    """Make a view that answers with that status and what the function gives, or with the problem that it raises.

    The function is called with what is in the path, and with `query` and `body` if there are contracts for them. A
    request that does not keep to these is a problem of its own, and the function is not called. `headers` are made
    from the answer. Whoever has the answer to a GET already, and says so by its ETag, is not sent it again.
    """
    operation = Operation(status=status, query=query, body=body, problems=tuple(problems), headers=headers)
    return lambda ask: JsonView(app, ask, operation)


def file_view(give: Callable[..., Served]) -> Callable[..., Response]:
    """Make a view that answers with a file, or with the problem that comes in its place."""

    @wraps(give)
    def view(**path: str) -> Response:
        try:
            served = give(**path)
        except AssayError as error:
            response = _problem_of(error)
        else:
            response = Response(served.content, headers=dict(served.headers), status_code=HTTPStatus.OK)
        logs.add_fields(outcome=response.status_code)
        return response

    return view


def in_our_form(response: Response) -> Response:
    """Give Chalice's own problems (no such method, another media type, a failure) the form that ours have."""
    match response.body:
        case {"Code": str(title), "Message": str(detail), **rest} if not rest and response.status_code != HTTPStatus.OK:
            return _problem(response.status_code, title, detail, response.headers)
    return response


def _unless_known(response: Response, request: Request) -> Response:
    """Leave the body out if whoever asks has it."""
    digest = sha256(json.dumps(response.body, sort_keys=True).encode()).hexdigest()
    # Weak, for API Gateway may compress what it sends.
    response.headers["ETag"] = etag = f'W/"{digest[:32]}"'
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if not known & {"*", etag.removeprefix("W/")}:
        return response
    kept = {name: value for name, value in response.headers.items() if name != "Content-Type"}
    return Response("", headers=kept, status_code=HTTPStatus.NOT_MODIFIED)


def _problem_of(error: AssayError) -> Response:
    status = next((status for kind, status in STATUSES.items() if isinstance(error, kind)), None)
    if status is None:
        logs.add_failure(error)
        raise error
    detail, headers = str(error), {}
    if isinstance(error, Unavailable):
        # What is down, and where it is, is for our eyes only.
        logs.add_error(error)
        detail, headers = "try again in a moment", {"Retry-After": str(_SECONDS_UNTIL_AVAILABLE)}
    return _problem(status, type(error).__name__, detail, headers)


def _problem(status: int, title: str, detail: str, headers: Mapping[str, Any] = MappingProxyType({})) -> Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    told = {**headers, **_KEPT_BY_NOBODY, "Content-Type": "application/problem+json"}
    return Response(body, headers=told, status_code=status)
