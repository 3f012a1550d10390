"""Objects in S3, opened for reading."""

import gc
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from attrs import evolve
from botocore.response import StreamingBody
from botocore.stub import Stubber
from urllib3 import HTTPConnectionPool
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError, SSLError

from chalicelib.aws.object_download import CHUNK_BYTES, CHUNKS_AHEAD, RESUMPTIONS
from chalicelib.aws.object_store import S3ObjectStore
from chalicelib.errors import AssayError, ObjectForbidden, ObjectVanished, StorageUnavailable
from tests.aws.flaky_s3 import PATIENCE, noise

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEY = "uploads/acme/42/my file + 100% ü.csv"


class Script(Stubber):
    """An S3 with prepared responses, and a store in front of it."""

    def __init__(self) -> None:
        """Prepare no responses."""
        client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s")
        super().__init__(client)
        self.store = S3ObjectStore(client=client, pause=0)

    def respond(self, raw: BytesIO, length: int, expected: dict[str, str] | None = None, **more: str) -> None:
        """Respond to the next GetObject request, with these expected parameters, by a stream."""
        body = StreamingBody(raw, content_length=length)
        answer = {"Body": body, "Metadata": {}, "ETag": '"a"', "ContentLength": length, **more}
        self.add_response("get_object", answer, expected)

    def opened(self, raw: BytesIO, length: int) -> Iterator[bytes]:
        """Return the content of an object whose first response is `raw`."""
        self.respond(raw, length)
        return iter(self.store.open("inbox", KEY, None).content)


@pytest.fixture
def script() -> Iterator[Script]:
    """An S3 with prepared responses."""
    with Script() as script:
        yield script


class Counted(BytesIO):
    """A stream that counts how often it was read."""

    def __init__(self, content: bytes) -> None:
        """Count from zero."""
        super().__init__(content)
        self.reads = 0
        self._changed = threading.Condition()

    def read(self, size: int | None = -1, /) -> bytes:
        """Count, and read."""
        with self._changed:
            self.reads += 1
            self._changed.notify_all()
        return super().read(size)

    def reaches(self, reads: int) -> bool:
        """Return whether it is read that many times before the wait ends."""
        with self._changed:
            return self._changed.wait_for(lambda: self.reads >= reads, PATIENCE)


def test_object_is_read_in_chunks_with_its_metadata(client: "S3Client") -> None:
    """No chunk is larger than the limit, and together they are the object."""
    content = bytes(range(256)) * 10_000
    client.put_object(Bucket="inbox", Key=KEY, Body=content, Metadata={"schema": "orders"})
    stored = S3ObjectStore(client=client).open("inbox", KEY, None)
    assert len(content) == stored.size
    chunks = list(stored.content)
    assert stored.metadata == {"schema": "orders"}
    assert content == b"".join(chunks)
    assert max(map(len, chunks)) <= CHUNK_BYTES


def test_requested_version_is_read_though_a_newer_one_exists(client: "S3Client") -> None:
    """The verdict is about the version that was announced."""
    version = client.put_object(Bucket="inbox", Key=KEY, Body=b"old")["VersionId"]
    client.put_object(Bucket="inbox", Key=KEY, Body=b"new")
    stored = S3ObjectStore(client=client).open("inbox", KEY, version)
    assert list(stored.content) == [b"old"]


def test_missing_object_raises_object_vanished(client: "S3Client") -> None:
    """Whether the key never existed, or the object or its version was deleted."""
    store = S3ObjectStore(client=client)
    with pytest.raises(ObjectVanished):
        store.open("inbox", KEY, None)
    version = client.put_object(Bucket="inbox", Key=KEY, Body=b"old")["VersionId"]
    client.delete_object(Bucket="inbox", Key=KEY, VersionId=version)
    with pytest.raises(ObjectVanished):
        store.open("inbox", KEY, version)
    with pytest.raises(ObjectVanished):
        store.open("nowhere", KEY, None)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("MethodNotAllowed", ObjectVanished),
        ("AccessDenied", ObjectForbidden),
        ("SlowDown", StorageUnavailable),
        ("InternalError", StorageUnavailable),
    ],
)
def test_error_codes_of_s3_are_translated(script: Script, code: str, error: type[AssayError]) -> None:
    """Transient errors raise StorageUnavailable; denied access does not."""
    script.add_client_error("get_object", code)
    with pytest.raises(error):
        script.store.open("inbox", KEY, None)


def test_ranges_request_the_same_version(script: Script) -> None:
    """By version id and ETag."""
    target = {"Bucket": "inbox", "Key": KEY, "VersionId": "v1"}
    size = CHUNK_BYTES
    script.respond(BytesIO(noise(2 * size)), 2 * size, target)
    rest = {**target, "Range": f"bytes={size}-", "IfMatch": '"a"'}
    script.respond(BytesIO(noise(size)), size, rest, ContentRange=f"bytes {size}-{2 * size - 1}/{2 * size}")
    store = evolve(script.store, range_bytes=size, ranged_from=0)
    assert list(store.open("inbox", KEY, "v1").content) == [noise(size), noise(size)]


