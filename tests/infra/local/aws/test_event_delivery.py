"""The local S3 delivers events to functions as S3 does, and failures are reported."""

import io
from typing import Any
from urllib.parse import unquote_plus

import pytest

from infra.local.deployment import ObjectTrigger
from tests.infra.local.aws.example_account import PATIENCE, fail, received_by, running


@pytest.mark.parametrize(
    "filename",
    ["plain.csv", "two words.csv", "1+1.csv", "100%.csv", "%2B.csv", "Grüße 日本.csv", "deep/er/file.csv"],
)
def test_put_notifies_the_function_of_key_and_version(filename: str) -> None:
    """Key, size, ETag and version are those of the PUT's response."""
    events: list[Any] = []
    key = f"uploads/me@example.com/1/{filename}"
    with running(receiver=received_by(events)) as aws:
        answer = aws.client("s3").put_object(Bucket="drop", Key=key, Body=b"id\n1\n")
        assert aws.runtime.wait_until_delivered(PATIENCE)

    (event,) = events
    assert key == unquote_plus(event["key"])
    assert event["size"] == 5
    assert answer["ETag"].strip('"') == event["eTag"]
    assert answer["VersionId"] == event["versionId"]


def test_later_events_have_greater_sequencers() -> None:
    """Sequencers order the events of two versions, which may arrive in any order."""
    events: list[Any] = []
    with running(receiver=received_by(events)) as aws:
        versions = [
            aws.client("s3").put_object(Bucket="drop", Key="uploads/a/1/x.csv", Body=body)["VersionId"]
            for body in (b"old", b"new")
        ]
        assert aws.runtime.wait_until_delivered(PATIENCE)

    in_order = sorted(events, key=lambda event: str(event["sequencer"]))
    assert versions == [event["versionId"] for event in in_order]


def test_multipart_upload_is_notified_once_when_complete() -> None:
    """There is one event for all parts, and the object's metadata can be read then."""
    seen: list[Any] = []

    def receive(event: Any, _context: Any) -> None:
        (record,) = event["Records"]
        event = record["s3"]["object"]
        head = aws.client("s3").head_object(Bucket="drop", Key=event["key"], VersionId=event["versionId"])
        seen.append((record["eventName"], event["size"], head["Metadata"]))

    body = io.BytesIO(bytes(9 * 1024 * 1024))  # above boto3's threshold for multipart uploads
    with running(receiver=receive) as aws:
        aws.client("s3").upload_fileobj(body, "drop", "uploads/a/1/x.csv", ExtraArgs={"Metadata": {"schema": "orders"}})
        assert aws.runtime.wait_until_delivered(PATIENCE)

    assert seen == [("ObjectCreated:CompleteMultipartUpload", 9_437_184, {"schema": "orders"})]


@pytest.mark.parametrize("key", ["elsewhere/a/1/x.csv", "Uploads/a/1/x.csv", "uploads", "x/uploads/a/1/x.csv"])
def test_other_keys_invoke_no_function(key: str) -> None:
    """The key must start with the trigger's prefix."""
    events: list[Any] = []
    with running(receiver=received_by(events)) as aws:
        aws.client("s3").put_object(Bucket="drop", Key=key, Body=b"")
        assert aws.runtime.wait_until_delivered(PATIENCE)

    assert events == []


def test_failing_receiver_is_retried_and_reported() -> None:
    """The PUT succeeds; the three failed attempts are recorded and reported."""
    with running(receiver=fail) as aws:
        answer = aws.client("s3").put_object(Bucket="drop", Key="uploads/a/1/x.csv", Body=b"")
        assert aws.runtime.wait_until_delivered(PATIENCE)

        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert [failure.error_type for failure in aws.runtime.failures] == ["Unlucky"] * 3
        assert [letter.function for letter in aws.runtime.dead_letters] == ["example-receiver"]


def test_notification_for_an_unknown_function_is_a_failure() -> None:
    """A trigger without a function must not lose its events silently."""
    nowhere = ObjectTrigger(bucket="drop", function="gone", events=("s3:ObjectCreated:*",), prefix="uploads/")
    with running() as aws:
        configuration = nowhere.configuration(aws.runtime.function_arn("gone"))
        aws.client("s3").put_bucket_notification_configuration(
            Bucket="drop", NotificationConfiguration={"LambdaFunctionConfigurations": [configuration]}
        )
        aws.client("s3").put_object(Bucket="drop", Key="uploads/a/1/x.csv", Body=b"")
        assert aws.runtime.wait_until_delivered(PATIENCE)

        assert {("gone", "ResourceNotFoundException")} == {
            (failure.function, failure.error_type) for failure in aws.runtime.failures
        }
