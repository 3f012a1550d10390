"""The operators' command line, on real PostgreSQL and moto's Step Functions."""

import json
import os
from collections.abc import Iterator

import boto3
import psycopg
import pytest
from moto import mock_aws

from chalicelib.operations.__main__ import main
from chalicelib.postgres.database import Database
from chalicelib.postgres.uploads import PostgresUploads
from chalicelib.uploads.attempts import Attempt, ObjectCreated

ATTEMPT = Attempt.for_object(
    ObjectCreated(bucket="inbox", key="uploads/acme/42/a.csv", version_id="v1", sequencer="0A")
)
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:assay-test"


@pytest.fixture
def uploads(dsn: str, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresUploads]:
    """A repository with one upload, and an operator's environment."""
    for name, value in {
        "DATABASE_URL": dsn,
        "STATE_MACHINE_ARN": MACHINE,
        "UPLOADS_BUCKET": "inbox",
        "SWEEP_GRACE_SECONDS": "0",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    uploads = PostgresUploads(database)
    uploads.begin_announced(ATTEMPT)
    with mock_aws():
        boto3.client("stepfunctions").create_state_machine(
            name="assay-test",
            definition='{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
            roleArn="arn:aws:iam::123456789012:role/states",
        )
        boto3.client("s3").create_bucket(Bucket="inbox")
        yield uploads


def test_replay_begins_an_attempt_and_prints_it(uploads: PostgresUploads, capsys: pytest.CaptureFixture[str]) -> None:
    """The audit has the operator and the reason."""
    assert main(["replay", "42", "--reason", "schema mended", "--operator", "ada"]) == 0
    execution = uploads.find("42").execution_name
    assert capsys.readouterr().out == f"42  attempt 2  VALIDATING  {execution}\n"
    step = uploads.transitions("42")[-1]
    assert ("operator:ada", "schema mended") == (step.actor, step.reason)
    names = [it["name"] for it in boto3.client("stepfunctions").list_executions(stateMachineArn=MACHINE)["executions"]]
    assert [execution] == names


def test_failed_replay_does_not_stop_the_others(uploads: PostgresUploads, capsys: pytest.CaptureFixture[str]) -> None:
    """The order does not matter. The exit code is 1, and each failure has a line."""
    assert main(["replay", "none", "42", "a b", "--reason", "schema mended"]) == 1
    printed = capsys.readouterr()
    assert 2 == uploads.find("42").attempt
    assert printed.out.startswith("42  attempt 2  VALIDATING")
    assert ["none  UploadNotFound: there is no upload none", "a b  UploadNotFound: an upload id is 1 to 64"] == [
        line.partition(" of ")[0] for line in printed.err.splitlines()
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["replay", "43", "--reason", "x"], "UploadNotFound: there is no upload 43"),
        (["replay", "42", "--reason", "x", "--attempt", "7"], "AttemptSuperseded: attempt 7 is not the current one"),
        (["replay", "42", "--reason", " "], "RequestMalformed: $.reason: expected 1 to 500 characters"),
        (["trace", "43"], "UploadNotFound: there is no upload 43"),
    ],
)
def test_failure_is_printed(
    uploads: PostgresUploads, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """The exit code is 1, and nothing has changed."""
    assert main(arguments) == 1
    assert said in capsys.readouterr().err
    assert uploads.find("42").attempt == 1


def test_missing_settings_are_named(
    uploads: PostgresUploads, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Among them the ARN of the state machine, which only functions can derive."""
    monkeypatch.delenv("STATE_MACHINE_ARN")
    assert main(["replay", "42", "--reason", "x"]) == 1
    assert "the environment lacks STATE_MACHINE_ARN" in capsys.readouterr().err
    assert uploads.find("42").attempt == 1


def test_help_names_the_settings(capsys: pytest.CaptureFixture[str]) -> None:
    """The help lists all settings."""
    with pytest.raises(SystemExit):
        main(["--help"])
    printed = capsys.readouterr().out
    for name in ("DATABASE_URL or DATABASE_SECRET_ARN", "STATE_MACHINE_ARN", "UPLOADS_BUCKET"):
        assert name in printed


def test_operator_without_a_login_name_is_the_user_id(
    uploads: PostgresUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container, the user may have no entry in the password file."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 2_000_000_123)
    assert main(["trace", "42"]) == 0
    assert main(["replay", "42", "--reason", "schema mended"]) == 0
    assert "operator:uid 2000000123" == uploads.transitions("42")[-1].actor


@pytest.mark.usefixtures("uploads")
def test_trace_prints_every_transition(capsys: pytest.CaptureFixture[str]) -> None:
    """The output is text or JSON lines."""
    assert main(["trace", "42"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("attempt 0  - -> PENDING  by notification")
    assert second.endswith(f"attempt 1  PENDING -> VALIDATING  in {ATTEMPT.execution_name}  by notification")
    assert main(["trace", "42", "--json"]) == 0
    steps = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(None, "PENDING"), ("PENDING", "VALIDATING")] == [(it["fromStatus"], it["toStatus"]) for it in steps]


def test_sweep_runs_at_once(uploads: PostgresUploads, capsys: pytest.CaptureFixture[str]) -> None:
    """Its canonical line has the counts."""
    boto3.client("s3").put_object(Bucket="inbox", Key="uploads/acme/77/a.csv", Body=b"id\n")
    assert main(["sweep"]) == 0
    canonical = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (1, 1) == (canonical["found"], canonical["started"])
    assert uploads.find("77").attempt == 1


@pytest.mark.usefixtures("uploads")
def test_table_prints_the_ddl_creates_it_and_compares_it(
    dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A table that differs is named column by column, and the exit code is 1."""
    monkeypatch.setenv("SCHEMAS_URI", "s3://inbox/schemas/")
    title = {"title": "Number of the order's line"}
    schema = {"fields": [{"name": "id", "type": "integer", **title}], "assay": {"load": {"table": "orders"}}}
    boto3.client("s3").put_object(Bucket="inbox", Key="schemas/orders.json", Body=json.dumps(schema).encode())
    assert main(["table", "orders"]) == 0
    printed = capsys.readouterr().out
    assert 'CREATE TABLE "public"."orders" (' in printed
    assert """COMMENT ON COLUMN "public"."orders"."id" IS 'Number of the order''s line';""" in printed
    for words in ("-- orders was created", "-- orders exists, and fits the schema"):
        assert main(["table", "orders", "--apply"]) == 0
        assert words in capsys.readouterr().out
    with psycopg.connect(dsn) as connection:
        connection.execute("ALTER TABLE orders ALTER id TYPE real")
    assert main(["table", "orders", "--apply"]) == 1
    assert "column id is real: expected bigint or numeric" in capsys.readouterr().err


@pytest.mark.usefixtures("uploads")
def test_table_of_a_schema_without_a_load_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """The message says what to add to the schema."""
    assert main(["table", "default"]) == 1
    assert 'asks for no load: add "assay"' in capsys.readouterr().err
