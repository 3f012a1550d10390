"""Ranges of objects in the local S3."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.aws.account import REGION, LocalAws
from infra.local.lambdas.runtime import LambdaRuntime

CONTENT = bytes(range(256)) * 4


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    """A client of the local S3, with an object."""
    runtime = LambdaRuntime((), region=REGION)
    with runtime, LocalAws(runtime) as aws:
        client = aws.client("s3")
        client.create_bucket(Bucket="inbox")
        client.put_object(Bucket="inbox", Key="a", Body=CONTENT)
        yield client


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [("0-9", 0, 10), ("7-", 7, 1024), ("1000-9999", 1000, 1024), ("-5", 1019, 1024), ("1023-1023", 1023, 1024)],
)
def test_range_is_answered_as_s3_does(s3: Any, asked: str, begin: int, end: int) -> None:
    """With the bytes, their number, and where they are in the object."""
    answer = s3.get_object(Bucket="inbox", Key="a", Range=f"bytes={asked}")
    assert CONTENT[begin:end] == answer["Body"].read()
    assert (206, end - begin, f"bytes {begin}-{end - 1}/1024") == (
        answer["ResponseMetadata"]["HTTPStatusCode"],
        answer["ContentLength"],
        answer["ContentRange"],
    )


def test_whole_object_is_not_a_range(s3: Any) -> None:
    """Neither without a range, nor after a request for one in the same thread."""
    assert CONTENT == s3.get_object(Bucket="inbox", Key="a")["Body"].read()


@pytest.mark.parametrize(("options", "code"), [({"Range": "bytes=1024-"}, "InvalidRange"), ({"IfMatch": "x"}, "412")])
def test_range_that_cannot_be_sent_is_refused(s3: Any, options: dict[str, str], code: str) -> None:
    """Behind the end, and of another version."""
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket="inbox", Key="a", **{"Range": "bytes=0-3"} | options)
    error = refused.value.response
    assert code in {error["Error"]["Code"], str(error["ResponseMetadata"]["HTTPStatusCode"])}
