"""Large objects through the real state machine, with small parts: the verdicts are those of one function."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from attrs import evolve

from chalicelib.schemas import digest
from chalicelib.uploads.lifecycle import Status
from chalicelib.uploads.parts import shares
from chalicelib.uploads.read_models import Upload
from chalicelib.uploads.reports import ReportFile, current_report_location
from infra.local.deployment import Deployment, describe_project
from infra.local.lambdas.runtime import FailedInvocation
from infra.local.postgres import PostgresServer
from infra.local.stack import LocalStack, Verdict

SCHEMA: Mapping[str, Any] = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"unique": True}},
        {"name": "name", "type": "string", "constraints": {"maxLength": 9}},
        {"name": "amount", "type": "number"},
    ]
}
REFERRING: Mapping[str, Any] = {
    "fields": [{"name": "id", "type": "integer"}, {"name": "name", "type": "integer"}, {"name": "amount"}],
    "foreignKeys": [{"fields": "name", "reference": {"resource": "", "fields": "id"}}],
    "assay": {"tolerance": {"rows": 4}},
}
HEADER = "id,name,amount\n"
ROWS = [f"{at},name {at},{at}.5" for at in range(60)]
FILES = {
    "clean": HEADER + "\n".join(ROWS),
    "dirty": HEADER + "\n".join(row.replace("7", "x,") for row in ROWS) + "\n",
    "quoted": HEADER + "".join(f'{at},"a\n{at},b,c\n",{at}\n' for at in range(40)),
    "keys": HEADER + "\n".join([*ROWS, *ROWS[3:20:4]]),
    "open": HEADER + "\n".join([*ROWS[:20], '20,"open,1', *ROWS]),
    "orphans": HEADER + "0,x,1\n1,0,1\n2,1,1\n" + "".join(f"{at},{at},1\n" for at in range(3, 30)),
}
SCHEMAS = {"orphans": REFERRING}
"""Of the files with another schema than the others."""
IN_PARTS = ("NameExecution", "ValidateCsv", "IsInParts", "ValidateParts", "CheckSeams", "AreSeamsRight")
TO_VALIDATED = (
    *("MergeParts", "IsSplitInParts", "IsValid", "PersistPlaceholder", "IsLoadWanted"),
    *("MarkValidated", "Validated"),
)
TO_FAILED = ("MergeParts", "IsSplitInParts", "IsValid", "MarkValidationFailed", "ValidationFailed")
TO_SYSTEM_FAILURE = ("MarkSystemFailure", "SystemFailure")
PARTS = {"PARTS_ABOVE_BYTES": "0", "PARTS_CONCURRENCY": "3"}
Change = Callable[[Callable[[Any, Any], Any], Any, Any], Any]


def with_parts(change: Change | None = None, name: str = "part_validator", part_bytes: int = 300) -> Deployment:
    """Return the project with small parts; `change` is called instead of the handler of a function."""
    deployment = describe_project()
    environment = {**deployment.environment, **PARTS, "PART_BYTES": str(part_bytes)}
    deployment = evolve(deployment, environment=environment)
    if change is None:
        return deployment
    (function,) = (each for each in deployment.functions if each.name.endswith(name))
    of = function.handler
    changed = evolve(function, handler=lambda event, context: change(of, event, context))
    others = (each for each in deployment.functions if each is not function)
    return evolve(deployment, functions=(*others, changed))


@pytest.fixture(scope="module")
def database_url(postgres: PostgresServer) -> str:
    """A database of the module's own."""
    return postgres.create_database("parts", template="assay_template")


@pytest.fixture(scope="module")
def verdicts(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[Verdict, Any, Any]]:
    """Each file's verdict by parts, and its report by parts and by one function."""
    found = {}
    with (
        patch.object(shares, "SHARE_KEYS", 16),
        LocalStack(with_parts(), database_url=database_url) as stack,
    ):
        schemas = put_schemas(stack, tmp_path_factory.mktemp("schemas"))
        divided = {name: upload(stack, text, schemas[name]) for name, text in FILES.items()}
        reports = {name: report_of(stack, verdict.upload) for name, verdict in divided.items()}
    with LocalStack(database_url=database_url) as stack:
        schemas = put_schemas(stack, tmp_path_factory.mktemp("schemas"))
        for name, text in FILES.items():
            whole = upload(stack, text, schemas[name])
            found[name] = (divided[name], (whole, report_of(stack, whole.upload)), reports[name])
    return found


def put_schemas(stack: LocalStack, directory: Path) -> Mapping[str, str]:
    """Put the schemas, and return the name of that of each file."""
    return {name: put_schema(stack, directory, SCHEMAS.get(name, SCHEMA)) for name in FILES}


def put_schema(stack: LocalStack, directory: Path, schema: Mapping[str, Any] = SCHEMA) -> str:
    """Put a schema, and return its name."""
    path = directory / f"{digest(schema)[:12]}.json"
    path.write_text(json.dumps(schema))
    return stack.put_schema(path)


