"""Random files through the real state machine in small parts, compared with one function."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest

from chalicelib.errors import SchemaInvalid
from chalicelib.schemas import digest
from chalicelib.uploads.messages import ValidationRequest
from chalicelib.uploads.parts import shares
from chalicelib.uploads.validate import validate_upload
from chalicelib.validation.schema.table_schema import compiled_schema
from infra.local.postgres import PostgresServer
from infra.local.stack import LocalStack
from tests.flow.test_parts import with_parts
from tests.fuzz import parts

FILES, FILES_OF_A_TEST = 200, 50
BYTES, FEWER_BYTES = 1_500, 500
"""The sizes of a fourth of the files, and of the others: Step Functions takes most of the time, for each part."""

pytestmark = pytest.mark.trial(minutes=5)


@pytest.fixture(scope="module")
def stack(postgres: PostgresServer) -> Iterator[LocalStack]:
    """A stack that validates every file in parts of 200 bytes, and compares 16 keys at once."""
    url = postgres.create_database("random-parts", template="assay_template")
    with patch.object(shares, "SHARE_KEYS", 16), LocalStack(with_parts(part_bytes=200), database_url=url) as stack:
        yield stack


@pytest.mark.parametrize("first", range(0, FILES, FILES_OF_A_TEST))
def test_verdicts_and_reports_are_those_of_one_function(stack: LocalStack, first: int) -> None:
    """Of every kind of file and dialect that can be divided; some of the others are among them."""
    divided = sum(_is_same(stack, seed) for seed in range(first, first + FILES_OF_A_TEST))
    assert divided > FILES_OF_A_TEST / 2


def _is_same(stack: LocalStack, seed: int) -> bool:
    """Compare one file, and return whether it was validated in parts."""
    trial = parts.trial(seed)
    if trial.schema is parts.TREE:  # its rounds, each one of the Map, take half a minute
        return False
    schema = dict(trial.schema or {"fields": [], "fieldsMatch": "superset"})
    if trial.dialect is not None:
        schema["dialect"] = trial.dialect
    try:
        compiled_schema(schema)
    except SchemaInvalid:
        return False
    data = trial.data[: FEWER_BYTES if seed % 4 else BYTES]
    name, upload_id = f"random-{digest(schema)[:12]}", str(uuid4())
    s3, services = stack.aws.client("s3"), stack.deployment.services()
    s3.put_object(Bucket=stack.bucket, Key=f"schemas/{name}.json", Body=json.dumps(schema).encode())
    metadata = {"rows": "7"} if seed % 5 == 0 else {}
    key = f"uploads/acme/{upload_id}/a.csv"
    put = s3.put_object(Bucket=stack.bucket, Key=key, Body=data, Metadata={"schema": name, **metadata})
    verdict = stack.follow(upload_id, timeout=120)
    found = verdict.upload
    request = ValidationRequest(
        upload_id=upload_id, bucket=stack.bucket, key=key, version_id=put["VersionId"], execution_name="whole"
    )
    whole = validate_upload(
        request,
        objects=services.objects,
        schemas=services.schemas,
        reports=services.reports,
        results=services.results,
        max_bytes=10**9,
    )
    assert not found.system_failure, seed
    assert (whole.valid, whole.error_count, whole.row_count, whole.rejected_rows) == (
        found.status == "VALIDATED",
        found.error_count,
        found.row_count,
        found.rejected_rows,
    ), seed
    assert whole.errors == found.errors, seed
    assert _files(stack, upload_id, "whole") == _files(stack, upload_id, str(found.execution_name)), seed
    return "MergeParts" in verdict.states


def _files(stack: LocalStack, upload_id: str, execution: str) -> Mapping[str, bytes]:
    """Return the files of a report that do not say when it was written."""
    s3, prefix = stack.aws.client("s3"), f"reports/{upload_id}/{execution}/"
    names = [each["Key"] for each in s3.list_objects_v2(Bucket=stack.bucket, Prefix=prefix)["Contents"]]
    kept: Any = {name.removeprefix(prefix): name for name in names if not name.endswith((".html", ".xlsx"))}
    return {name: s3.get_object(Bucket=stack.bucket, Key=key)["Body"].read() for name, key in kept.items()}
