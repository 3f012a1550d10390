"""The HTTP API where people sign in, as `chalice local` serves it: nothing is readable without a valid token."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from attrs import frozen

import app
from infra.local.http_api import http_api
from infra.local.ports import LOOPBACK, free_port
from infra.rehearsal.issuer import CLIENT_ID, Issuer, issuer
from tests.http.forged_tokens import refused_tokens

PROTECTED = sorted(
    (method, path)
    for path, entries in app.app.routes.items()
    for method, entry in entries.items()
    if entry.authorizer is not None
)
_POOL = urllib3.PoolManager()
BODIES = {"/uploads": {"filename": "a.csv"}, "/uploads/{upload_id}/attempts": {"reason": "to see"}}


@frozen(kw_only=True)
class Api:
    """The served API, and the issuer whose tokens it accepts."""

    url: str
    issuer: Issuer

    def ask(self, method: str, path: str, token: str | None, upload_id: str = "42") -> tuple[int, Any]:
        """Send a request with a bearer token, if there is one; return the status and the JSON of the response."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        body = BODIES.get(path) if method == "POST" else None
        url = self.url + path.format(upload_id=upload_id, name="default")
        response = _POOL.request(method, url, headers=headers, json=body, redirect=False, retries=False, timeout=60)
        return response.status, json.loads(response.data)


@pytest.fixture
def api(dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Api]:
    """Serve the app with sign-in; the owner is the token's subject."""
    with issuer() as running:
        settings = {
            "DATABASE_URL": dsn,
            "UPLOADS_BUCKET": "inbox",
            "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:none",
            "LINK_SECRET": "0123456789abcdef" * 2,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "SIGN_IN_ISSUER": running.url,
            "SIGN_IN_CLIENT_ID": CLIENT_ID,
            "OWNER_CLAIM": "sub",
            "OPERATOR_CLAIM": "groups=operators",
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("SCHEMAS_URI", raising=False)
        port = free_port()
        with http_api(port, log=tmp_path / "http.log"):
            yield Api(url=f"http://{LOOPBACK}:{port}", issuer=running)


def test_every_route_with_data_is_protected() -> None:
    """Of those without an authorizer, the routes of links need a link's token; the others contain no data."""
    assert {path for _, path in PROTECTED} == {
        *("/uploads", "/uploads/{upload_id}", "/schemas", "/schemas/{name}", "/schemas/{name}/agreement"),
        *("/schemas/{name}/template", "/caller"),
        *(f"/uploads/{{upload_id}}/{part}" for part in ("errors", "causes", "downloads", "form")),
        *(f"/uploads/{{upload_id}}/{part}" for part in ("report", "report-url", "result-url", "attempts", "links")),
    }


def test_no_route_answers_without_a_valid_token(api: Api) -> None:
    """For every reason for which a token is refused; the refusal is API Gateway's, before the route's function."""
    tokens = refused_tokens(api.issuer)
    for method, path in PROTECTED:
        assert (401, {"message": "Unauthorized"}) == api.ask(method, path, None)
        for reason in tokens if path == "/uploads" else ("signed by a stranger", "expired"):
            status, answer = api.ask(method, path, tokens[reason])
            assert (403, ["Message"]) == (status, list(answer)), (method, path, reason)
        assert api.ask(method, path, api.issuer.token())[0] not in {401, 403}
    for part, method in (
        ("upload", "GET"),
        ("errors", "GET"),
        ("downloads", "GET"),
        ("report-url", "GET"),
        ("result-url", "GET"),
        ("form", "POST"),
    ):
        status, answer = api.ask(method, f"/link/{part}", api.issuer.token())
        assert (403, "LinkInvalid") == (status, answer["title"])


def test_people_see_their_own_uploads_and_operators_all(api: Api) -> None:
    """The same holds on every route."""
    ada, bob = api.issuer.token(), api.issuer.token(sub="bob")
    olga = api.issuer.token(sub="olga", groups=["operators"])
    _, registered = api.ask("POST", "/uploads", ada)
    assert "ada" == registered["upload"]["owner"]
    upload_id = registered["upload"]["uploadId"]
    for method, path in PROTECTED:
        if "{upload_id}" in path:
            status, answer = api.ask(method, path, bob, upload_id)
            assert (404, "UploadNotFound") == (status, answer["title"]), (method, path)
    seen = [[it["uploadId"] for it in api.ask("GET", "/uploads", token)[1]["uploads"]] for token in (ada, bob, olga)]
    assert [[upload_id], [], [upload_id]] == seen
    assert (200, {"name": "ada", "owner": "ada"}) == api.ask("GET", "/caller", ada)
    assert (200, {"name": "olga", "owner": None}) == api.ask("GET", "/caller", olga)
