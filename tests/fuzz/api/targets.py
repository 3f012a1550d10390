"""The targets of the payloads, and the results that are allowed.

A function may refuse a payload with one of Assay's exceptions, and a route with a status below 500 or with 503.
 To test another function, add it to TARGETS with an example or two of its events.
"""

import inspect
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from http import HTTPStatus
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote, urlencode

import boto3
from attrs import frozen
from chalice.test import Client
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from moto import mock_aws

import app
from chalicelib import errors
from chalicelib.uploads.attempts import Attempt, ObjectCreated
from infra.local.deployment import describe_project
from infra.local.lambdas.runtime import LambdaRuntime
from tests.fuzz.api.payloads import anything_or, texts, values

_EVENTS = Path(__file__).parents[2] / "events"
_CREATED = ObjectCreated(bucket="inbox", key="uploads/acme/42/orders.csv", sequencer="0A")
_CONTENT = b"id,name,email,amount\n1,Ada,ada@example.com,1\nx,,,\n"
_OURS = {name for name, kind in inspect.getmembers(errors, inspect.isclass)} - {"Unforeseen"}

Send = Callable[[Any], str | None]
"""Send a payload, and return what is wrong with the result, or None."""


@frozen
class Sending:
    """The functions and the routes to which payloads are sent."""

    runtime: LambdaRuntime
    client: Client

    def to_function(self, name: str) -> Send:
        """Send to a function, as Lambda does: in JSON."""

        def send(payload: Any) -> str | None:
            failure = self.runtime.invoke(f"assay-local-{name}", json.dumps(payload)).failure
            return None if failure is None or failure.error_type in _OURS else failure.report

        return send

    def to_routes(self) -> Send:
        """Send to the HTTP API: a method, a path, a query, headers and a body."""

        def send(request: tuple[str, str, dict[str, str], bytes]) -> str | None:
            method, path, query, body = request
            url = f"{path}?{urlencode(query, errors='surrogatepass')}" if query else path
            answer = self.client.http.request(method, url, headers={"Content-Type": "application/json"}, body=body)
            fine = answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
            return None if fine or answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE else f"{answer.body!r}"

        return send


@frozen
class Target:
    """A function or route that takes payloads."""

    payloads: st.SearchStrategy[Any]
    sending: Callable[[Sending], Send]


def _function(name: str, *examples: Any) -> Target:
    return Target(anything_or(examples), lambda sending: sending.to_function(name))


def _s3_events() -> list[Any]:
    events = [json.loads(path.read_text()) for path in sorted(_EVENTS.glob("s3_*.json"))]
    record = {"bucket": {"name": _CREATED.bucket}, "object": {"key": _CREATED.key, "sequencer": "0B"}}
    return [*events, {"Records": [{"s3": record}]}]


_UPDATE = {"uploadId": "42", "status": "VALIDATED", "executionName": Attempt.for_object(_CREATED).execution_name}
_PLACE = {"uploadId": "42", "bucket": _CREATED.bucket, "executionName": "42-0a1b"}
_READINGS: list[dict[str, int]] = [{"number": 0}, {"number": 1, "entry": 7}]
_PARTS = {"plan": "0" * 32 + "-3", "round": 1, "concurrency": 3, "readings": _READINGS}
_STATE: dict[str, Any] = _PLACE | {
    "key": _CREATED.key,
    "validation": {"valid": False, "errorCount": 0, "errors": [], "rowCount": 0, "parts": _PARTS},
}
_ERROR = {"row": 2, "line": 2, "column": "id", "field": 1, "code": "type-error", "message": "expected an integer"}
_PATHS = st.one_of(
    st.sampled_from(["/health", "/uploads/42", "/uploads/42/attempts", "/uploads/none", "/", "/uploads", "/uploads/"]),
    texts.map(lambda text: "/uploads/" + quote(text, safe="", errors="surrogatepass")),
)
_BODIES = st.one_of(st.just(b""), values.map(lambda value: json.dumps(value).encode()), st.binary(max_size=20))
_REQUESTS = st.tuples(
    st.sampled_from(["GET", "POST", "PUT", "DELETE"]), _PATHS, st.dictionaries(texts, texts, max_size=2), _BODIES
)

