"""Logs of a full run contain no cells and no secrets.

Data that must not be logged contain markers. The test reads everything that is logged: what the functions
print, what any library logs from INFO on, the histories of the executions with their data, and the transitions.

Names of owners, files, uploads, datasets and columns are logged, because operators search for them. A
column's name is the header's text, even if it is no label of the schema. A verdict's messages say what the
schema expects, and an invalid schema's error says why: so enums and patterns are logged, but nothing else of it.
"""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from typing import NoReturn
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import boto3
import psycopg
import pytest
from attrs import field, frozen
from botocore.config import Config
from chalice.test import Client
from psycopg.conninfo import conninfo_to_dict

import app
from chalicelib.postgres import migrations
from chalicelib.uploads import queries
from chalicelib.uploads import validate as validate_upload
from chalicelib.uploads.lifecycle import Status
from infra.local.aws.account import execution_arn
from infra.local.lambdas.runtime import FailedInvocation, show
from infra.local.postgres import PostgresServer
from infra.local.stack import LocalStack, Verdict

NEVER = {
    "a cell of a valid file": "mkValidCell",
    "a cell that is not of its type": "mkTypeCell",
    "a cell that breaks a constraint": "mkConstraintCell",
    "a cell that holds JSON": "mkJsonCell",
    "a cell too many": "mkExtraCell",
    "an oversized record": "mkOversized",
    "a record with bytes of another encoding": "mkEncoding",
    "a cell with a stray quote": "mkQuote",
    "a key that comes twice": "mkKey",
    "the object's metadata": "mkMetadata",
    "a name that no dataset can have": "mkImpossible/dataset",
    "the description of a schema": "mkDescription",
    "a schema that is no JSON": "mkNoJson",
    "a message of an unexpected exception": "mkBug",
    "the header Authorization": "mkAuthorization",
    "the query of a request": "mkQuery",
    "AWS's secret key": "mkSecretKey",
    "AWS's session token": "mkSessionToken",
}
LOGGED = {
    "an owner": "mkOwner",
    "a file": "mkFile",
    "an upload": "mkUpload",
    "a dataset": "mkDataset",
    "a label of a header": "mkLabel",
    "a schema's enum": "mkEnum",
    "a schema's pattern": "mkPattern",
}
HEADER = b"id,name,email,amount\n"
SCHEMA = {
    "description": NEVER["the description of a schema"],
    "fields": [
        {"name": "id", "type": "integer"},
        {"name": "kind", "type": "string", "constraints": {"enum": [LOGGED["a schema's enum"]]}},
        {"name": "form", "type": "string", "constraints": {"pattern": LOGGED["a schema's pattern"] + "[0-9]"}},
        {"name": "json", "type": "object", "constraints": {"jsonSchema": {"required": ["a"]}}},
        {"name": "code", "type": "string", "constraints": {"unique": True}},
    ],
    "primaryKey": "code",
}


@frozen(kw_only=True)
class Run:
    """The result of a full run: its logs, verdicts, secrets, and HTTP statuses by name."""

    logs: str
    verdicts: dict[str, Verdict]
    secrets: dict[str, str]
    http: dict[str, int]


