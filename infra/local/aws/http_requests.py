"""Middleware for requests to the local AWS: a PUT keeps its body, and notifications wait for the request's end."""

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_FORM: Final = "application/x-www-form-urlencoded"
FORM_WITH_FILE: Final = "multipart/form-data"

Delivery = Callable[[str, str], None]
"""Delivers an event, in JSON, to the function of that name."""


class Outbox(threading.local):
    """Holds the notifications of a request until the request ends; each request has a thread.

    moto notifies before an object's metadata is stored, and twice for a multipart upload; S3 notifies once, afterwards.
    """

    def __init__(self, send: Delivery) -> None:
        self._send = send
        self._held: dict[tuple[str, str, str | None], str] = {}

    def hold(self, function: str, event: dict[str, Any]) -> None:
        """Take a notification, in place of an earlier one of the same version of the object."""
        stored = event["Records"][0]["s3"]["object"]
        self._held[function, stored["key"], stored.get("versionId")] = json.dumps(event)

    def send_after(self, application: WSGIApplication) -> WSGIApplication:
        """Return the application with its notifications sent at the end of each request."""

        def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            try:
                return application(environ, start_response)
            finally:
                for (function, *_), event in self._held.items():
                    self._send(function, event)
                self._held.clear()

        return respond


def without_forms(application: WSGIApplication) -> WSGIApplication:
    """Wrap the application so that the body of a PUT is never parsed as a form.

    curl and others declare a PUT without a content type as a form. moto would parse it, and store an empty object.
    """

    def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "PUT" and environ.get("CONTENT_TYPE", "").startswith(_FORM):
            environ["CONTENT_TYPE"] = "binary/octet-stream"
        return application(environ, start_response)

    return respond
