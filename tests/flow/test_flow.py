"""The whole flow on the local stack: S3, the handlers, the deployed state machine's definition, and PostgreSQL."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus
from urllib.request import urlopen
from uuid import uuid4

import pytest
from attrs import evolve

from chalicelib.postgres import migrations
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.paging import ErrorQuery
from chalicelib.uploads.queries import list_errors, share_report
from chalicelib.validation import ValidationError
from infra.local.aws.account import execution_arn
from infra.local.deployment import Deployment, describe_project
from infra.local.lambdas.runtime import FailedInvocation
from infra.local.postgres import PostgresServer
from infra.local.project import BAD_SAMPLE, GOOD_SAMPLE
from infra.local.stack import LocalStack, Verdict

TO_VALIDATED = (
    *("NameExecution", "ValidateCsv", "IsInParts", "IsValid", "PersistPlaceholder", "IsLoadWanted"),
    *("MarkValidated", "Validated"),
)
TO_VALIDATION_FAILED = (
    "NameExecution",
    "ValidateCsv",
    "IsInParts",
    "IsValid",
    "MarkValidationFailed",
    "ValidationFailed",
)
TO_SYSTEM_FAILURE = ("NameExecution", "ValidateCsv", "MarkSystemFailure", "SystemFailure")
HEADER = b"id,name,email,amount\n"


@pytest.fixture(scope="module")
def stack(postgres: PostgresServer) -> Iterator[LocalStack]:
    """The local stack on a database of the module's own."""
    with LocalStack(database_url=postgres.create_database("flow", template="assay_template")) as stack:
        yield stack


def upload(stack: LocalStack, content: Path | bytes, **put: Any) -> Verdict:
    """Upload a file and wait for its verdict."""
    upload_id = str(uuid4())
    stack.put(content, **({"filename": "orders.csv", "owner": "acme", "upload_id": upload_id} | put))
    return stack.follow(put.get("upload_id", upload_id), timeout=30)


def _ports(stack: LocalStack) -> dict[str, Any]:
    services = stack.deployment.services()
    return {"uploads": services.uploads, "reports": services.reports}


def test_good_file_is_validated(stack: LocalStack) -> None:
    """Its execution passes PersistPlaceholder, and loads no rows if the dataset asks for none."""
    verdict = upload(stack, GOOD_SAMPLE)
    assert TO_VALIDATED == verdict.states
    assert verdict.execution_status == "SUCCEEDED"
    found = verdict.upload
    assert (Status.VALIDATED, 4, 0, ()) == (found.status, found.row_count, found.error_count, found.errors)


def test_bad_file_is_a_verdict_of_a_successful_execution(stack: LocalStack) -> None:
    """All its errors are recorded; failed executions raise an alarm, invalid files must not."""
    verdict = upload(stack, BAD_SAMPLE)
    assert TO_VALIDATION_FAILED == verdict.states
    assert verdict.execution_status == "SUCCEEDED"
    found = verdict.upload
    assert (Status.VALIDATION_FAILED, 8, 9) == (found.status, found.row_count, found.error_count)
    places = [(error.row, error.line, error.field, error.column, error.code) for error in found.errors]
    assert places == [
        (3, 3, 1, "id", "type-error"),
        (4, 4, 2, "name", "constraint-error"),
        (5, 5, 3, "email", "type-error"),
        (5, 5, 4, "amount", "type-error"),
        (6, 6, 4, "amount", "missing-cell"),
        (6, 6, 4, "amount", "constraint-error"),
        (7, 8, 5, None, "extra-cell"),
        (8, 9, None, None, "blank-row"),
        (9, 10, 2, "name", "quote-error"),
    ]


def test_report_can_be_read(stack: LocalStack) -> None:
    """The page has a presigned URL; its errors are read in pages."""
    verdict = upload(stack, BAD_SAMPLE, upload_id="reported", filename="bad.csv")
    ports = _ports(stack)
    with urlopen(share_report("reported", **ports).url) as answer:  # noqa: S310 - our own S3, on this machine
        page = answer.read().decode()
        assert ("text/html; charset=utf-8", "private, no-store") == (
            answer.headers["Content-Type"],
            answer.headers["Cache-Control"],
        )
    assert all(text in page for text in ("bad.csv", "9 errors", "in 8 rows", "<mark>abc</mark>"))
    first = list_errors("reported", ErrorQuery(limit=5), **ports)
    second = list_errors("reported", ErrorQuery(limit=5, cursor=first.next), **ports)
    assert second.next is None
    places = [(error.row, error.field, error.code) for error in (*first.errors, *second.errors)]
    assert [(error.row, error.field, error.code) for error in verdict.upload.errors] == places