@frozen(kw_only=True)
class Scenario:
    """Runs each kind of upload and request, and keeps its result."""

    stack: LocalStack
    server: PostgresServer
    verdicts: dict[str, Verdict] = field(factory=dict)
    secrets: dict[str, str] = field(factory=dict)
    http: dict[str, int] = field(factory=dict)

    def upload(self, name: str, content: bytes, schema: str | None = None) -> None:
        """Put a file by a presigned URL, read it by another, and wait for its verdict."""
        s3 = boto3.Session().client("s3", config=Config(signature_version="s3v4"))  # with the session's token
        key = f"uploads/{LOGGED['an owner']}/{LOGGED['an upload']}-{name}/{LOGGED['a file']}.csv"
        target = {"Bucket": self.stack.bucket, "Key": key}
        metadata = {"note": NEVER["the object's metadata"]} | ({"schema": schema} if schema else {})
        put = s3.generate_presigned_url("put_object", {**target, "Metadata": metadata})
        headers = {f"x-amz-meta-{name}": value for name, value in metadata.items()}
        self._request(Request(put, data=content, headers=headers, method="PUT"))  # noqa: S310 - our own URL
        self._request(Request(s3.generate_presigned_url("get_object", target)))  # noqa: S310
        self.verdicts[name] = self.stack.follow(f"{LOGGED['an upload']}-{name}", timeout=60)

    def _request(self, request: Request) -> None:
        (signature,) = parse_qs(urlsplit(request.full_url).query)["X-Amz-Signature"]
        self.secrets[f"the signature of {request.get_method()} {len(self.secrets)}"] = signature
        urlopen(request).close()  # noqa: S310

    def schema(self, content: str) -> str:
        """Put a schema; return its name."""
        key = f"schemas/{LOGGED['a dataset']}.json"
        self.stack.aws.client("s3").put_object(Bucket=self.stack.bucket, Key=key, Body=content.encode())
        return LOGGED["a dataset"]

    def vanish(self) -> None:
        """Deliver an S3 event about an object that does not exist."""
        upload_id = f"{LOGGED['an upload']}-vanished"
        key = f"uploads/{LOGGED['an owner']}/{upload_id}/{LOGGED['a file']}.csv"
        record = {"s3": {"bucket": {"name": self.stack.bucket}, "object": {"key": key, "sequencer": "0A"}}}
        self.stack.runtime.invoke_async(self.stack.deployment.trigger.function, json.dumps({"Records": [record]}))
        self.verdicts["vanished"] = self.stack.follow(upload_id, timeout=60)

    def request(self, client: Client, name: str, path: str, query: str = "") -> None:
        """Send a request with headers that must not be logged."""
        headers = {"Authorization": NEVER["the header Authorization"], "Cookie": NEVER["the header Authorization"]}
        response = client.http.get(path + query, headers=headers)
        self.http[name] = response.status_code


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Run all uploads and requests once, and collect the logs."""
    written = io.StringIO()
    with ExitStack() as undo:
        for redirect in (redirect_stdout, redirect_stderr):
            undo.enter_context(redirect(written))
        undo.enter_context(_all_records(written))
        server = undo.enter_context(PostgresServer())
        url = server.create_database("assay")
        migrations.apply(url)

        def report(failure: FailedInvocation) -> None:
            show(failure)
            if failure.error_type == "DatabaseUnavailable":
                server.start()

        stack = undo.enter_context(LocalStack(database_url=url, report=report))
        secrets = {
            "AWS_SECRET_ACCESS_KEY": NEVER["AWS's secret key"],
            "AWS_SESSION_TOKEN": NEVER["AWS's session token"],
        }
        undo.enter_context(patch.dict("os.environ", secrets))
        scenario = Scenario(stack=stack, server=server)
        scenario.secrets["the database's password"] = str(conninfo_to_dict(url)["password"])
        _run_all(scenario)
        written.write(_histories(scenario))
        written.write(_transitions(url))
        yield Run(logs=written.getvalue(), verdicts=scenario.verdicts, secrets=scenario.secrets, http=scenario.http)


def _all_records(into: io.StringIO) -> ExitStack:
    """Log the records of all libraries from INFO on, with tracebacks, as Lambda's runtime does."""
    root, handler = logging.getLogger(), logging.StreamHandler(into)
    undo = ExitStack()
    undo.callback(root.setLevel, root.level)
    undo.callback(root.removeHandler, handler)
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    return undo


def _run_all(scenario: Scenario) -> None:
    cells = {name: marker.encode() for name, marker in NEVER.items()}
    scenario.upload("valid", HEADER + b"1,%b,a@example.com,1\n" % cells["a cell of a valid file"])
    rows = (
        b"%b,n,e,1\n" % cells["a cell that is not of its type"],
        b"1,n,a@example.com,1" + b",%b" % cells["a cell too many"] * 50 + b"\n",
        b"1,%b\xff,a@example.com,1\n" % cells["a record with bytes of another encoding"],
        b"1,%b,a@example.com,1\n" % (cells["an oversized record"] * 500_000),
        b'1,"%b"%b,a@example.com,1\n' % ((cells["a cell with a stray quote"],) * 2),
    )
    scenario.upload("invalid", HEADER + b"".join(rows))
    scenario.upload("other-header", HEADER.strip() + b",%b\n" % LOGGED["a label of a header"].encode())
    dataset = scenario.schema(json.dumps(SCHEMA))
    json_cell = b'"{""b"": ""%b""}"' % cells["a cell that holds JSON"]
    row = b"1,%b,%b,%b,%b\n" % (
        *[cells["a cell that breaks a constraint"]] * 2,
        json_cell,
        cells["a key that comes twice"],
    )
    scenario.upload("other-schema", b"id,kind,form,json,code\n" + row * 2, dataset)
    scenario.upload("unknown-schema", HEADER, NEVER["a name that no dataset can have"])
    scenario.schema(f"{{{NEVER['a schema that is no JSON']}}}")
    scenario.upload("broken-schema", HEADER, dataset)
    scenario.vanish()
    with patch.object(validate_upload, "validate", _raise_unexpected):
        scenario.upload("bug", HEADER)
    scenario.server.stop()
    scenario.upload("outage", HEADER)
    with Client(app.app) as client:
        scenario.request(client, "found", f"/uploads/{LOGGED['an upload']}-valid")
        scenario.request(client, "unknown", "/uploads/unknown")
        scenario.request(client, "malformed", "/uploads/unknown", "?{0}={0}".format(NEVER["the query of a request"]))
        with patch.object(queries, "find_upload", _raise_unexpected):
            scenario.request(client, "bug", "/uploads/42")
        scenario.server.stop()
        scenario.request(client, "unavailable", "/health")
        scenario.server.start()


