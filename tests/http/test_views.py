"""Views: parsing requests by contracts, and problem details."""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import pytest
from attrs import frozen
from chalice import Chalice
from chalice.test import Client

from chalicelib.errors import SettingsIncomplete, StorageUnavailable, UploadNotFound
from chalicelib.http import views
from chalicelib.http.requests import BODY_BYTES

JSON = {"Content-Type": "application/json"}
api = Chalice(app_name="views", configure_logs=False)


@frozen(kw_only=True)
class Page:
    """The contract of a query."""

    owner_name: str
    limit: int | None = None


@frozen(kw_only=True)
class Note:
    """The contract of a body."""

    text: str


@api.middleware("http")
def _as_problem_details(event: Any, get_response: Any) -> Any:
    return views.as_problem_details(get_response(event))


@api.route("/notes/{name}")
@views.json_view(api, query=Page)
def _list(name: str, query: Page) -> dict[str, Any]:
    return {"name": name, "owner": query.owner_name, "limit": query.limit}


@api.route("/notes/{name}", methods=["POST"])
@views.json_view(api, body=Note, status=HTTPStatus.CREATED)
def _write(name: str, body: Note) -> dict[str, str]:
    return {"name": name, "text": body.text}


_RAISED = {"404": UploadNotFound("no such"), "503": StorageUnavailable("down"), "500": SettingsIncomplete("ours")}


@api.route("/raise/{name}")
@views.json_view(api)
def _raise(name: str) -> None:
    raise _RAISED[name]


@pytest.fixture
def client() -> Iterator[Client]:
    """Chalice's test client."""
    with Client(api) as client:
        yield client


def post(client: Client, content: bytes, headers: Mapping[str, str] = JSON) -> tuple[int, Any]:
    """Send a body; return the status and the body of the response."""
    answer = client.http.post("/notes/a", headers=headers, body=content)
    return answer.status_code, answer.json_body


def problem(detail: str, status: int = 400, title: str = "RequestMalformed") -> tuple[int, Any]:
    """Return the expected problem details (RFC 9457)."""
    return status, {"type": "about:blank", "title": title, "status": status, "detail": detail}


def test_query_and_body_are_parsed_by_their_contracts(client: Client) -> None:
    """Names are in camelCase in requests, and digits become a number if the contract has one."""
    answer = client.http.get("/notes/a?ownerName=7&limit=20").json_body
    assert {"name": "a", "owner": "7", "limit": 20} == answer
    assert (201, {"name": "a", "text": "b"}) == post(client, b'{"text": "b"}')


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("", "query.ownerName: required, but missing"),
        ("ownerName=a&limit=ten", "query.limit: expected a whole number"),
        ("ownerName=a&limit=1e3", "query.limit: expected a whole number"),
        ("ownerName=a&limit=" + "9" * 5000, "query.limit: expected a whole number"),
        ("ownerName=a&pageSize=3", "query: unknown pageSize"),
        ("ownerName=a&ownerName=b", "query: ownerName given more than once"),
    ],
)
def test_query_that_breaks_its_contract_is_a_400(client: Client, query: str, detail: str) -> None:
    """The detail has the path. Misspelt parameters are not ignored."""
    answer = client.http.get(f"/notes/a?{query}")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json_body["detail"].startswith(detail)


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"", "body: expected JSON"),
        (b"{", "body: expected JSON"),
        (b"[" * 100_000, "body: expected JSON"),
        (b"\xff", "body: expected JSON"),
        (b"9" * 5000, "body: expected JSON"),
        (b"[1]", "body: expected an object"),
        (b'{"text": 1}', "body.text: expected text"),
        (b'{"text": "a", "more": 1}', "body: unknown more"),
        (b'{"text": "a", "text": "b"}', "body: text given more than once"),
        (b'"' + b"a" * BODY_BYTES + b'"', f"body: expected at most {BODY_BYTES} bytes"),
    ],
)
def test_body_that_breaks_its_contract_is_a_400(client: Client, content: bytes, detail: str) -> None:
    """The detail has the path."""
    assert problem(detail) == post(client, content)


def test_unexpected_body_is_refused(client: Client) -> None:
    """A client that sends a body expects it to have an effect."""
    answer = client.http.request("GET", "/notes/a?ownerName=a", body=b"{}")
    assert problem("body: expected none") == (answer.status_code, answer.json_body)


@pytest.mark.parametrize(("name", "title"), [("404", "UploadNotFound"), ("503", "StorageUnavailable")])
def test_exception_is_a_problem_with_its_status(client: Client, name: str, title: str) -> None:
    """A problem does not disclose which part is unavailable."""
    answer = client.http.get(f"/raise/{name}")
    detail = "no such" if name == "404" else "try again in a moment"
    assert problem(detail, int(name), title) == (answer.status_code, answer.json_body)


@pytest.mark.parametrize("name", ["500", "KeyError"])
def test_unexpected_exception_is_a_500_without_details(client: Client, name: str) -> None:
    """The response is problem details, nevertheless."""
    answer = client.http.get(f"/raise/{name}")
    expected = problem("An internal server error occurred.", 500, "InternalServerError")
    assert expected == (answer.status_code, answer.json_body)


def test_chalices_own_errors_are_problem_details(client: Client) -> None:
    """These are unknown media types and methods; Chalice's headers are kept."""
    status, answer = post(client, b"<note/>", {"Content-Type": "text/xml"})
    assert problem("Unsupported media type: text/xml", 415, "UnsupportedMediaType") == (status, answer)
    context = {"resourcePath": "/notes/{name}", "httpMethod": "DELETE"}
    event: dict[str, Any] = {
        "requestContext": context,
        "headers": {},
        "pathParameters": {"name": "a"},
        "stageVariables": None,
    }
    event = {**event, "multiValueQueryStringParameters": None, "body": None, "isBase64Encoded": False}
    answer = api(event, None)
    assert "GET, POST" == answer["headers"]["Allow"]
    assert problem("Unsupported method: DELETE", 405, "MethodNotAllowedError") == (
        answer["statusCode"],
        json.loads(answer["body"]),
    )