def test_every_error_is_in_the_report(stack: LocalStack) -> None:
    """The database has only the first hundred; each attempt has its own report."""
    for rows in (150, 250):
        found = upload(stack, HEADER + b"x,Ada,ada@example.com,1\n" * rows, upload_id="all-of-them")
        listed = list_errors("all-of-them", ErrorQuery(limit=1000), **_ports(stack))
        assert (rows, 100) == (len(listed.errors), len(found.upload.errors))


def test_ten_thousand_errors_are_counted_and_a_hundred_recorded(stack: LocalStack) -> None:
    """Otherwise the validator's response would be too large for a state transition."""
    found = upload(stack, HEADER + b"x,Ada,ada@example.com,1\n" * 10_000).upload
    assert (10_000, 100) == (found.error_count, len(found.errors))


@pytest.mark.parametrize("filename", ["my file + 100% ü.csv", "2024/05/orders.csv", "a%20b.csv", "q?&=#.csv"])
def test_file_name_arrives_intact(stack: LocalStack, filename: str) -> None:
    """S3 encodes keys in events: spaces, plus, percent, non-ASCII and slashes must be decoded once."""
    verdict = upload(stack, GOOD_SAMPLE, filename=filename, owner="ada+spam@example.com")
    assert verdict.upload.status is Status.VALIDATED
    assert (filename, "ada+spam@example.com") == (verdict.upload.filename, verdict.upload.owner)


def test_execution_input_is_bucket_key_upload_id_and_version(stack: LocalStack) -> None:
    """It has no other member."""
    verdict = upload(stack, GOOD_SAMPLE, upload_id="exact", filename="a b.csv")
    stepfunctions = stack.aws.client("stepfunctions")
    arn = execution_arn(stack.deployment.state_machine, str(verdict.upload.execution_name))
    payload = json.loads(stepfunctions.describe_execution(executionArn=arn)["input"])
    key = "uploads/acme/exact/a b.csv"
    version = stack.aws.client("s3").head_object(Bucket=stack.bucket, Key=key)["VersionId"]
    assert {"uploadId": "exact", "bucket": stack.bucket, "key": key, "versionId": version} == payload


def test_newer_object_under_the_same_key_is_a_new_attempt(stack: LocalStack) -> None:
    """A corrected file gets a verdict of its own."""
    assert upload(stack, BAD_SAMPLE, upload_id="corrected").upload.status is Status.VALIDATION_FAILED
    found = upload(stack, GOOD_SAMPLE, upload_id="corrected").upload
    assert (Status.VALIDATED, 2, ()) == (found.status, found.attempt, found.errors)


def test_verdict_is_about_the_version_that_was_announced(stack: LocalStack) -> None:
    """A newer version may exist when the validator reads the object."""
    s3 = stack.aws.client("s3")
    key = "elsewhere/orders.csv"  # outside the trigger's prefix
    first = s3.put_object(Bucket=stack.bucket, Key=key, Body=HEADER + b"x,,,\n")["VersionId"]
    s3.put_object(Bucket=stack.bucket, Key=key, Body=HEADER)
    request = {"uploadId": "42", "bucket": stack.bucket, "key": key, "versionId": first}
    response = stack.runtime.invoke("assay-local-csv_validator", json.dumps(request))
    assert json.loads(response.payload)["errorCount"] == 4


def test_deleted_object_is_a_system_failure(stack: LocalStack) -> None:
    """The upload gets an error of the file, and the execution fails, which raises an alarm."""
    verdict = _notify_of_a_deleted_object(stack, "vanished")
    assert TO_SYSTEM_FAILURE == verdict.states
    assert verdict.execution_status == "FAILED"
    found = verdict.upload
    assert (Status.VALIDATION_FAILED, None, 1) == (found.status, found.row_count, found.error_count)
    message = "the file could not be checked: ObjectVanished"
    assert (ValidationError(column="file", code="system-error", message=message),) == found.errors