def upload(stack: LocalStack, text: str, schema: str) -> Verdict:
    """Upload a file and wait for its verdict."""
    upload_id = str(uuid4())
    stack.put(text.encode(), filename="a.csv", owner="acme", upload_id=upload_id, schema=schema)
    return stack.follow(upload_id, timeout=60)


def ignore(_: FailedInvocation) -> None:
    """Print nothing: the test expects failed invocations."""


def report_of(stack: LocalStack, found: Upload) -> Mapping[str, bytes]:
    """Return the files of the report for programs."""
    place, s3 = current_report_location(found), stack.aws.client("s3")
    files = [ReportFile.ERRORS, ReportFile.CAUSES] + ([ReportFile.ROWS] if found.error_count else [])
    return {file: s3.get_object(Bucket=place.bucket, Key=place.key(file))["Body"].read() for file in files}


@pytest.mark.parametrize("name", FILES)
def test_verdict_and_report_are_those_of_one_function(
    verdicts: Mapping[str, tuple[Verdict, Any, Any]], name: str
) -> None:
    """The errors, the counts, and the files of the report byte by byte."""
    divided, (whole, report), in_parts = verdicts[name]
    assert IN_PARTS == divided.states[: len(IN_PARTS)]
    assert "MergeParts" in divided.states
    assert "ValidateParts" not in whole.states
    names = ("status", "row_count", "error_count", "errors", "rejected_rows", "schema", "system_failure")
    assert [getattr(whole.upload, each) for each in names] == [getattr(divided.upload, each) for each in names]
    assert report == in_parts


def test_clean_file_takes_each_state_once(verdicts: Mapping[str, tuple[Verdict, Any, Any]]) -> None:
    """The parts fit together at once."""
    assert (*IN_PARTS, *TO_VALIDATED) == verdicts["clean"][0].states


def test_many_keys_are_compared_by_children_of_the_map(verdicts: Mapping[str, tuple[Verdict, Any, Any]]) -> None:
    """They run after the parts. The keys of the clean file are consecutive numbers, and need no such children."""
    assert (*IN_PARTS[:-3], *2 * IN_PARTS[-3:], *TO_FAILED) == verdicts["keys"][0].states


def test_rows_that_refer_to_rejected_rows_are_found_in_rounds_of_the_map(
    verdicts: Mapping[str, tuple[Verdict, Any, Any]],
) -> None:
    """After the parts: one for the keys, one for each row of the chain, and the last one, which finds nothing."""
    found = verdicts["orphans"][0]
    assert (Status.VALIDATED, 3, 5) == (
        found.upload.status,
        found.upload.rejected_rows,
        found.states.count("ValidateParts"),
    )


def test_parts_that_were_entered_at_the_wrong_offset_are_read_once_more(
    verdicts: Mapping[str, tuple[Verdict, Any, Any]],
) -> None:
    """The rows in the cells look like those of the file."""
    assert verdicts["quoted"][0].states.count("ValidateParts") > 1


def test_part_that_dies_is_read_again(database_url: str, tmp_path: Path) -> None:
    """The child of the Map retries it."""
    died: list[int] = []

    def die_once(handler: Callable[[Any, Any], Any], event: Any, context: Any) -> Any:
        if event["reading"]["number"] == 2 and not died:
            died.append(2)
            raise SystemExit
        return handler(event, context)

    verdict = _verdict(with_parts(die_once), database_url, tmp_path)
    assert ([2], Status.VALIDATED) == (died, verdict.upload.status)


def test_part_that_fails_for_good_is_a_system_failure(database_url: str, tmp_path: Path) -> None:
    """A verdict without that part would be wrong. Here the Map succeeds although a child failed."""

    def fail(handler: Callable[[Any, Any], Any], event: Any, context: Any) -> Any:
        if event["reading"]["number"] == 2 and "failure" not in event:
            raise RuntimeError("of a test")
        return handler(event, context)

    verdict = _verdict(with_parts(fail), database_url, tmp_path)
    assert (Status.VALIDATION_FAILED, True) == (verdict.upload.status, verdict.upload.system_failure)
    assert ("NamePartFailure", *TO_SYSTEM_FAILURE) == verdict.states[-3:]
    assert ["the file could not be checked: RuntimeError in part 2"] == [each.message for each in verdict.upload.errors]


def test_object_that_is_deleted_meanwhile_is_a_system_failure(database_url: str, tmp_path: Path) -> None:
    """The version that was planned is gone."""

    def delete(handler: Callable[[Any, Any], Any], event: Any, context: Any) -> Any:
        planned = handler(event, context)
        import app  # noqa: PLC0415 - the stack has set the environment

        s3 = app.services().objects.client
        s3.delete_object(Bucket=event["bucket"], Key=event["key"], VersionId=event["versionId"])
        return planned

    verdict = _verdict(with_parts(delete, "csv_validator"), database_url, tmp_path)
    assert (True, TO_SYSTEM_FAILURE) == (verdict.upload.system_failure, verdict.states[-2:])


def _verdict(deployment: Deployment, database_url: str, directory: Path) -> Verdict:
    with LocalStack(deployment, database_url=database_url, report=ignore) as stack:
        return upload(stack, FILES["clean"], put_schema(stack, directory))
