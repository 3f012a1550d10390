"""What is in the logs of a full run, and what never is.

Markers are planted wherever something must not be logged. Then everything that is logged is read: what the functions
print, what any library logs from INFO on, the histories of the executions with their data, and the transitions.

Names are logged, because nothing could be found without them: of owners, files, uploads, datasets and columns. A
column's name is what the header says, even where that is no label of the schema's. A verdict's messages say what the
schema expects, a broken schema's error what is wrong with it: hence its enums and patterns, but nothing else of it.
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
    """A full run: all that was logged, how each upload ended, and what of it is secret."""

    logs: str
    verdicts: dict[str, Verdict]
    secrets: dict[str, str]
    http: dict[str, int]


@frozen(kw_only=True)
class Player:
    """Goes through everything that can happen to an upload, and keeps what becomes of it."""

    stack: LocalStack
    server: PostgresServer
    verdicts: dict[str, Verdict] = field(factory=dict)
    secrets: dict[str, str] = field(factory=dict)
    http: dict[str, int] = field(factory=dict)

    def upload(self, name: str, content: bytes, schema: str | None = None) -> None:
        """Put a file by a presigned URL, as a partner's system would, read it by another, and follow it."""
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
        """Put a schema, and give the name of its dataset."""
        key = f"schemas/{LOGGED['a dataset']}.json"
        self.stack.aws.client("s3").put_object(Bucket=self.stack.bucket, Key=key, Body=content.encode())
        return LOGGED["a dataset"]

    def vanish(self) -> None:
        """Announce an object that is not there."""
        upload_id = f"{LOGGED['an upload']}-vanished"
        key = f"uploads/{LOGGED['an owner']}/{upload_id}/{LOGGED['a file']}.csv"
        record = {"s3": {"bucket": {"name": self.stack.bucket}, "object": {"key": key, "sequencer": "0A"}}}
        self.stack.runtime.invoke_async(self.stack.deployment.trigger.function, json.dumps({"Records": [record]}))
        self.verdicts["vanished"] = self.stack.follow(upload_id, timeout=60)

    def ask(self, client: Client, name: str, path: str, query: str = "") -> None:
        """Ask over HTTP, with what must not be logged."""
        headers = {"Authorization": NEVER["the header Authorization"], "Cookie": NEVER["the header Authorization"]}
        answer = client.http.get(path + query, headers=headers)
        self.http[name] = answer.status_code


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """Play everything, once, and read the logs."""
    written = io.StringIO()
    with ExitStack() as undo:
        for redirect in (redirect_stdout, redirect_stderr):
            undo.enter_context(redirect(written))
        undo.enter_context(_everything_logged(written))
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
        player = Player(stack=stack, server=server)
        player.secrets["the database's password"] = str(conninfo_to_dict(url)["password"])
        _play(player)
        written.write(_histories(player))
        written.write(_transitions(url))
        yield Run(logs=written.getvalue(), verdicts=player.verdicts, secrets=player.secrets, http=player.http)


def _everything_logged(into: io.StringIO) -> ExitStack:
    """Write every library's records from INFO on, with tracebacks, as Lambda's runtime does."""
    root, handler = logging.getLogger(), logging.StreamHandler(into)
    undo = ExitStack()
    undo.callback(root.setLevel, root.level)
    undo.callback(root.removeHandler, handler)
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    return undo


def _play(player: Player) -> None:
    cells = {name: marker.encode() for name, marker in NEVER.items()}
    player.upload("valid", HEADER + b"1,%b,a@example.com,1\n" % cells["a cell of a valid file"])
    rows = (
        b"%b,n,e,1\n" % cells["a cell that is not of its type"],
        b"1,n,a@example.com,1" + b",%b" % cells["a cell too many"] * 50 + b"\n",
        b"1,%b\xff,a@example.com,1\n" % cells["a record with bytes of another encoding"],
        b"1,%b,a@example.com,1\n" % (cells["an oversized record"] * 500_000),
        b'1,"%b"%b,a@example.com,1\n' % ((cells["a cell with a stray quote"],) * 2),
    )
    player.upload("invalid", HEADER + b"".join(rows))
    player.upload("other-header", HEADER.strip() + b",%b\n" % LOGGED["a label of a header"].encode())
    dataset = player.schema(json.dumps(SCHEMA))
    json_cell = b'"{""b"": ""%b""}"' % cells["a cell that holds JSON"]
    row = b"1,%b,%b,%b,%b\n" % (
        *[cells["a cell that breaks a constraint"]] * 2,
        json_cell,
        cells["a key that comes twice"],
    )
    player.upload("other-schema", b"id,kind,form,json,code\n" + row * 2, dataset)
    player.upload("unknown-schema", HEADER, NEVER["a name that no dataset can have"])
    player.schema(f"{{{NEVER['a schema that is no JSON']}}}")
    player.upload("broken-schema", HEADER, dataset)
    player.vanish()
    with patch.object(validate_upload, "validate", _stumble):
        player.upload("bug", HEADER)
    player.server.stop()
    player.upload("outage", HEADER)
    with Client(app.app) as client:
        player.ask(client, "found", f"/uploads/{LOGGED['an upload']}-valid")
        player.ask(client, "unknown", "/uploads/unknown")
        player.ask(client, "malformed", "/uploads/unknown", "?{0}={0}".format(NEVER["the query of a request"]))
        with patch.object(queries, "find_upload", _stumble):
            player.ask(client, "bug", "/uploads/42")
        player.server.stop()
        player.ask(client, "unavailable", "/health")
        player.server.start()


def _stumble(*_: object, **__: object) -> NoReturn:
    raise ValueError(NEVER["a message of an unexpected exception"])


def _histories(player: Player) -> str:
    """Return the executions' log, as Step Functions writes it at level ALL with execution data."""
    stepfunctions = player.stack.aws.client("stepfunctions")
    names = [str(verdict.upload.execution_name) for verdict in player.verdicts.values()]
    arns = [execution_arn(player.stack.deployment.state_machine, name) for name in names]
    described = [stepfunctions.describe_execution(executionArn=arn) for arn in arns]
    for arn in arns:
        described += stepfunctions.get_paginator("get_execution_history").paginate(
            executionArn=arn, includeExecutionData=True
        )
    return "\n".join(json.dumps(each, default=str) for each in described)


def _transitions(url: str) -> str:
    with psycopg.connect(url) as connection:
        return str(connection.execute("SELECT * FROM csv_upload_transitions").fetchall())


def test_everything_has_been_gone_through(run: Run) -> None:
    """Verdicts of both kinds, every kind of failure, and every kind of answer."""
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
    """So the reading below would find what must not be."""
    assert LOGGED[what] in run.logs


@pytest.mark.parametrize(
    "line", ['"outcome": "valid"', "DatabaseUnavailable", "Traceback", "TaskStateEntered", "WARNING"]
)
def test_every_kind_of_log_has_been_read(run: Run, line: str) -> None:
    """Canonical lines, warnings, tracebacks, histories."""
    assert line in run.logs


@pytest.mark.parametrize("what", NEVER)
def test_what_must_not_be_logged_is_in_no_log(run: Run, what: str) -> None:
    """Logs outlive files, and are read by more people."""
    place = run.logs.find(NEVER[what])
    assert place == -1, run.logs[max(0, place - 300) : place + 100]


def test_secrets_are_in_no_log(run: Run) -> None:
    """The database's password, and the signature of every presigned URL."""
    assert len(run.secrets) > len(run.verdicts)
    assert [] == [name for name, secret in run.secrets.items() if secret in run.logs]
    assert [] == [name for name in ("X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token") if name in run.logs]
