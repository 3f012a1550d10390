"""The page as the app serves it."""

from http import HTTPStatus

import pytest
from chalice.test import Client

from chalicelib import web


@pytest.mark.parametrize("path", ["/", "/links/to.ken"])
def test_the_page_may_send_files_to_the_bucket(client: Client, path: str) -> None:
    """To that of this deployment, wherever its forms are sent."""
    response = client.http.get(path)
    assert HTTPStatus.OK == response.status_code
    assert "text/html; charset=utf-8" == response.headers["Content-Type"]
    assert "connect-src 'self' https://inbox.s3.us-east-1.amazonaws.com;" in response.headers["Content-Security-Policy"]


def test_its_files_are_beside_it(client: Client) -> None:
    """Each with its type; what is no file of the page is a problem like any other."""
    response = client.http.get(f"/page/{web.version()}/page.js")
    assert "text/javascript; charset=utf-8" == response.headers["Content-Type"]
    assert b"page" in response.body
    response = client.http.get(f"/page/{web.version()}/other.js")
    assert (404, "PageFileUnknown") == (response.status_code, response.json_body["title"])