def _raise_unexpected(*_: object, **__: object) -> NoReturn:
    raise ValueError(NEVER["a message of an unexpected exception"])


def _histories(scenario: Scenario) -> str:
    """Return the executions' log, as Step Functions writes it at level ALL with execution data."""
    stepfunctions = scenario.stack.aws.client("stepfunctions")
    names = [str(verdict.upload.execution_name) for verdict in scenario.verdicts.values()]
    arns = [execution_arn(scenario.stack.deployment.state_machine, name) for name in names]
    described = [stepfunctions.describe_execution(executionArn=arn) for arn in arns]
    for arn in arns:
        described += stepfunctions.get_paginator("get_execution_history").paginate(
            executionArn=arn, includeExecutionData=True
        )
    return "\n".join(json.dumps(each, default=str) for each in described)


def _transitions(url: str) -> str:
    with psycopg.connect(url) as connection:
        return str(connection.execute("SELECT * FROM csv_upload_transitions").fetchall())


def test_full_run_has_every_kind_of_result(run: Run) -> None:
    """It has both verdicts, each kind of failure, and each kind of HTTP response."""
    assert {name: (it.upload.status, it.execution_status) for name, it in run.verdicts.items()} == {
        "valid": (Status.VALIDATED, "SUCCEEDED"),
        "invalid": (Status.VALIDATION_FAILED, "SUCCEEDED"),
        "other-header": (Status.VALIDATION_FAILED, "SUCCEEDED"),
        "other-schema": (Status.VALIDATION_FAILED, "SUCCEEDED"),
        "unknown-schema": (Status.VALIDATION_FAILED, "SUCCEEDED"),
        "broken-schema": (Status.VALIDATION_FAILED, "FAILED"),
        "vanished": (Status.VALIDATION_FAILED, "FAILED"),
        "bug": (Status.VALIDATION_FAILED, "FAILED"),
        "outage": (Status.VALIDATED, "SUCCEEDED"),
    }
    assert {"found": 200, "unknown": 404, "malformed": 400, "bug": 500, "unavailable": 503} == run.http
    codes = {error.code for verdict in run.verdicts.values() for error in verdict.upload.errors}
    assert {
        "constraint-error",
        "encoding-error",
        "extra-cell",
        "extra-label",
        "oversized-record",
        "primary-key",
        "quote-error",
        "system-error",
        "type-error",
        "unknown-schema",
    } <= codes


@pytest.mark.parametrize("what", LOGGED)
def test_what_may_be_logged_is_found(run: Run, what: str) -> None:
    """Finding these markers shows that forbidden ones would be found, too."""
    assert LOGGED[what] in run.logs


@pytest.mark.parametrize(
    "line", ['"outcome": "valid"', "DatabaseUnavailable", "Traceback", "TaskStateEntered", "WARNING"]
)
def test_every_kind_of_log_is_read(run: Run, line: str) -> None:
    """These are canonical lines, warnings, tracebacks and execution histories."""
    assert line in run.logs


@pytest.mark.parametrize("what", NEVER)
def test_forbidden_data_is_in_no_log(run: Run, what: str) -> None:
    """Logs are kept longer than files, and more people read them."""
    place = run.logs.find(NEVER[what])
    assert place == -1, run.logs[max(0, place - 300) : place + 100]


def test_secrets_are_in_no_log(run: Run) -> None:
    """Secrets are the database's password and the signatures of presigned URLs."""
    assert len(run.secrets) > len(run.verdicts)
    assert [] == [name for name, secret in run.secrets.items() if secret in run.logs]
    assert [] == [name for name in ("X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token") if name in run.logs]
