"""Partner links: what a link shows and allows, and who can create one."""

import json

import boto3
import pytest
from chalice.test import Client

import app
from chalicelib.uploads.attempts import Attempt, ObjectCreated
from chalicelib.uploads.lifecycle import SETTLER, Cause
from chalicelib.validation.report import ErrorCode, Fault
from tests.http.api_client import begin, follow, post, problem, register, token


def test_link_shows_its_upload_and_renews_the_form(client: Client) -> None:
    """A link holder needs no account; the form has the same key and dataset."""
    registered = register(client)
    answer = follow(client, token(registered), "upload").json_body
    assert {**registered["upload"], "timeline": answer["timeline"]} == answer
    renewed = follow(client, token(registered), "form", "POST")
    assert 201 == renewed.status_code
    for name in ("key", "x-amz-meta-schema"):
        assert registered["form"]["fields"][name] == renewed.json_body["fields"][name]


@pytest.mark.parametrize(("metadata", "schema"), [({"schema": "orders"}, "orders"), ({}, "default")])
def test_form_for_a_file_that_was_put_directly_keeps_its_dataset(
    client: Client, metadata: dict[str, str], schema: str
) -> None:
    """It is that of the object's metadata, or else the default one."""
    boto3.client("s3").put_object(Bucket="inbox", Key="uploads/acme/dropped/a.csv", Metadata=metadata)
    created = ObjectCreated(bucket="inbox", key="uploads/acme/dropped/a.csv", version_id="v1", sequencer="0A")
    app.services().uploads.begin_announced(Attempt.for_object(created))  # as the orchestrator does
    given = client.http.post("/uploads/dropped/links").json_body
    answer = follow(client, token({"link": given}), "form", "POST")
    assert (201, schema) == (answer.status_code, answer.json_body["fields"]["x-amz-meta-schema"])


PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("accept", "kind"), [("text/html,*/*;q=0.8", "text/html; charset=utf-8"), ("*/*", PROBLEM), ("", PROBLEM)]
)
def test_expired_report_is_a_page_for_browsers(client: Client, accept: str, kind: str) -> None:
    """And problem details for programs."""
    answer = client.http.get("/uploads/42/report", headers={"Accept": accept, "Accept-Language": "de"})
    assert (404, kind) == (answer.status_code, answer.headers["Content-Type"])
    assert ("Diesen Upload gibt es nicht" in answer.body.decode()) == (kind != PROBLEM)


@pytest.mark.parametrize(("method", "page"), [("GET", "upload"), ("POST", "form")])
def test_forged_link_is_a_403(client: Client, method: str, page: str) -> None:
    """The upload may exist or not."""
    given = token(register(client))
    for forged in (f"{given[:-1]}{'A' if given[-1] != 'A' else 'B'}", ""):
        response = follow(client, forged, page, method)
        assert (403, "LinkInvalid") == (response.status_code, response.json_body["title"])


def test_link_hides_actors_and_reasons(client: Client) -> None:
    """Link holders see the kind of actor only; reasons are free text for the audit."""
    registered = register(client)
    path = f"/uploads/{registered['upload']['uploadId']}"
    begin(registered["upload"])
    post(client, f"{path}/attempts", reason="Bob of acme has called again")
    known, answer = client.http.get(path).json_body, follow(client, token(registered), "upload").json_body
    for part in ("attempts", "timeline"):
        assert "api:anonymous" in [it["actor"] for it in known[part]]
        expected = [{**it, "actor": "api", "reason": None} if ":" in it["actor"] else it for it in known[part]]
        assert expected == answer[part]
    assert "Bob" not in json.dumps(answer)


def test_link_shows_reasons_of_the_system(client: Client) -> None:
    """Such reasons are Assay's own texts, and explain what happened to the file."""
    registered = register(client)
    begin(registered["upload"])
    name = follow(client, token(registered), "upload").json_body["executionName"]
    why = "the execution ended ABORTED without a verdict"
    app.services().uploads.settle(name, Fault(ErrorCode.SYSTEM_ERROR, "m"), Cause(actor=SETTLER, reason=why))
    step = follow(client, token(registered), "upload").json_body["timeline"][-1]
    assert (SETTLER, why) == (step["actor"], step["reason"])


def test_no_links_without_a_secret(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads can still be registered, without a link."""
    monkeypatch.delenv("LINK_SECRET")
    app.services.cache_clear()
    assert register(client)["link"] is None
    assert (403, "LinkInvalid") == problem(client, "/link/upload")


def test_any_upload_can_get_another_link(client: Client) -> None:
    """The upload may be registered or put directly into the bucket. Earlier links stay valid."""
    registered = register(client)
    dropped = ObjectCreated(bucket="inbox", key="uploads/acme/dropped/a.csv", version_id="v1", sequencer="0A")
    app.services().uploads.begin_announced(Attempt.for_object(dropped))  # as the orchestrator does
    for upload_id in (registered["upload"]["uploadId"], "dropped"):
        response = client.http.post(f"/uploads/{upload_id}/links")
        assert (201, {"url", "expiresAt"}) == (response.status_code, set(response.json_body))
        assert "Location" not in response.headers
        answer = follow(client, token({"link": response.json_body}), "upload")
        assert (200, upload_id) == (answer.status_code, answer.json_body["uploadId"])
    assert 200 == follow(client, token(registered), "upload").status_code


def test_link_that_cannot_be_signed_is_refused_with_the_reason(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The upload is unknown, or no secret is set: the message then names the settings."""
    assert 404 == client.http.post("/uploads/none/links").status_code
    upload = register(client)["upload"]
    monkeypatch.delenv("LINK_SECRET")
    app.services().close()
    app.services.cache_clear()
    response = client.http.post(f"/uploads/{upload['uploadId']}/links")
    assert (409, "LinksDisabled") == (response.status_code, response.json_body["title"])
    assert "LINK_SECRET or LINK_SECRET_ARN" in response.json_body["detail"]


def test_link_holders_cannot_create_links(client: Client) -> None:
    """There is no such route under `/links`, and a token is not an upload id."""
    given = token(register(client))
    assert 404 == client.http.post(f"/uploads/{given}/links").status_code
    assert not [path for path in app.app.routes if path.startswith("/link/") and path.endswith("/links")]


def test_link_secret_is_read_from_secrets_manager(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting names it. If it cannot be read, the response is 503."""
    monkeypatch.delenv("LINK_SECRET")
    monkeypatch.setenv("LINK_SECRET_ARN", "assay-test-links")
    app.services.cache_clear()
    assert (503, "SecretsUnavailable") == problem(client, "/link/upload")
    boto3.client("secretsmanager").create_secret(Name="assay-test-links", SecretString="s" * 32)
    assert 200 == follow(client, token(register(client)), "upload").status_code


def test_short_link_secret_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A short secret could be guessed. The log has the reason."""
    monkeypatch.setenv("LINK_SECRET", "secret")
    app.services.cache_clear()
    assert (500, "InternalServerError") == problem(client, "/link/upload")
