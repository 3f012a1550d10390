"""A stand-in for the HTTP API, with answers that a test chooses.

Every request and response is checked against the real API's OpenAPI document; a difference fails the test.
`test_uploading.py` and `tests/fuzz/openapi` check the real API against the same document.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from attrs import Factory, define
from playwright.sync_api import Page, Request, Route

import app
from chalicelib import codec, words
from chalicelib import web as live_page
from chalicelib.http import openapi
from chalicelib.schemas import load
from chalicelib.validation.reporting.schema_agreement import agreement_of
from tests.web.contract import Contract, Exchange

ORIGIN = "http://assay.test"
STAGE = "/api"
"""API Gateway's stage, at the start of every path."""
BUCKET = "http://bucket.test"
MOMENT = "2026-11-25T12:00:00+00:00"

Answer = tuple[int, Mapping[str, str], str]
NO_REPAIRS: Mapping[str, Any] = MappingProxyType({"repairs": [], "layout": [], "header": None})
_OF_REPORT = frozenset({"record", "suggestion", "rule", "choices", "key", "neighbours"})
"""The members of an error that only a full report has."""


@cache
def contract() -> Contract:
    """Return the real API's OpenAPI document."""
    return Contract(document=openapi.document(app.app, f"{ORIGIN}{STAGE}"))


def upload(**members: Any) -> dict[str, Any]:
    """Return an upload as the API does."""
    started = {"attempt": 1, "executionName": "42-1", "beganAt": MOMENT, "endedAt": None, "actor": "notification"}
    state: dict[str, Any] = {
        "uploadId": "42",
        "owner": "ada@example.com",
        "bucket": "inbox",
        "key": "uploads/ada@example.com/42/orders.csv",
        "filename": "orders.csv",
        "schema": "default",
        "status": "VALIDATING",
        "attempt": 1,
        "executionName": "42-1",
        "rowCount": None,
        "errorCount": None,
        "errors": [],
        "unchecked": [],
        "rejectedRows": None,
        "contentSha256": None,
        "schemaSha256": None,
        "sameAs": None,
        "loadedRows": None,
        "loadedTable": None,
        "parts": None,
        "createdAt": MOMENT,
        "updatedAt": "2026-11-25T12:00:01+00:00",
        "expiresAt": None,
        "timeline": [],
    } | members
    is_system_failure = any(it["code"] == "system-error" for it in state["errors"])
    attempt = started | {"status": state["status"], "reason": None, "rowCount": state["rowCount"]}
    attempt |= {"systemFailure": is_system_failure}
    return {"attempts": [attempt | {"errorCount": state["errorCount"]}] if state["attempt"] else []} | state


def error(row: int | None, **members: Any) -> dict[str, Any]:
    """Return an error as the API does."""
    record = {"fields": [1, 2], "columns": ["id", "name"], "cells": [f"x{row}", "Ada"], "beginning": None}
    found = {
        "row": row,
        "line": row,
        "field": 1,
        "column": "id",
        "code": "type-error",
        "message": "expected an integer",
    }
    report: dict[str, Any] = {
        "record": record,
        "suggestion": None,
        "rule": None,
        "choices": [],
        "key": None,
        "neighbours": [],
    }
    return found | report | members


def failed(errors: Sequence[Mapping[str, Any]], **members: Any) -> dict[str, Any]:
    """Return an invalid upload with these errors, without their records."""
    first = [{name: value for name, value in it.items() if name not in _OF_REPORT} for it in errors[:100]]
    verdict = {"status": "VALIDATION_FAILED", "rowCount": 120, "errorCount": len(errors), "errors": first}
    return upload(**(verdict | members))


def _cell(found: Mapping[str, Any]) -> str | None:
    record = found["record"]
    if not record or found["field"] not in record["fields"]:
        return None
    return str(record["cells"][record["fields"].index(found["field"])])


def causes_of(errors: Sequence[Mapping[str, Any]], total: int) -> dict[str, Any]:
    """Return the causes of some errors as the API does; the first of them are the examples."""
    first: dict[tuple[Any, Any], Mapping[str, Any]] = {}
    counts: Counter[tuple[Any, Any]] = Counter()
    for each in errors[:1000]:
        key = each["column"], each["code"]
        first.setdefault(key, each)
        counts[key] += 1
    found = [
        {name: first[key][name] for name in ("code", "column", "row", "line", "field", "message")}
        | {
            "count": count,
            "cell": _cell(first[key]),
            **{name: first[key][name] for name in ("suggestion", "choices", "rule")},
        }
        | {"key": first[key]["key"], "mended": count if first[key]["suggestion"] else 0}
        for key, count in counts.most_common()
    ]
    return {"causes": found, "causeCount": len(found), "errorCount": total, "counted": total}


