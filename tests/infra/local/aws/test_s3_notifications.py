"""The local S3's notifications have the form of S3's."""

from urllib.parse import unquote_plus

import pytest

from infra.local.aws.s3_notifications import Sequencer, StoredObject, notification


def stored(key: str, version_id: str | None = "v1") -> StoredObject:
    """Return an object with that key."""
    return StoredObject(bucket="drop", key=key, size=7, etag="abc", version_id=version_id)


def test_sequencers_have_18_digits_and_increase() -> None:
    """Each is greater than the one before, even within one tick of the clock."""
    sequencer = Sequencer()

    sequencers = [sequencer.next() for _ in range(10_000)]

    assert {18} == {len(it) for it in sequencers}
    assert sorted(set(sequencers)) == sequencers


@pytest.mark.parametrize(
    ("key", "encoded"),
    [
        ("uploads/a/1/plain.csv", "uploads/a/1/plain.csv"),
        ("uploads/a/1/two words.csv", "uploads/a/1/two+words.csv"),
        ("uploads/a/1/1+1.csv", "uploads/a/1/1%2B1.csv"),
        ("uploads/a/1/100%.csv", "uploads/a/1/100%25.csv"),
        ("uploads/me@example.com/1/deep/down.csv", "uploads/me%40example.com/1/deep/down.csv"),
        ("uploads/a/1/Grüße.csv", "uploads/a/1/Gr%C3%BC%C3%9Fe.csv"),
    ],
)
def test_keys_are_encoded_once_except_slashes(key: str, encoded: str) -> None:
    """Decoding a key once yields the object's key."""
    event = notification("ObjectCreated:Put", stored(key), sequencer="0A", region="us-east-1", configuration_id="c")

    assert encoded == event["Records"][0]["s3"]["object"]["key"]
    assert key == unquote_plus(encoded)


def test_events_of_an_unversioned_bucket_have_no_version() -> None:
    """The version is omitted, not null."""
    event = notification(
        "ObjectCreated:Put",
        stored("k", version_id=None),
        sequencer="0A",
        region="us-east-1",
        configuration_id="c",
    )

    assert event["Records"][0]["s3"]["object"] == {"key": "k", "size": 7, "eTag": "abc", "sequencer": "0A"}
