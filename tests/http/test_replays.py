"""Requests to validate an upload again."""

import json

import pytest
from chalice.test import Client

import app
from chalicelib.uploads.attempts import Attempt, ObjectCreated

CREATED = ObjectCreated(bucket="inbox", key="uploads/acme/42/a b.csv", sequencer="0A")


def test_replay_begins_another_attempt(client: Client) -> None:
    """The response is the upload with its new attempt; the audit has reason and actor."""
    app.services().uploads.begin_announced(Attempt.for_object(CREATED))
    response = client.http.post("/uploads/42/attempts", body=json.dumps({"reason": "the schema was corrected"}))
    assert (202, "VALIDATING", 2) == (response.status_code, response.json_body["status"], response.json_body["attempt"])
    step = app.services().uploads.transitions("42")[-1]
    assert ("the schema was corrected", True) == (step.reason, str(step.actor).startswith("api:"))


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("", "body: expected JSON"),
        ("[]", "body: expected an object"),
        ("{}", "body.reason: required, but missing"),
        ('{"reason": " "}', "body.reason: expected 1 to 500 characters that say why"),
        ('{"reason": "x", "attempt": "1"}', "body.attempt: expected a whole number"),
        ('{"reason": "x", "force": true}', "body: unknown force"),
    ],
)
def test_malformed_replay_is_a_400_with_its_path(client: Client, body: str, detail: str) -> None:
    """The detail says what is expected."""
    response = client.http.post("/uploads/42/attempts", body=body)
    assert (400, "RequestMalformed", detail) == (
        response.status_code,
        response.json_body["title"],
        response.json_body["detail"],
    )


@pytest.mark.parametrize(
    ("upload_id", "attempt", "status", "title"),
    [("43", None, 404, "UploadNotFound"), ("a b", None, 404, "UploadNotFound"), ("42", 7, 409, "AttemptSuperseded")],
)
def test_impossible_replay_is_refused_with_the_reason(
    client: Client, upload_id: str, attempt: int | None, status: int, title: str
) -> None:
    """It changes nothing."""
    app.services().uploads.begin_announced(Attempt.for_object(CREATED))
    body = json.dumps({"reason": "to see", "attempt": attempt})
    response = client.http.post(f"/uploads/{upload_id}/attempts", body=body)
    assert (status, title) == (response.status_code, response.json_body["title"])
    assert app.services().uploads.find("42").attempt == 1
