"""Single ranges of an object in S3."""

from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.aws.object_ranges import S3Ranges
from chalicelib.aws.object_store import S3ObjectStore
from chalicelib.errors import ObjectVanished
from tests.aws.flaky_s3 import noise

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONTENT = noise(40_000)
RANGE_BYTES = 4_000


@pytest.fixture(autouse=True)
def put(client: "S3Client") -> None:
    """Put an object into the bucket."""
    client.put_object(Bucket="inbox", Key="a.csv", Body=CONTENT)


def ranges(client: "S3Client", until: int = 0) -> S3Ranges:
    """Return the ranges of the object."""
    store = S3ObjectStore(client=client, pause=0, streams=2, part_range_bytes=RANGE_BYTES)
    pinned = store.open("inbox", "a.csv", None).pinned
    assert pinned is not None
    return store.ranges(pinned, until=until)


def counted(client: "S3Client") -> list[str]:
    """Return the list that the ranges of all requests are added to."""
    requests: list[str] = []

    def count(params: dict[str, Any], **_: object) -> None:
        requests.append(params["Range"])

    client.meta.events.register("before-parameter-build.s3.GetObject", count)
    return requests


@pytest.mark.parametrize("until", [0, 10_000, len(CONTENT)])
def test_bytes_are_those_of_the_object(client: "S3Client", until: int) -> None:
    """From any place on, in sequence or not, as much as is asked for."""
    rng, at = Random(until), 0  # noqa: S311 - not for cryptography
    source = ranges(client, until)
    assert len(CONTENT) == source.size
    for _ in range(100):
        at = at if rng.random() < 0.8 else rng.randrange(len(CONTENT))
        end = min(at + rng.choice((0, 1, 100, 600, 5_000)), len(CONTENT))
        assert CONTENT[at:end] == source.read(at, end)
        at = end % len(CONTENT)


def test_part_is_read_ahead_in_ranges(client: "S3Client") -> None:
    """Blocks that follow each other take a request for each range, and nothing behind the part is requested."""
    source = ranges(client, 10_000)
    requests = counted(client)
    blocks = [source.read(at, at + 1_000) for at in range(0, 10_000, 1_000)]
    assert CONTENT[:10_000] == b"".join(blocks)
    assert ["bytes=0-3999", "bytes=4000-7999", "bytes=8000-9999"] == sorted(requests)


def test_record_that_goes_on_for_long_is_read_ahead(client: "S3Client") -> None:
    """A quote that is never closed has the rest of the object read, in small pieces."""
    source = ranges(client, 1_000)
    requests = counted(client)
    for at in range(1_000, 40_000, 100):
        assert CONTENT[at : at + 100] == source.read(at, at + 100)
    assert len(requests) < 40


def test_replaced_object_is_not_read(client: "S3Client") -> None:
    """Without a version, the ETag shows it; with one, the version that was opened is still there."""
    client.create_bucket(Bucket="plain")
    client.put_object(Bucket="plain", Key="a.csv", Body=CONTENT)
    store = S3ObjectStore(client=client, pause=0)
    for bucket in ("plain", "inbox"):
        pinned = store.open(bucket, "a.csv", None).pinned
        assert pinned is not None
        client.put_object(Bucket=bucket, Key="a.csv", Body=CONTENT[::-1])
        if bucket == "inbox":
            assert CONTENT[:9] == store.ranges(pinned).read(0, 9)
        else:
            with pytest.raises(ObjectVanished):
                store.ranges(pinned).read(0, 9)
