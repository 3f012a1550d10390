"""Views: results of use cases as JSON, and Assay's errors as problem details (RFC 9457)."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from functools import update_wrapper, wraps
from hashlib import sha256
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from attrs import frozen
from chalice import Blueprint, Response
from chalice.app import Request

from chalicelib import codec, web
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
    ResultUnavailable,
    SchemaInvalid,
    SchemaUnknown,
    SettingsMissing,
    Unavailable,
    UploadNotFound,
)
from chalicelib.http import requests as http_requests
from chalicelib.http.requests import NoParameters
from chalicelib.telemetry import logs
from chalicelib.web import StaticFile

STATUSES: Mapping[type[AssayError], HTTPStatus] = MappingProxyType(
    {
        RequestMalformed: HTTPStatus.BAD_REQUEST,
        OwnerUnknown: HTTPStatus.FORBIDDEN,
        LinkInvalid: HTTPStatus.FORBIDDEN,
        UploadNotFound: HTTPStatus.NOT_FOUND,
        ReportUnavailable: HTTPStatus.NOT_FOUND,
        ResultUnavailable: HTTPStatus.NOT_FOUND,
        SchemaUnknown: HTTPStatus.NOT_FOUND,
        PageFileUnknown: HTTPStatus.NOT_FOUND,
        LinksDisabled: HTTPStatus.CONFLICT,
        NothingToValidate: HTTPStatus.CONFLICT,
        AttemptSuperseded: HTTPStatus.CONFLICT,
        SchemaInvalid: HTTPStatus.CONFLICT,
        FieldInvalid: HTTPStatus.UNPROCESSABLE_ENTITY,
        Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
"""The status of each error of a request. Any other error is a fault of Assay's: 500."""

_SECONDS_UNTIL_AVAILABLE = 5
_WHERE_SETTINGS_ARE = (
    "run `make serve`, export in this shell what it prints, and start `chalice local --stage local`;"
    " or open the page that `make serve` serves"
)

_REVALIDATE: Mapping[str, str] = MappingProxyType({"Cache-Control": "private, no-cache"})
_NO_STORE: Mapping[str, str] = MappingProxyType({"Cache-Control": "no-store"})
"""Responses differ by caller and over time. Without a directive, a shared cache could serve one to another caller."""

Ask = Callable[..., object]
Headers = Callable[[Any, Request], Mapping[str, str]]


def _no_headers(_result: object, _request: Request) -> Mapping[str, str]:
    return {}


@frozen(kw_only=True)
class Operation:
    """What a route accepts and returns. Its view enforces it, and the API's description is generated from it."""

    status: HTTPStatus
    query: type
    body: type | None
    problems: tuple[type[AssayError], ...]
    """Errors that this route may raise, besides those that every route may."""
    headers: Headers


class JsonView:
    """A view that returns the result of a function, or problem details of the error that it raises."""

    def __init__(self, routes: Blueprint, ask: Ask, operation: Operation) -> None:
        """Take the function's name and docstring."""
        update_wrapper(self, ask)
        self.ask = ask
        self.operation = operation
        self._routes = routes

    def __call__(self, **path: str) -> Response:
        """Return the response to the current request, which has these path parameters."""
        request = self._routes.current_request
        response = _for_reader(self._respond(request, path), request)
        logs.add_fields(outcome=response.status_code)
        return response

    def _respond(self, request: Request, path: Mapping[str, str]) -> Response:
        operation = self.operation
        try:
            asked = http_requests.read(request, operation.query, operation.body)
            result = self.ask(**path, **asked)
        except AssayError as error:
            return _problem_of(error)
        except Exception as error:
            # Chalice responds with 500 and logs the traceback. The canonical line must not have the outcome `done`.
            logs.add_failure(error)
            raise
        can_revalidate = request.method == "GET" and operation.status == HTTPStatus.OK
        caching = _REVALIDATE if can_revalidate else _NO_STORE
        headers = {"Content-Type": "application/json", **caching, **operation.headers(result, request)}
        response = Response(codec.unstructure(result), headers=headers, status_code=operation.status)
        return _not_modified_or(response, request) if can_revalidate else response


