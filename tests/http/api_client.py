"""Requests that tests of the HTTP API send, and events that they need."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from chalice.test import Client, HTTPResponse

import app
from chalicelib.uploads.attempts import Attempt, ObjectCreated

JSON = {"Content-Type": "application/json"}


def post(client: Client, path: str, **members: object) -> HTTPResponse:
    """Send a body in JSON."""
    return client.http.post(path, headers=JSON, body=json.dumps(members))


def register(client: Client, filename: str = "orders.csv", **members: object) -> Any:
    """Register an upload and return the response's body."""
    response = post(client, "/uploads", filename=filename, **{"owner": "acme"} | members)
    assert response.status_code == 201, response.json_body
    return response.json_body


def policy(form: Mapping[str, Any]) -> Any:
    """Return the decoded policy by which S3 checks a form."""
    return json.loads(base64.b64decode(form["fields"]["policy"]))


def begin(upload: Mapping[str, Any]) -> None:
    """Begin an attempt, as if the upload's object had arrived."""
    created = ObjectCreated(bucket=upload["bucket"], key=upload["key"], version_id="v1", sequencer="0A")
    app.services().uploads.begin_announced(Attempt.for_object(created))  # as the orchestrator does


def fail(client: Client, upload: Mapping[str, Any], errors: object, *, count: int) -> None:
    """Record VALIDATION_FAILED with these errors."""
    name = client.http.get(f"/uploads/{upload['uploadId']}").json_body["executionName"]
    verdict = {"status": "VALIDATION_FAILED", "executionName": name, "errorCount": count, "errors": errors}
    client.lambda_.invoke("upload_status", {"uploadId": upload["uploadId"], **verdict})


def token(registered: Mapping[str, Any]) -> str:
    """Return the token of a link, which follows its `#`."""
    return str(registered["link"]["url"]).partition("/links#")[2]


def follow(client: Client, token: str, part: str, method: str = "GET") -> HTTPResponse:
    """Request something of the upload of a link."""
    return client.http.request(method, f"/link/{part}", headers={"Authorization": f"Bearer {token}"})


def problem(client: Client, path: str) -> tuple[int, str]:
    """Return the status and the title of a response that is a problem."""
    response = client.http.get(path)
    return response.status_code, response.json_body["title"]
