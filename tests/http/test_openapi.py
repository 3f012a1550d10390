"""The OpenAPI description: it is complete, and responses match it."""

from collections.abc import Iterator
from typing import Any

import pytest
from chalice.test import Client
from jsonschema import Draft202012Validator

import app
from chalicelib.http.views import JsonView
from tests.http.api_client import begin, register

JSON = "application/json"
PROBLEM = "application/problem+json"


@pytest.fixture
def described(client: Client) -> Any:
    """The description, as the API returns it."""
    return client.http.get("/openapi.json").json_body


def conforms(described: Any, method: str, path: str, answer: Any) -> bool:
    """Return whether a response matches its description; raises ValidationError if not."""
    response = described["paths"][path][method]["responses"][str(int(answer.status_code))]
    schema = response["content"][answer.headers["Content-Type"]]["schema"]
    Draft202012Validator({**schema, "components": described["components"]}).validate(answer.json_body)
    return True


def test_every_route_is_described_and_nothing_else(described: Any) -> None:
    """Paths and methods are compared; the page and its files are excluded."""
    routes = {
        (path.replace("{upload_id}", "{uploadId}"), method.lower())
        for path, entries in app.app.routes.items()
        for method, entry in entries.items()
        if isinstance(entry.view_function, JsonView)
    }
    assert routes == {(path, method) for path, methods in described["paths"].items() for method in methods}


def test_every_reference_has_a_component(described: Any) -> None:
    """The component is a valid JSON Schema."""
    names = {name.removeprefix("#/components/schemas/") for name in _references(described)}
    assert names <= set(described["components"]["schemas"])
    for component in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(component)


def test_responses_match_their_description(client: Client, described: Any) -> None:
    """Members and types are compared, also of problems."""
    registered = register(client)
    upload = registered["upload"]
    begin(upload)
    path = f"/uploads/{upload['uploadId']}"
    assert conforms(described, "get", "/uploads/{uploadId}", client.http.get(path))
    assert conforms(described, "get", "/uploads/{uploadId}", client.http.get("/uploads/unknown"))
    assert conforms(described, "get", "/uploads", client.http.get("/uploads"))
    assert conforms(described, "get", "/uploads", client.http.get("/uploads?limit=x"))
    assert conforms(described, "get", "/schemas", client.http.get("/schemas"))
    assert conforms(described, "post", "/uploads", client.http.post("/uploads", body=b"{}"))
    assert set(described["components"]["schemas"]["RegisteredUpload"]["properties"]) == set(registered)


def test_described_requests_are_those_that_are_accepted(described: Any) -> None:
    """Bounds, patterns and required members are described; further members are refused."""
    registration = described["components"]["schemas"]["Registration"]
    assert (["filename"], False) == (registration["required"], registration["additionalProperties"])
    assert {"type": ["integer", "null"], "minimum": 1} == registration["properties"]["size"]
    limit = next(it for it in described["paths"]["/uploads"]["get"]["parameters"] if it["name"] == "limit")
    assert {"type": "integer", "minimum": 1, "maximum": 100, "default": 20} == limit["schema"]


def _references(node: Any) -> Iterator[str]:
    for name, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if name == "$ref":
            yield value
        yield from _references(value)
