"""Routes that need no token: the page and its files, the API's description, and the health check."""

from collections.abc import Mapping
from typing import Any

from chalice import Blueprint

from chalicelib import web
from chalicelib.bootstrap import services
from chalicelib.http import headers as http_headers
from chalicelib.http import openapi, views
from chalicelib.http import requests as http_requests
from chalicelib.uploads.read_models import Health
from chalicelib.web import StaticFile

routes = Blueprint("app")


def page_document() -> StaticFile:
    """Return the page for the current request, in the language that the browser prefers."""
    request = routes.current_request
    language = http_requests.language(request)
    return web.document(
        request.context["path"], language=language, bucket=services().form_origin, sends_to=services().request_origins
    )


@routes.route("/openapi.json")
@views.json_view(routes)
def describe_api() -> Mapping[str, Any]:
    """Describe this API (OpenAPI 3.1)."""
    return openapi.document(routes.current_app, http_requests.address(routes.current_request))


@routes.route("/")
@routes.route("/links")
@views.file_view
def show_page() -> StaticFile:
    """Return the page, which contains no data: what it then asks for needs a token."""
    return page_document()


@routes.route("/links/{token}")
@views.file_view
def show_linked_page(token: str) -> StaticFile:  # noqa: ARG001 - the page reads it
    """Return the page for a link of an earlier release, which has its token in the path."""
    return page_document()


@routes.route("/page/{version}/{name}")
@views.file_view
def page_file(version: str, name: str) -> StaticFile:
    """Return one of the page's files, which are the same for all callers and contain no data."""
    return web.file(version, name)


@routes.route("/health")
@views.json_view(routes, headers=http_headers.shared_for_seconds)
def health() -> Health:
    """Check whether Assay works."""
    return services().health.check()
