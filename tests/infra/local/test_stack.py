"""The stack takes a file from the bucket to its verdict, and restores the process's environment."""

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Never

import attrs
import pytest

from chalicelib.postgres import migrations
from chalicelib.uploads.reports import ReportFile
from infra.local.aws.event_bridge import EventRule, Schedule
from infra.local.deployment import describe_project
from infra.local.lambdas.environments import Function
from infra.local.lambdas.runtime import FailedInvocation
from infra.local.lambdas.worker_processes import WorkerProcesses
from infra.local.postgres import PostgresServer, open_directory
from infra.local.stack import LocalStack, NoVerdict

PATIENCE = 60.0  # seconds
GOOD = b"id,name,email,amount\n1,Ada,ada@example.com,1.5\n"
BAD = b"id,name,email,amount\none,Ada,ada@example.com,1.5\n"


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    """A migrated database that these tests share: every upload has an id of its own."""
    with PostgresServer() as server:
        url = server.create_database("assay")
        migrations.apply(url)
        yield url


def ignore(_failure: FailedInvocation) -> None:
    """Do not print expected failures."""


def test_valid_file_is_validated(database_url: str) -> None:
    """The verdict has the upload of the database and the states of the execution's history."""
    states: list[str] = []
    with LocalStack(database_url=database_url) as stack:
        key = stack.put(GOOD, filename="two words+.csv", owner="me", upload_id="valid")
        verdict = stack.follow("valid", on_state=lambda state, _seconds: states.append(state))

    assert "uploads/me/valid/two words+.csv" == key == verdict.upload.key
    assert (verdict.upload.status, verdict.upload.row_count, verdict.upload.error_count) == ("VALIDATED", 1, 0)
    assert states[2:] == ["IsInParts", "IsValid", "PersistPlaceholder", "IsLoadWanted", "MarkValidated", "Validated"]
    assert tuple(states) == verdict.states
    assert verdict.is_about_the_file


def test_invalid_file_is_a_verdict(database_url: str) -> None:
    """Its errors are read from the database."""
    with LocalStack(database_url=database_url) as stack:
        stack.put(BAD, filename="bad.csv", owner="me", upload_id="invalid")
        verdict = stack.follow("invalid")

    assert verdict.upload.status == "VALIDATION_FAILED"
    assert [(it.row, it.column, it.code) for it in verdict.upload.errors] == [(2, "id", "type-error")]
    assert verdict.is_about_the_file


def test_schema_file_may_have_any_name(database_url: str, tmp_path: Path) -> None:
    """The schema gets a name that the object's metadata can contain."""
    path = tmp_path / "numbers of mine é.JSON"
    path.write_text('{"fields": [{"name": "n", "type": "integer"}]}')
    with LocalStack(database_url=database_url) as stack:
        dataset = stack.put_schema(path)
        stack.put(b"n\n1\n", filename="n.csv", owner="me", upload_id="own-schema", schema=dataset)

        assert stack.follow("own-schema").upload.status == "VALIDATED"


def test_exception_of_the_validator_is_a_system_failure(database_url: str) -> None:
    """The execution fails, and the failed invocation is recorded."""

    def broken(_event: Any, _context: Any) -> Never:
        raise ZeroDivisionError("a bug")

    deployment = describe_project()
    functions = tuple(
        attrs.evolve(function, handler=broken) if function.name.endswith("csv_validator") else function
        for function in deployment.functions
    )
    with LocalStack(attrs.evolve(deployment, functions=functions), database_url=database_url, report=ignore) as stack:
        stack.put(GOOD, filename="good.csv", owner="me", upload_id="raising")
        verdict = stack.follow("raising")

        assert [failure.error_type for failure in stack.runtime.failures] == ["ZeroDivisionError"]
    assert verdict.execution_status == "FAILED"
    assert not verdict.is_about_the_file