TARGETS = {
    "csv_orchestrator": _function("csv_orchestrator", *_s3_events()),
    "csv_validator": _function("csv_validator", {"uploadId": "42", "bucket": _CREATED.bucket, "key": _CREATED.key}),
    "part_validator": _function(
        "part_validator",
        *(_PLACE | {"plan": "0" * 32 + "-3", "reading": reading} for reading in _READINGS),
        _PLACE | {"plan": "0" * 32 + "-3", "reading": {"number": 1}, "failure": {"Error": "Lambda.Unknown"}},
    ),
    "seam_checker": _function("seam_checker", _STATE),
    "part_merger": _function("part_merger", _STATE),
    "part_splitter": _function(
        "part_splitter",
        _PLACE | {"plan": "0" * 32 + "-2", "segment": 0},
        _PLACE | {"plan": "0" * 32 + "-2", "segment": 0, "failure": {"Error": "Lambda.Unknown"}},
    ),
    "split_joiner": _function(
        "split_joiner",
        _STATE
        | {
            "validation": _STATE["validation"] | {"split": {"plan": "0" * 32 + "-2", "concurrency": 3, "segments": [0]}}
        },
    ),
    "row_loader": _function(
        "row_loader",
        {
            "uploadId": "42",
            "bucket": _CREATED.bucket,
            "key": _CREATED.key,
            "executionName": Attempt.for_object(_CREATED).execution_name,
            "validation": {"valid": True, "errorCount": 0, "errors": [], "rowCount": 1, "schema": "default"}
            | {"load": {"table": "orders", "mode": "append"}},
        },
    ),
    "upload_status": _function(
        "upload_status",
        _UPDATE | {"errorCount": 0, "errors": [], "rowCount": 1},
        _UPDATE | {"status": "VALIDATION_FAILED", "errorCount": 7, "errors": [_ERROR], "rowCount": None},
        _UPDATE
        | {"status": "VALIDATION_FAILED", "errorCount": 1, "errors": [_ERROR]}
        | {"failure": {"Error": "SchemaInvalid", "Cause": '{"errorMessage": "$.fields: missing"}'}},
    ),
    "execution_settler": _function(
        "execution_settler", json.loads((_EVENTS / "execution_status_change.json").read_text())
    ),
    "upload_sweep": _function("upload_sweep", json.loads((_EVENTS / "scheduled.json").read_text())),
    "routes": Target(_REQUESTS, Sending.to_routes),
}


def attempt(target: Target, sending: Sending, *, examples: int, number: int | None = None) -> None:
    """Send `examples` payloads; raises AssertionError with the smallest that failed.

    Without `number`, which is a seed, they are the same each time.
    """
    send = target.sending(sending)

    @settings(
        max_examples=examples,
        derandomize=number is None,
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(target.payloads)
    def trial(payload: Any) -> None:
        wrong = send(payload)
        assert wrong is None, wrong

    (trial if number is None else seed(number)(trial))()


@contextmanager
def sending(dsn: str) -> Iterator[Sending]:
    """Run everything behind the functions: PostgreSQL at that address, S3 with an object, Step Functions."""
    environment = {
        "DATABASE_URL": dsn,
        "STATE_MACHINE_NAME": "assay-local-csv-processing",
        "UPLOADS_BUCKET": _CREATED.bucket,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    deployment = describe_project()
    with (
        patch.dict(os.environ, environment),
        mock_aws(),
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        redirect_stderr(nowhere),
        Client(app.app) as client,
    ):
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=_CREATED.bucket)
        s3.put_object(Bucket=_CREATED.bucket, Key=_CREATED.key, Body=_CONTENT)
        role = "arn:aws:iam::123456789012:role/any"
        definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
        boto3.client("stepfunctions").create_state_machine(
            name=environment["STATE_MACHINE_NAME"], definition=definition, roleArn=role
        )
        app.services.cache_clear()
        runtime = LambdaRuntime(deployment.functions, region="us-east-1", report=lambda _: None)
        try:
            yield Sending(runtime, client)
        finally:
            app.services().close()
            app.services.cache_clear()