def test_resumption_requests_the_same_version(script: Script) -> None:
    """By version id and ETag."""
    target = {"Bucket": "inbox", "Key": KEY, "VersionId": "v1"}
    script.respond(BytesIO(b"half"), 8, target)
    rest = {**target, "Range": "bytes=4-", "IfMatch": '"a"'}
    script.respond(BytesIO(b"full"), 4, rest, ContentRange="bytes 4-7/8")
    stored = script.store.open("inbox", KEY, "v1")
    assert list(stored.content) == [b"half", b"full"]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("NoSuchKey", ObjectVanished),
        ("PreconditionFailed", ObjectVanished),
        ("InvalidRange", ObjectVanished),
        ("AccessDenied", ObjectForbidden),
    ],
)
def test_error_codes_of_a_resumption_are_translated(script: Script, code: str, error: type[AssayError]) -> None:
    """Final errors are not retried."""
    content = script.opened(BytesIO(b"half"), 8)
    script.add_client_error("get_object", code)
    assert next(content) == b"half"
    with pytest.raises(error):
        next(content)


def test_request_to_busy_s3_is_repeated(script: Script) -> None:
    """SlowDown counts as a futile resumption."""
    content = script.opened(BytesIO(b"half"), 8)
    for _ in range(RESUMPTIONS):
        script.add_client_error("get_object", "SlowDown", http_status_code=503)
    assert next(content) == b"half"
    with pytest.raises(StorageUnavailable, match=r"after 4 of 8 bytes: .*SlowDown"):
        next(content)
    script.assert_no_pending_responses()


@pytest.mark.parametrize(
    "trouble",
    [
        ProtocolError("connection reset"),
        SSLError("bad record mac"),
        ReadTimeoutError(HTTPConnectionPool("s3"), "/", "timed out"),
    ],
)
def test_stream_is_resumed_after_any_connection_error(script: Script, trouble: HTTPError) -> None:
    """Including those that botocore does not translate, such as urllib3's SSLError."""

    class Torn(BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise trouble

    content = script.opened(Torn(), 4)
    script.respond(BytesIO(b"full"), 4, ContentRange="bytes 0-3/4")
    assert list(content) == [b"full"]


def test_a_limited_number_of_chunks_is_read_ahead(script: Script) -> None:
    """The thread stops CHUNKS_AHEAD before the reader."""
    size = 3 * CHUNKS_AHEAD
    raw, lead = Counted(noise(size * CHUNK_BYTES)), 0
    for taken, _ in enumerate(script.opened(raw, size * CHUNK_BYTES), 1):
        assert raw.reaches(min(taken + CHUNKS_AHEAD, size + 1))
        lead = max(lead, raw.reads - taken)
    assert lead == CHUNKS_AHEAD


def test_thread_exists_from_the_first_chunk_to_the_last(script: Script) -> None:
    """Opening an object starts no thread, and its end leaves none."""
    before = threading.enumerate()
    content = script.opened(BytesIO(noise(CHUNK_BYTES)), CHUNK_BYTES)
    assert before == threading.enumerate()
    next(content)
    assert len(threading.enumerate()) == len(before) + 1
    assert list(content) == []
    assert before == threading.enumerate()


def test_closed_content_leaves_no_thread_and_no_connection(script: Script) -> None:
    """Though there is more to read."""
    before, raw = threading.enumerate(), BytesIO(noise(30 * CHUNK_BYTES))
    content = script.opened(raw, 30 * CHUNK_BYTES)
    next(content)
    content.close()  # type: ignore[attr-defined] # a generator, which the port does not promise
    assert before == threading.enumerate()
    assert raw.closed


def test_dropped_content_leaves_no_thread_and_no_connection(script: Script) -> None:
    """As after an exception in the reader."""
    before, raw = threading.enumerate(), BytesIO(noise(30 * CHUNK_BYTES))
    for _ in script.opened(raw, 30 * CHUNK_BYTES):
        break
    assert before == threading.enumerate()
    assert raw.closed


def test_pause_ends_with_the_content(script: Script) -> None:
    """Closing the content does not wait for the pause."""
    before, raw = threading.enumerate(), Counted(b"half")
    script.respond(raw, 8)
    content = iter(evolve(script.store, pause=100 * PATIENCE).open("inbox", KEY, None).content)
    assert next(content) == b"half"
    assert raw.reaches(2)
    del content
    assert before == threading.enumerate()
    assert raw.closed


def test_thread_may_garbage_collect_its_own_content(script: Script) -> None:
    """If the content is part of a cycle, the garbage collector may run in the thread."""

    class Collecting(Counted):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.reads:
                assert dropped.wait(PATIENCE)
                gc.collect()
            return super().read(size)

    dropped, before = threading.Event(), threading.enumerate()
    raw = Collecting(noise(30 * CHUNK_BYTES))
    cycle: list[Any] = [script.opened(raw, 30 * CHUNK_BYTES)]
    cycle.append(cycle)
    next(cycle[0])
    (reader,) = set(threading.enumerate()) - set(before)
    del cycle
    dropped.set()
    reader.join(PATIENCE)
    assert not reader.is_alive()
    assert raw.closed
    assert raw.reads == 2


def test_program_may_end_in_the_middle_of_an_object() -> None:
    """The thread does not wait for a reader."""
    script = """
from tests.aws.test_object_store import CHUNK_BYTES, BytesIO, Script, noise
script = Script()
script.activate()
content = script.opened(BytesIO(noise(30 * CHUNK_BYTES)), 30 * CHUNK_BYTES)
next(content)
"""
    command = [sys.executable, "-W", "error", "-c", script]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)  # noqa: S603
    assert (run.returncode, run.stderr) == (0, "")
