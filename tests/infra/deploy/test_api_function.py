"""Requests of a deployment to the function behind the HTTP API."""

import json
from typing import Any

import pytest
from chalice.test import Client

import app
from infra.deploy.api_function import request


class _Context:
    function_name = "api_handler"
    aws_request_id = "r"
    invoked_function_arn = ""


@pytest.mark.usefixtures("client")
def test_deployment_sees_every_upload_where_people_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an operator, who is named in the audit."""
    monkeypatch.setenv("OWNER_CLAIM", "email")
    app.services.cache_clear()

    def ask(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        answer = app.app(request(method, path, body), _Context())
        return answer["statusCode"], json.loads(answer["body"])

    status, registered = ask("POST", "uploads", {"filename": "a.csv", "owner": "ada@example.com"})
    upload = registered["upload"]
    assert (201, "api:deployment") == (status, upload["timeline"][0]["actor"])
    assert (200, upload) == ask("GET", f"uploads/{upload['uploadId']}")
    assert 404 == ask("GET", "uploads/none")[0]
    assert [upload["uploadId"]] == [it["uploadId"] for it in ask("GET", "uploads?limit=1")[1]["uploads"]]
    app.services().close()


def test_request_without_the_authorizers_context_sees_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """If API Gateway ever passed one on, it would be refused."""
    monkeypatch.setenv("OWNER_CLAIM", "email")
    app.services.cache_clear()
    event = request("GET", "uploads")
    del event["requestContext"]["authorizer"]
    assert 403 == app.app(event, _Context())["statusCode"]
    assert 403 == client.http.get("/uploads").status_code