def json_view(  # noqa: PLR0913 - the properties of a route
    routes: Blueprint,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    query: type = NoParameters,
    body: type | None = None,
    problems: Sequence[type[AssayError]] = (),
    headers: Headers = _no_headers,
) -> Callable[[Ask], JsonView]:
    """Return a decorator that makes a function a JSON view.

    The function is called with the path parameters, and with `query` and `body` if these have contracts. A request that
    breaks a contract is answered with problem details. `headers` are computed from the function's result. A GET whose
    If-None-Match has the ETag of the response is answered with 304.
    """
    operation = Operation(status=status, query=query, body=body, problems=tuple(problems), headers=headers)
    return lambda ask: JsonView(routes, ask, operation)


def file_view(load: Callable[..., StaticFile]) -> Callable[..., Response]:
    """Make a function a view that returns a file, or problem details of the error that it raises."""

    @wraps(load)
    def view(**path: str) -> Response:
        try:
            file = load(**path)
        except AssayError as error:
            response = _problem_of(error)
        else:
            response = Response(file.content, headers=dict(file.headers), status_code=HTTPStatus.OK)
        logs.add_fields(outcome=response.status_code)
        return response

    return view


def _for_reader(response: Response, request: Request) -> Response:
    """Return a problem as a page, if a browser opened its URL; programs get problem details."""
    accepted = request.headers.get("accept", "")
    is_opened = request.method == "GET" and "text/html" in accepted and "application/json" not in accepted
    if response.status_code < HTTPStatus.BAD_REQUEST or not is_opened:
        return response
    page = web.problem_page(response.body["title"], response.body["detail"], language=http_requests.language(request))
    return Response(page.content, headers=dict(page.headers), status_code=response.status_code)


def as_problem_details(response: Response) -> Response:
    """Convert Chalice's own error responses (unknown method, media type, failure) to problem details."""
    match response.body:
        case {"Code": str(title), "Message": str(detail), **rest} if not rest and response.status_code != HTTPStatus.OK:
            return _problem(response.status_code, title, detail, response.headers)
    return response


def _not_modified_or(response: Response, request: Request) -> Response:
    """Return 304 without a body if the request has the response's ETag, else the response."""
    digest = sha256(json.dumps(response.body, sort_keys=True).encode()).hexdigest()
    # Weak, because API Gateway may compress the response.
    response.headers["ETag"] = etag = f'W/"{digest[:32]}"'
    cached = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if not cached & {"*", etag.removeprefix("W/")}:
        return response
    remaining = {name: value for name, value in response.headers.items() if name != "Content-Type"}
    return Response("", headers=remaining, status_code=HTTPStatus.NOT_MODIFIED)


def _problem_of(error: AssayError) -> Response:
    status = next((status for kind, status in STATUSES.items() if isinstance(error, kind)), None)
    if isinstance(error, SettingsMissing) and "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        # `chalice local` in a shell without the settings: on Lambda it would be a fault, and an alarm.
        logs.add_error(error)
        return _problem(HTTPStatus.SERVICE_UNAVAILABLE, type(error).__name__, f"{error}: {_WHERE_SETTINGS_ARE}")
    if status is None:
        logs.add_failure(error)
        raise error
    detail, headers = str(error), {}
    if isinstance(error, Unavailable):
        # The log has the details: which part is unavailable, and where it is, are not for callers.
        logs.add_error(error)
        detail, headers = "try again in a moment", {"Retry-After": str(_SECONDS_UNTIL_AVAILABLE)}
    return _problem(status, type(error).__name__, detail, headers)


def _problem(status: int, title: str, detail: str, headers: Mapping[str, Any] = MappingProxyType({})) -> Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    sent = {**headers, **_NO_STORE, "Content-Type": "application/problem+json"}
    return Response(body, headers=sent, status_code=status)
