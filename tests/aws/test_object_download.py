"""Downloads from an S3 that breaks off, answers wrongly, or serves ranges."""

import threading
from base64 import b64encode
from collections.abc import Iterator
from zlib import crc32

import boto3
import pytest
from attrs import evolve
from botocore.config import Config

from chalicelib.aws.object_download import CHUNK_BYTES, RESUMPTIONS
from chalicelib.aws.object_store import S3ObjectStore
from chalicelib.errors import ObjectVanished, StorageUnavailable
from tests.aws.flaky_s3 import PATIENCE, FlakyS3, noise

KEY = "uploads/acme/42/my file + 100% ü.csv"


@pytest.fixture
def flaky_s3() -> Iterator[FlakyS3]:
    """An S3 on loopback that holds an object of ten and a half chunks."""
    with FlakyS3(noise(CHUNK_BYTES * 21 // 2)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def store(flaky_s3: FlakyS3) -> Iterator[S3ObjectStore]:
    """A store in front of that S3, without pauses or retries of the client."""
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{flaky_s3.server_port}",
        region_name="us-east-1",
        aws_access_key_id="k",
        aws_secret_access_key="s",
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
    )
    yield S3ObjectStore(client=client, pause=0)
    client.close()


@pytest.fixture
def ranged(store: S3ObjectStore) -> S3ObjectStore:
    """The same store, which reads that object in six ranges, three at a time."""
    return evolve(store, streams=3, range_bytes=2 * CHUNK_BYTES, ranged_from=0)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 1])
def test_object_of_any_size_is_one_request(flaky_s3: FlakyS3, store: S3ObjectStore, size: int) -> None:
    """No request goes beyond its end, also if it is empty or ends with a chunk."""
    flaky_s3.content = noise(size)
    assert flaky_s3.content == b"".join(store.open("inbox", KEY, None).content)
    assert flaky_s3.ranges == [None]