def downloads_of(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the files of an upload's report as the API does."""
    if any(it["code"] == "system-error" for it in state["errors"]):
        return {"report": [], "result": []}
    tables = ["errors.csv", "rows.csv", "rows.xlsx"] if state["errorCount"] else []
    return {"report": ["html", "report.html", "jsonl", *tables], "result": []}


@define(kw_only=True, slots=False)
class Assay:
    """Answers a page's requests; a test sets the attributes."""

    uploads: list[dict[str, Any]] = Factory(list)
    """The successive states of the upload; each request takes one, the last one stays."""
    errors: Sequence[Mapping[str, Any]] = ()
    repairs: dict[str, Any] = Factory(lambda: dict(NO_REPAIRS))
    """What would mend them."""
    causes: dict[str, Any] | None = None
    """Their causes; None for those that the errors have."""
    downloads: dict[str, Any] | None = None
    """The files that exist; None for those of a report."""
    history: list[dict[str, Any]] = Factory(list)
    failures: list[Answer | None] = Factory(list)
    """Replace the next responses but those for schemas, sign-in and downloads; None refuses the connection."""
    refusal: Answer | None = None
    """The bucket's response instead of accepting the file."""
    requests: list[tuple[str, str]] = Factory(list)
    """Methods and paths with queries, without the stage, except of the page's own files."""
    authorized: list[str] = Factory(list)
    """The header `Authorization` of each request that had one."""
    bodies: list[Any] = Factory(list)
    breaches: list[str] = Factory(list)
    """Differences from the OpenAPI document."""

    def answer(self, page: Page) -> None:
        """Answer the requests of this page."""
        page.route("**/*", self._fulfil)

    def open(self, page: Page, path: str = "/") -> None:
        """Open the page at a path below the stage."""
        page.goto(f"{ORIGIN}{STAGE}{path}")
        # It first asks whether people sign in.
        page.locator("#start, #upload, #trouble").filter(visible=True).first.wait_for()

    def _fulfil(self, route: Route) -> None:
        answer = self._bucket(route.request) if route.request.url.startswith(BUCKET) else self._api(route.request)
        if answer is None:
            route.abort("connectionrefused")
        else:
            status, headers, body = answer
            route.fulfill(status=status, headers=dict(headers), body=body)

    def _bucket(self, request: Request) -> Answer | None:
        self.requests.append((request.method, "bucket"))
        status, headers, body = self.refusal or (204, {}, "")
        return status, {**headers, "Access-Control-Allow-Origin": "*"}, body

    def _api(self, request: Request) -> Answer | None:
        parts = urlsplit(request.url)
        path = parts.path.removeprefix(STAGE)
        match path.split("/")[1:]:
            case ["page", version, name]:
                return _file_answer(live_page.file(version, name))
            case [""] | ["links"] | ["links", _]:
                language = words.preferred(request.headers.get("accept-language", ""))
                return _file_answer(live_page.document(parts.path, language=language, bucket=BUCKET))
        self.requests.append((request.method, path + (f"?{parts.query}" if parts.query else "")))
        if authorization := request.headers.get("authorization"):
            self.authorized.append(authorization)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if self.failures and not path.startswith(_NEVER_FAILING) and not path.endswith("/downloads"):
            answer = self.failures.pop(0)
        else:
            answer = self._answer(request, path, query)
            if request.post_data:
                self.bodies.append(json.loads(request.post_data))
        if answer:
            self._compare(request, path, query, answer)
        return answer

    def _compare(self, request: Request, path: str, query: Mapping[str, str], answer: Answer) -> None:
        """Compare a request and its response with the OpenAPI document."""
        status, headers, body = answer
        exchange = Exchange(
            method=request.method,
            path=path,
            query=query,
            request_body=json.loads(request.post_data) if request.post_data else None,
            status=status,
            media_type=headers.get("Content-Type"),
            response_body=json.loads(body) if body else None,
        )
        self.breaches += [f"{exchange}: {breach}" for breach in contract().breaches(exchange)]

    def _answer(self, request: Request, path: str, query: Mapping[str, str]) -> Answer:
        match [request.method, *path.split("/")[1:]]:
            case ["POST", "uploads"]:
                return _json({"upload": upload(status="PENDING", attempt=0), "form": _FORM, "link": _LINK}, 201)
            case ["GET", "uploads"]:
                return self._list(query)
            case ["GET", "uploads", _] | ["GET", "link", "upload"]:
                return self._upload(request.headers.get("if-none-match"))
            case ["GET", "uploads", _, "errors"] | ["GET", "link", "errors"]:
                return self._errors(int(query["limit"]), int(query.get("cursor", 0)))
            case ["GET", "uploads", _, "causes"] | ["GET", "link", "causes"]:
                return _json(self.causes or causes_of(self.errors, self.uploads[0]["errorCount"]))
            case ["GET", "uploads", _, "downloads"] | ["GET", "link", "downloads"]:
                return _json(self.downloads or downloads_of(self.uploads[0]))
            case ["POST", "uploads", _, "attempts"]:
                return _json(self.uploads[0], 202)
        return _OTHERS[request.method, path.rsplit("/", 1)[-1]]

    def _upload(self, if_none_match: str | None) -> Answer:
        state = self.uploads.pop(0) if len(self.uploads) > 1 else self.uploads[0]
        etag = f'W/"{hash(json.dumps(state))}"'
        if if_none_match == etag:
            return 304, {"ETag": etag}, ""
        status, headers, body = _json(state)
        return status, {**headers, "ETag": etag}, body

    def _errors(self, limit: int, start: int) -> Answer:
        end = start + limit
        following = str(end) if end < len(self.errors) else None
        repairs = self.repairs if start == 0 else NO_REPAIRS
        return _json({"errors": self.errors[start:end], "errorCount": len(self.errors), "next": following, **repairs})

    def _list(self, query: Mapping[str, str]) -> Answer:
        fits: Callable[[dict[str, Any]], bool] = lambda it: all(  # noqa: E731 - a condition, named
            [
                query.get("status") in {None, it["status"]},
                query.get("ownerContains", "") in it["owner"],
                query.get("filenameContains", "") in it["filename"],
            ]
        )
        found = [_summary(it) for it in self.history if fits(it)]
        start, limit = int(query.get("cursor", 0)), int(query["limit"])
        following = str(start + limit) if start + limit < len(found) else None
        return _json({"uploads": found[start : start + limit], "next": following})


def _summary(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return an upload as the list shows it."""
    omitted = {"bucket", "key", "executionName", "errors", "attempts", "timeline", "expiresAt", "unchecked"}
    omitted |= {"loadedRows", "loadedTable", "parts", "contentSha256", "schemaSha256", "sameAs"}
    kept = {name: value for name, value in state.items() if name not in omitted}
    return kept | {"systemFailure": any(it["code"] == "system-error" for it in state["errors"])}


_NEVER_FAILING = ("/schemas", "/sign-in", "/link/agreement")
_LINK = {"url": f"{ORIGIN}{STAGE}/links#tok.en", "expiresAt": MOMENT}
_FORM = {"url": f"{BUCKET}/", "fields": {"key": "uploads/ada/42/orders.csv"}, "expiresAt": MOMENT, "maxBytes": 10**9}


def problem(status: int, title: str, detail: str) -> Answer:
    """Return a response with a problem."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return status, {"Content-Type": "application/problem+json"}, json.dumps(body)


def _json(value: object, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value)


_OTHERS: Mapping[tuple[str, str], Answer] = {
    ("POST", "form"): _json(_FORM, 201),
    ("POST", "links"): _json(_LINK, 201),
    ("GET", "sign-in"): _json(dict.fromkeys(["issuer", "clientId", "scopes", "token"])),
    ("GET", "report-url"): _json({"url": f"{BUCKET}/report", "expiresIn": 300}),
    ("GET", "result-url"): _json({"url": f"{BUCKET}/rows", "expiresIn": 300}),
    ("GET", "template"): _json({"filename": "default.xlsx", "mediaType": "text/plain", "content": "aWQK"}),
    ("GET", "schemas"): _json({"schemas": ["default", "orders"], "broken": []}),
    ("GET", "default"): _json(load("default")),
    ("GET", "orders"): _json(load("default")),
    ("GET", "agreement"): _json(codec.unstructure(agreement_of("default", load("default")))),
}


def _file_answer(served: live_page.StaticFile) -> Answer:
    return 200, served.headers, served.content