def test_end_of_an_execution_invokes_functions_with_a_matching_rule(database_url: str) -> None:
    """EventBridge does so on AWS; a schedule is due once in each `period` of the stack."""
    received: SimpleQueue[dict[str, Any]] = SimpleQueue()
    deployment = describe_project()
    listener = Function(name="listener", handler=lambda event, _context: received.put(event))
    listening = attrs.evolve(
        deployment,
        functions=(*deployment.functions, listener),
        rules=(EventRule(function="listener", pattern={"detail": {"status": ["SUCCEEDED"]}}),),
        schedules=(Schedule(function="listener", period=3600),),
    )
    with LocalStack(listening, database_url=database_url, period=0.05) as stack:
        assert received.get(timeout=PATIENCE)["detail-type"] == "Scheduled Event"
        stack.put(GOOD, filename="good.csv", owner="me", upload_id="followed")
        ends = (
            event for event in iter(lambda: received.get(timeout=PATIENCE), None) if event["source"] == "aws.states"
        )
        end = next(ends)

    assert end["detail-type"] == "Step Functions Execution Status Change"
    assert [end["detail"]["executionArn"]] == end["resources"]
    assert "followed" == json.loads(end["detail"]["input"])["uploadId"]


def test_stack_can_run_functions_in_worker_processes(database_url: str, tmp_path: Path) -> None:
    """The verdict is the same; the functions' log lines are in the log."""
    log = tmp_path / "log"
    with LocalStack(database_url=database_url, environments=WorkerProcesses(log=log)) as stack:
        stack.put(BAD, filename="bad.csv", owner="me", upload_id="apart")
        verdict = stack.follow("apart")

    assert (verdict.upload.status, verdict.upload.error_count) == ("VALIDATION_FAILED", 1)
    functions = {
        line["function"].removeprefix("assay-local-") for line in map(json.loads, log.read_text().splitlines())
    }
    assert {"csv_orchestrator", "csv_validator", "upload_status"} == functions


def test_upload_whose_event_always_fails_has_no_verdict() -> None:
    """Without a database the orchestrator fails; waiting for the verdict ends with an error instead of a time-out."""
    with LocalStack(database_url="postgresql://127.0.0.1:1/nowhere", report=ignore) as stack:
        stack.put(GOOD, filename="good.csv", owner="me", upload_id="lost")

        with pytest.raises(NoVerdict, match="DatabaseUnavailable"):
            stack.follow("lost")


def test_kept_stack_continues_where_the_last_one_ended() -> None:
    """It has the uploads and their files, and partner links remain valid."""
    keep = open_directory() / f"assay-kept-{secrets.token_hex(4)}"  # every account can reach it
    secret = set()
    try:
        for _ in range(2):
            with LocalStack(keep=keep) as stack:
                secret.add(os.environ["LINK_SECRET"])
                if not stack.aws.client("s3").list_objects_v2(Bucket=stack.bucket)["KeyCount"]:
                    stack.put(GOOD, filename="good.csv", owner="me", upload_id="kept")
                    stack.follow("kept")
                upload = stack.find_upload("kept")
                assert (upload.status, upload.row_count) == ("VALIDATED", 1)
                assert b"good.csv" in stack.read_report(upload)[ReportFile.PAGE]
        assert len(secret) == 1
    finally:
        shutil.rmtree(keep)


def test_malformed_key_has_no_verdict(database_url: str) -> None:
    """Nothing fails, and nothing is recorded."""
    with LocalStack(database_url=database_url) as stack:
        stack.put(GOOD, filename="good.csv", owner="me", upload_id="not an id")

        with pytest.raises(NoVerdict, match="nothing took upload not an id up"):
            stack.follow("not an id")


def test_environment_is_restored_afterwards(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack ignores a developer's own AWS settings, and restores them at its end."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    before = dict(os.environ)

    with LocalStack(database_url=database_url) as stack:
        assert "AWS_PROFILE" not in os.environ
        assert stack.aws.endpoint == os.environ["AWS_ENDPOINT_URL"]

    assert before == dict(os.environ)