def test_broken_stream_is_resumed_at_the_same_byte(flaky_s3: FlakyS3, store: S3ObjectStore) -> None:
    """No byte is lost or repeated, wherever the connection breaks. Each resumption is one request."""
    flaky_s3.cuts = [CHUNK_BYTES * 3 // 2, 0, 2 * CHUNK_BYTES, 7]
    assert flaky_s3.content == b"".join(store.open("inbox", KEY, None).content)
    offsets = [CHUNK_BYTES * 3 // 2, CHUNK_BYTES * 3 // 2, CHUNK_BYTES * 7 // 2, CHUNK_BYTES * 7 // 2 + 7]
    assert flaky_s3.ranges == [None, *(f"bytes={offset}-" for offset in offsets)]


def test_stream_with_progress_may_break_any_number_of_times(flaky_s3: FlakyS3, store: S3ObjectStore) -> None:
    """Only resumptions since the last chunk count against the limit."""
    flaky_s3.cuts = [CHUNK_BYTES, *[0] * (RESUMPTIONS - 1)] * 3
    assert flaky_s3.content == b"".join(store.open("inbox", KEY, None).content)
    assert len(flaky_s3.ranges) == 3 * RESUMPTIONS + 1


def test_stream_without_progress_is_unavailable(flaky_s3: FlakyS3, store: S3ObjectStore) -> None:
    """The message has the number of received bytes."""
    flaky_s3.cuts = [CHUNK_BYTES + 1, *[0] * RESUMPTIONS]
    content = iter(store.open("inbox", KEY, None).content)
    assert flaky_s3.content[: CHUNK_BYTES + 1] == next(content) + next(content)
    with pytest.raises(StorageUnavailable, match=f"after {CHUNK_BYTES + 1} of {len(flaky_s3.content)} bytes: .*Error"):
        next(content)
    assert len(flaky_s3.ranges) == 1 + RESUMPTIONS


def test_stopped_server_is_unavailable(flaky_s3: FlakyS3, store: S3ObjectStore) -> None:
    """The chunks before that are still returned."""
    flaky_s3.cuts, flaky_s3.dies = [3 * CHUNK_BYTES], True
    content = iter(store.open("inbox", KEY, None).content)
    assert flaky_s3.content[: 3 * CHUNK_BYTES] == b"".join(next(content) for _ in range(3))
    with pytest.raises(StorageUnavailable, match=f"broke off after {3 * CHUNK_BYTES} of .*EndpointConnectionError"):
        next(content)


@pytest.mark.parametrize("ignored", [set(), {"If-Match"}])
def test_object_replaced_during_reading_raises_object_vanished(
    flaky_s3: FlakyS3, store: S3ObjectStore, ignored: set[str]
) -> None:
    """Contents are never mixed, even if S3 ignores If-Match: the response's ETag is compared."""
    flaky_s3.cuts, flaky_s3.ignores = [CHUNK_BYTES], ignored
    was, flaky_s3.replacement = flaky_s3.content, noise(len(flaky_s3.content), b"other")
    content = iter(store.open("inbox", KEY, None).content)
    assert was[:CHUNK_BYTES] == next(content)
    with pytest.raises(ObjectVanished, match="was replaced while it was read"):
        next(content)
    assert len(flaky_s3.ranges) == 2


def test_resumption_from_another_byte_is_refused(flaky_s3: FlakyS3, store: S3ObjectStore) -> None:
    """A server that ignores Range sends the beginning again."""
    flaky_s3.cuts, flaky_s3.ignores = [CHUNK_BYTES], {"Range"}
    content = iter(store.open("inbox", KEY, None).content)
    assert flaky_s3.content[:CHUNK_BYTES] == next(content)
    with pytest.raises(StorageUnavailable, match=f"not sent from byte {CHUNK_BYTES} on"):
        next(content)


def test_wrong_checksum_is_unavailable(flaky_s3: FlakyS3, store: S3ObjectStore) -> None:
    """S3's checksum decides, even if the number of bytes is right."""
    flaky_s3.headers = {"x-amz-checksum-crc32": "AAAAAA=="}
    with pytest.raises(StorageUnavailable, match="did not arrive as it was sent"):
        list(store.open("inbox", KEY, None).content)
    assert flaky_s3.ranges == [None]


def test_large_object_is_read_by_ranges(flaky_s3: FlakyS3, ranged: S3ObjectStore) -> None:
    """The first response gives the first range; the others are requested, each once, and put together in order."""
    assert flaky_s3.content == b"".join(ranged.open("inbox", KEY, None).content)
    size = 2 * CHUNK_BYTES
    whole = [f"bytes={start}-{start + size - 1}" for start in range(size, 5 * size, size)]
    assert sorted([*whole, f"bytes={5 * size}-"]) == sorted(filter(None, flaky_s3.ranges))
    assert flaky_s3.ranges[0] is None


def test_ranges_are_requested_when_there_is_room(flaky_s3: FlakyS3, ranged: S3ObjectStore) -> None:
    """No more ranges are in memory than there are streams."""
    content = iter(ranged.open("inbox", KEY, None).content)
    next(content)
    content.close()  # type: ignore[attr-defined] # a generator, which the port does not promise
    assert len(flaky_s3.ranges) <= ranged.streams


def test_broken_range_is_resumed_at_the_same_byte(flaky_s3: FlakyS3, ranged: S3ObjectStore) -> None:
    """Any range may break anywhere, also at once, and before its first byte."""
    flaky_s3.cuts = [CHUNK_BYTES + 1, 0, 7, CHUNK_BYTES, 0, 1]
    assert flaky_s3.content == b"".join(ranged.open("inbox", KEY, None).content)


@pytest.mark.parametrize("ignored", [set(), {"If-Match"}])
def test_object_replaced_between_ranges_raises_object_vanished(
    flaky_s3: FlakyS3, ranged: S3ObjectStore, ignored: set[str]
) -> None:
    """Ranges of different contents are never mixed; those before are returned."""
    flaky_s3.ignores = ignored
    was, flaky_s3.replacement = flaky_s3.content, noise(len(flaky_s3.content), b"other")
    content = iter(ranged.open("inbox", KEY, None).content)
    assert was[: 2 * CHUNK_BYTES] == next(content) + next(content)
    with pytest.raises(ObjectVanished, match="was replaced while it was read"):
        next(content)


def test_range_without_progress_is_unavailable(flaky_s3: FlakyS3, ranged: S3ObjectStore) -> None:
    """A range that keeps breaking ends the reading; the ranges before it are returned."""
    flaky_s3.cuts = [len(flaky_s3.content), *[0] * (ranged.streams * (1 + RESUMPTIONS))]
    content = iter(ranged.open("inbox", KEY, None).content)
    assert flaky_s3.content[: 2 * CHUNK_BYTES] == next(content) + next(content)
    with pytest.raises(StorageUnavailable, match=f"broke off after {2 * CHUNK_BYTES} of "):
        next(content)


def test_ranges_from_another_byte_are_refused(flaky_s3: FlakyS3, ranged: S3ObjectStore) -> None:
    """A server that ignores Range sends the beginning for each of them."""
    flaky_s3.ignores = {"Range"}
    with pytest.raises(StorageUnavailable, match=f"not sent from byte {2 * CHUNK_BYTES} on"):
        list(ranged.open("inbox", KEY, None).content)


def test_checksum_of_ranges_is_compared(flaky_s3: FlakyS3, ranged: S3ObjectStore) -> None:
    """S3 sends the checksum of the whole object with the first response only."""
    right = b64encode(crc32(flaky_s3.content).to_bytes(4, "big")).decode()
    flaky_s3.headers = {"x-amz-checksum-crc32": right}
    assert flaky_s3.content == b"".join(ranged.open("inbox", KEY, None).content)
    flaky_s3.headers = {"x-amz-checksum-crc32": "AAAAAA=="}
    with pytest.raises(StorageUnavailable, match="did not arrive as it was sent"):
        list(ranged.open("inbox", KEY, None).content)


@pytest.mark.parametrize("chunks", [1, 3])
def test_closed_ranges_leave_no_thread(flaky_s3: FlakyS3, ranged: S3ObjectStore, chunks: int) -> None:
    """Whichever range the reader is in."""
    before = threading.enumerate()
    content = iter(ranged.open("inbox", KEY, None).content)
    for _ in range(chunks):
        next(content)
    del content
    assert not [it for it in threading.enumerate() if it not in before and it.name.startswith("read-ahead")]
    assert flaky_s3.ranges


def test_object_that_is_never_read_keeps_no_connection(flaky_s3: FlakyS3, store: S3ObjectStore) -> None:
    """A caller may need the metadata only."""
    store.open("inbox", KEY, None)
    assert flaky_s3.left.wait(PATIENCE)
