"""The local S3 accepts the forms that their policies allow, and refuses others as S3 does."""

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config

from infra.local.aws.account import LocalAws
from infra.local.lambdas.runtime import LambdaRuntime

KEY = "uploads/acme/42/a.csv"
FIELDS = {"Content-Type": "text/csv", "x-amz-meta-schema": "default"}
MOST = 10


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    """A local AWS with a bucket."""
    runtime = LambdaRuntime([], region="us-east-1", retry_delays=(), report=lambda _failure: None)
    with runtime, LocalAws(runtime) as aws:
        aws.client("s3").create_bucket(Bucket="drop")
        yield aws


def send(
    aws: LocalAws, content: bytes | None = b"id\n1\n", *, valid_for: int = 60, **changes: str | None
) -> tuple[int, str]:
    """Send a form with changed fields; return the status and the error code."""
    conditions: list[Any] = [["content-length-range", 1, MOST], ["starts-with", "$x-amz-meta-note", "a"]]
    conditions += [{name: value} for name, value in FIELDS.items()]
    signer = boto3.client("s3", endpoint_url=aws.endpoint, config=Config(signature_version="s3v4"))
    form = signer.generate_presigned_post("drop", KEY, FIELDS, conditions, valid_for)
    changed = {name.replace("_", "-"): value for name, value in changes.items()}
    fields: Mapping[str, str | None] = form["fields"] | {"x-amz-meta-note": "any"} | changed
    sent = {name: value for name, value in fields.items() if value is not None}
    files = {"file": ("a.csv", content)} if content is not None else {"x-ignore-note": (None, b"1")}
    answer = requests.post(form["url"], data=sent, files=files, timeout=10)
    return answer.status_code, answer.text.partition("<Code>")[2].partition("</Code>")[0]


@pytest.mark.parametrize("content", [b"1", b"1" * MOST])
def test_allowed_form_creates_the_object(aws: LocalAws, content: bytes) -> None:
    """The object has its metadata."""
    assert (204, "") == send(aws, content)
    stored = aws.client("s3").get_object(Bucket="drop", Key=KEY)
    assert (content, "default") == (stored["Body"].read(), stored["Metadata"]["schema"])


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"key": "uploads/acme/42/b.csv"}, (403, "AccessDenied")),
        ({"Content_Type": "text/html"}, (403, "AccessDenied")),
        ({"x_amz_meta_schema": None}, (403, "AccessDenied")),
        ({"x_amz_meta_note": "b"}, (403, "AccessDenied")),
        ({"x_amz_meta_other": "of which nothing is said"}, (403, "AccessDenied")),
        ({"policy": None}, (403, "AccessDenied")),
        ({"policy": "e30="}, (403, "SignatureDoesNotMatch")),
        ({"x_amz_signature": None}, (403, "SignatureDoesNotMatch")),
        ({"valid_for": -1}, (403, "AccessDenied")),
        ({"content": None}, (400, "InvalidArgument")),
        ({"content": b""}, (400, "EntityTooSmall")),
        ({"content": b"1" * (MOST + 1)}, (400, "EntityTooLarge")),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else None,
)
def test_form_that_violates_its_policy_is_refused(
    aws: LocalAws, changes: dict[str, Any], refusal: tuple[int, str]
) -> None:
    """The error codes are S3's."""
    assert refusal == send(aws, **changes)


def test_ignored_field_needs_no_condition(aws: LocalAws) -> None:
    """Its name starts with x-ignore-."""
    assert (204, "") == send(aws, x_ignore_me="anything")
