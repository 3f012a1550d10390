"""Callers with a token see the uploads of the owner that it names."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from chalice.test import Client

import app
from tests.http.api_client import JSON, begin


class Caller:
    """A caller with a token, whose claims API Gateway has verified."""

    def __init__(self, claims: Mapping[str, str] | None) -> None:
        """Keep the claims."""
        own = {"principalId": "x", "email": "own@example.com"}
        self.context: Mapping[str, object] = own if claims is None else {"claims": claims}

    def request(self, method: str, route: str, body: object = None, **path: str) -> tuple[int, Any]:
        """Send a request as API Gateway passes it on; return the status and the body of the response."""
        event = {
            "requestContext": {
                "resourcePath": route,
                "httpMethod": method,
                "path": f"/api{route.format(**path)}",
                "domainName": "example.com",
                "authorizer": self.context,
            },
            "headers": JSON,
            "pathParameters": path,
            "multiValueQueryStringParameters": None,
            "stageVariables": None,
            "body": None if body is None else json.dumps(body),
            "isBase64Encoded": False,
        }
        answer = app.app(event, _Context())
        return answer["statusCode"], json.loads(answer["body"])


class _Context:
    function_name = "api_handler"
    aws_request_id = "r"
    invoked_function_arn = ""


@pytest.fixture
def by_email(client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """The app with the token's `email` as owner."""
    monkeypatch.setenv("OWNER_CLAIM", "email")
    app.services.cache_clear()
    yield client
    app.services().close()


@pytest.mark.usefixtures("by_email")
def test_owner_is_taken_from_the_token() -> None:
    """A registration may repeat it, but not name another owner."""
    ada = Caller({"email": "ada@example.com"})
    status, answer = ada.request("POST", "/uploads", {"filename": "a.csv"})
    assert (201, "ada@example.com") == (status, answer["upload"]["owner"])
    assert answer["link"]["url"].startswith("https://example.com/api/links#")
    assert "api:ada@example.com" == answer["upload"]["timeline"][0]["actor"]
    status, problem = ada.request("POST", "/uploads", {"filename": "a.csv", "owner": "bob@example.com"})
    assert (422, "owner: expected none, or that of the request's token") == (status, problem["detail"])


@pytest.mark.usefixtures("by_email")
def test_uploads_of_other_owners_are_not_found() -> None:
    """They can neither be read nor replayed."""
    ada, bob = Caller({"email": "ada@example.com"}), Caller({"email": "bob@example.com"})
    upload = ada.request("POST", "/uploads", {"filename": "a.csv"})[1]["upload"]
    begin(upload)
    named = {"upload_id": upload["uploadId"]}
    scoped = [
        (method, path)
        for path, entries in app.app.routes.items()
        for method, entry in entries.items()
        if path.startswith("/uploads/{upload_id}") and entry.authorizer
    ]
    assert len(scoped) >= 5
    for method, path in scoped:
        body = {"reason": "to see"} if app.app.routes[path][method].view_function.operation.body else None
        status, problem = bob.request(method, path, body, **named)
        assert (404, "UploadNotFound") == (status, problem["title"])
        assert "UploadNotFound" != ada.request(method, path, body, **named)[1].get("title")
    assert {"uploads": [], "next": None} == bob.request("GET", "/uploads")[1]
    assert [upload["uploadId"]] == [it["uploadId"] for it in ada.request("GET", "/uploads")[1]["uploads"]]


@pytest.mark.usefixtures("by_email")
@pytest.mark.parametrize("claims", [{}, {"email": ""}, {"email": "a/b"}])
def test_token_without_an_owner_is_refused(claims: dict[str, str]) -> None:
    """Without an owner, the caller would see all uploads."""
    status, problem = Caller(claims).request("GET", "/uploads")
    assert (403, "OwnerUnknown") == (status, problem["title"])


@pytest.mark.usefixtures("by_email")
def test_owner_is_taken_from_a_lambda_authorizer() -> None:
    """Instead of claims, a Lambda authorizer passes its context, whose members are texts."""
    own = Caller(None)
    assert (200, {"uploads": [], "next": None}) == own.request("GET", "/uploads")
    own.context = {**own.context, "claims": '{"email": "other@example.com"}'}
    assert "own@example.com" == own.request("POST", "/uploads", {"filename": "a.csv"})[1]["upload"]["owner"]


@pytest.mark.usefixtures("by_email")
@pytest.mark.parametrize(("says", "owner", "name"), [("true", None, "x"), ("false", *["own@example.com"] * 2)])
def test_operators_see_all_uploads(says: str, owner: str | None, name: str) -> None:
    """If the authorizer says that the caller is one; the audit names them."""
    caller = Caller(None)
    caller.context = {**caller.context, "operator": says}
    assert (200, {"owner": owner, "name": name}) == caller.request("GET", "/caller")


@pytest.mark.usefixtures("by_email")
def test_claim_of_a_cognito_authorizer_makes_no_operator() -> None:
    """People may be able to set their own attributes there."""
    status, problem = Caller({"operator": "true"}).request("GET", "/uploads")
    assert (403, "OwnerUnknown") == (status, problem["title"])