def test_invalid_schema_is_a_system_failure(stack: LocalStack, tmp_path: Path) -> None:
    """The validator raises; the state machine catches any exception. The error has the schema's path and reason."""
    broken = tmp_path / "broken.json"
    broken.write_text('{"fields": [{"name": "id", "type": "number of sorts"}]}')
    name = stack.put_schema(broken)
    verdict = upload(stack, GOOD_SAMPLE, schema=name)
    assert TO_SYSTEM_FAILURE == verdict.states
    (error,) = verdict.upload.errors
    reason = f"SchemaInvalid: the schema '{name}': $.fields[0].type: no such type; "
    assert error.message.startswith(f"the file could not be checked: {reason}")


def test_schema_named_by_the_object_is_used(stack: LocalStack, tmp_path: Path) -> None:
    """A schema is put into S3, without a deployment."""
    schema = tmp_path / "names of people é.json"
    schema.write_text('{"fields": [{"name": "name", "type": "string"}]}')
    name = stack.put_schema(schema)
    for content, status in ((b"name\nAda\n", Status.VALIDATED), (b"id\n1\n", Status.VALIDATION_FAILED)):
        found = upload(stack, content, schema=name).upload
        assert (status, name) == (found.status, found.schema)


def test_malformed_key_is_logged_and_does_not_fail(stack: LocalStack, capfd: pytest.CaptureFixture[str]) -> None:
    """Raising would make Lambda retry the event; ignoring would lose the object silently."""
    failures = len(stack.runtime.failures)
    stack.aws.client("s3").put_object(Bucket=stack.bucket, Key="uploads/orders.csv", Body=HEADER)
    assert stack.runtime.wait_until_delivered(10)
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert failures == len(stack.runtime.failures)
    assert ("object rejected", "uploads/orders.csv") == (lines[0]["message"], lines[0]["key"])
    assert lines[-1]["rejected"] == 1


@pytest.mark.parametrize("function", ["csv_orchestrator", "upload_status"])
def test_outage_of_the_database_loses_nothing(function: str) -> None:
    """Lambda redelivers S3's event, and the state machine retries its task, until the database is back."""
    with PostgresServer() as server:
        dsn = server.create_database("assay")
        migrations.apply(dsn)
        with LocalStack(_with_outage(server, function), database_url=dsn, report=_expect_outage) as stack:
            verdict = upload(stack, BAD_SAMPLE)
            assert ["DatabaseUnavailable"] == [failure.error_type for failure in stack.runtime.failures]
            assert TO_VALIDATION_FAILED == verdict.states
            assert (Status.VALIDATION_FAILED, 9) == (verdict.upload.status, verdict.upload.error_count)


def _with_outage(server: PostgresServer, name: str) -> Deployment:
    """Stop the database during the first invocation of a function."""
    deployment = describe_project()
    full_name = f"{deployment.project}-{name}"
    (function,) = (each for each in deployment.functions if each.name == full_name)
    first_invocation = iter([True])

    def handler(event: Any, context: Any) -> Any:
        if not next(first_invocation, False):
            return function.handler(event, context)
        server.stop()
        try:
            return function.handler(event, context)
        finally:
            server.start()

    others = (each for each in deployment.functions if each is not function)
    return evolve(deployment, functions=(*others, evolve(function, handler=handler)))


def _expect_outage(failure: FailedInvocation) -> None:
    assert failure.error_type == "DatabaseUnavailable", failure


def _notify_of_a_deleted_object(stack: LocalStack, upload_id: str) -> Verdict:
    """Deliver an S3 event about an object that does not exist any more."""
    key = quote_plus(f"uploads/acme/{upload_id}/orders.csv", safe="/")
    record = {"s3": {"bucket": {"name": stack.bucket}, "object": {"key": key, "sequencer": "0A"}}}
    stack.runtime.invoke_async(stack.deployment.trigger.function, json.dumps({"Records": [record]}))
    return stack.follow(upload_id, timeout=30)
