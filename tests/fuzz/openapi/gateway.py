"""The app's routes as a WSGI application, as `chalice local` serves them, without a web server."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from chalice import Chalice
from chalice.config import Config
from chalice.local import LocalGateway, LocalGatewayException
from werkzeug.datastructures import EnvironHeaders


def gateway(app: Chalice) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """Return the application."""
    local = LocalGateway(app, Config(chalice_stage="test"))

    def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        headers = {name.lower(): value for name, value in EnvironHeaders(environ)}
        try:
            answer = local.handle_request(environ["REQUEST_METHOD"], _target(environ), headers, body)
        except LocalGatewayException as error:
            answer = {"statusCode": error.CODE, "headers": error.headers, "body": error.body or b""}
        start_response(_status(answer["statusCode"]), list(answer["headers"].items()))
        content = answer["body"] or b""
        return [content.encode() if isinstance(content, str) else content]

    return respond


def _target(environ: WSGIEnvironment) -> str:
    """Return the path and the query as they were sent, not decoded."""
    return str(urlunsplit(("", "", urlsplit(environ["REQUEST_URI"]).path, environ["QUERY_STRING"], "")))


def _status(code: Any) -> str:
    return f"{int(code)} {HTTPStatus(code).phrase}"
