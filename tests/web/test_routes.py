"""The page as the app serves it."""

from http import HTTPStatus

import pytest
from chalice.test import Client

from chalicelib import web


@pytest.mark.parametrize("path", ["/", "/links", "/links/to.ken"])
def test_page_may_send_files_to_the_bucket(client: Client, path: str) -> None:
    """Its policy names the deployment's bucket, at every address of its forms."""
    response = client.http.get(path)
    assert HTTPStatus.OK == response.status_code
    assert "text/html; charset=utf-8" == response.headers["Content-Type"]
    assert "connect-src 'self' https://inbox.s3.us-east-1.amazonaws.com;" in response.headers["Content-Security-Policy"]


def test_files_of_the_page_are_served_with_their_types(client: Client) -> None:
    """An unknown file is a problem."""
    response = client.http.get(f"/page/{web.version()}/page.js")
    assert "text/javascript; charset=utf-8" == response.headers["Content-Type"]
    assert b"page" in response.body
    response = client.http.get(f"/page/{web.version()}/other.js")
    assert (404, "PageFileUnknown") == (response.status_code, response.json_body["title"])
