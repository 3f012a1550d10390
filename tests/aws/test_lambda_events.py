"""Payloads of events: S3's messages about created objects."""

from copy import deepcopy

import pytest

from chalicelib.aws.lambda_events import objects_created
from chalicelib.errors import RequestMalformed
from chalicelib.uploads.attempts import ObjectCreated
from tests import events


def test_object_is_read_with_its_key_decoded_once() -> None:
    """Spaces, plus, percent, non-ASCII and slashes arrive intact."""
    expected = ObjectCreated(
        bucket="inbox",
        key="uploads/ada@example.com/42/2024/my orders + 100% ü.csv",
        version_id="096fKKXTRTtl3on89fVO.nfljtsv6qko",
        etag="d41d8cd98f00b204e9800998ecf8427e",
        sequencer="0055AED6DCD90281E5",
    )
    assert [expected] == list(objects_created(events.load("s3_put")))


def test_every_record_is_read() -> None:
    """Chalice's own S3Event reads the first one only."""
    event = events.load("s3_put")
    event["Records"] *= 3
    assert len(list(objects_created(event))) == 3


def test_object_in_an_unversioned_bucket_has_no_version() -> None:
    """S3 leaves the member out."""
    event = events.load("s3_put")
    del event["Records"][0]["s3"]["object"]["versionId"]
    (created,) = objects_created(event)
    assert isinstance(created, ObjectCreated)
    assert created.version_id is None


def test_test_message_has_no_objects() -> None:
    """S3 sends one when a notification is configured."""
    assert list(objects_created(events.load("s3_test"))) == []


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda record: record.pop("s3"), r"\$\.Records\[0\]\.s3: expected an object"),
        (lambda record: record["s3"]["bucket"].pop("name"), r"\$\.Records\[0\]\.s3\.bucket\.name: expected some text"),
        (lambda record: record["s3"]["object"].update(key=7), r"\$\.Records\[0\]\.s3\.object\.key: expected some text"),
        (lambda record: record["s3"]["object"].update(versionId=7), r"\.versionId: expected some text"),
    ],
)
def test_malformed_record_yields_an_error(damage: object, reason: str) -> None:
    """The error names the path, and the other records are read."""
    event = events.load("s3_put")
    event["Records"].append(deepcopy(event["Records"][0]))
    damage(event["Records"][0])  # type: ignore[operator]
    malformed, created = objects_created(event)
    assert isinstance(created, ObjectCreated)
    with pytest.raises(RequestMalformed, match=reason):
        raise malformed  # type: ignore[misc]
