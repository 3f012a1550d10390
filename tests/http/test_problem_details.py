"""Responses to requests that fail, and the health check."""

import os
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from chalice.test import Client

import app
from infra.local.ports import free_port


def test_unknown_upload_is_a_404_with_problem_details(client: Client) -> None:
    """The media type is that of RFC 9457."""
    response = client.http.get("/uploads/unknown")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json_body == {
        "type": "about:blank",
        "title": "UploadNotFound",
        "status": 404,
        "detail": "there is no upload unknown",
    }


def test_health_queries_the_database(client: Client) -> None:
    """The response names the database's status."""
    response = client.http.get("/health")
    assert (200, {"status": "ok", "database": "ok"}) == (response.status_code, response.json_body)


def test_health_without_database_is_a_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The response has the reason, without the address of the database."""
    app.services().close()
    app.services.cache_clear()
    monkeypatch.setenv("DATABASE_URL", f"postgresql://127.0.0.1:{free_port()}/assay")
    response = client.http.get("/health")
    assert response.status_code == 503
    assert response.json_body["title"] == "DatabaseUnavailable"
    assert "127.0.0.1" not in response.json_body["detail"]


@pytest.mark.parametrize("upload_id", ["a b", "x" * 65, "%00"])
def test_malformed_upload_id_is_a_404(client: Client, upload_id: str) -> None:
    """A malformed id does not reach the database."""
    assert client.http.get(f"/uploads/{upload_id}").status_code == 404


@pytest.mark.parametrize("path", ["/uploads/42", "/health"])
def test_unknown_query_parameters_are_refused(client: Client, path: str) -> None:
    """Ignoring a filter would return a wrong result."""
    response = client.http.get(f"{path}?status=VALIDATED")
    assert (400, "query: unknown status") == (response.status_code, response.json_body["detail"])


def test_unexpected_error_is_a_500_with_a_traceback_in_the_log(
    client: Client, monkeypatch: pytest.MonkeyPatch, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """The response has no details."""
    app.services().close()
    app.services.cache_clear()
    monkeypatch.setenv("DATABASE_URL", "postgresql://%zz")
    assert client.http.get("/uploads/42").status_code == 500
    trace, canonical = log_lines()
    assert ("ERROR", "SettingsIncomplete") == (trace["level"], trace["error"])
    assert any("find_upload" in frame for frame in trace["trace"])
    assert ("ERROR", "failed", "SettingsIncomplete") == (canonical["level"], canonical["outcome"], canonical["error"])


@pytest.mark.parametrize(("function", "status"), [(None, 503), ("assay-dev", 500)])
def test_missing_settings_are_named_outside_of_lambda(
    client: Client, monkeypatch: pytest.MonkeyPatch, function: str | None, status: int
) -> None:
    """With where to get them, for `chalice local` in a bare shell. On Lambda it is a fault, which raises an alarm."""
    app.services().close()
    app.services.cache_clear()
    monkeypatch.delenv("DATABASE_URL")
    if function:
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", function)
    response = client.http.get("/uploads")
    assert status == response.status_code
    named = "DATABASE_URL or DATABASE_SECRET_ARN: run `make serve`" in response.json_body["detail"]
    assert named is (function is None)


@pytest.mark.parametrize("path", ["/", "/uploads", "/schemas", "/health"])
def test_missing_region_and_credentials_are_named(client: Client, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """`chalice local` takes the stage dev, whose settings name a secret and a bucket: these need an account."""
    app.services().close()
    app.services.cache_clear()
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    for name in ("DATABASE_URL", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("DATABASE_SECRET_ARN", "assay-dev-database")
    monkeypatch.setenv("SCHEMAS_URI", "s3://assay-dev-uploads/schemas/")
    response = client.http.get(path)
    assert response.status_code == 503
    lacked = "lacks AWS_DEFAULT_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE: run `make serve`"
    assert lacked in response.json_body["detail"]
