"""The bytes of an object in S3: by one stream, or by several ranges at once."""

from collections import deque
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from random import random
from threading import Event, current_thread
from typing import TYPE_CHECKING, Self

from attrs import define, evolve, field
from botocore.exceptions import BotoCoreError, ClientError, FlexibleChecksumError
from botocore.httpchecksum import Crc32Checksum, Sha1Checksum, Sha256Checksum
from urllib3.exceptions import HTTPError

from chalicelib.aws.errors import error_code
from chalicelib.errors import AssayError, ObjectForbidden, ObjectVanished, StorageUnavailable

if TYPE_CHECKING:
    from botocore.httpchecksum import BaseChecksum
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef, GetObjectRequestTypeDef

CHUNK_BYTES = 256 * 1024
CHUNKS_AHEAD = 8
"""How many chunks of one stream are read ahead; with the one in use they take 2.25 MiB."""
RESUMPTIONS = 5
"""How often a broken stream is resumed without receiving another chunk."""

_VANISHED = frozenset({"NoSuchKey", "NoSuchVersion", "NoSuchBucket", "404", "MethodNotAllowed"})
"""MethodNotAllowed: the version is a delete marker."""
_REPLACED = frozenset({"PreconditionFailed", "412", "InvalidRange", "416"})
"""Answers to a resumption; the last two if the object is shorter now than what has been read."""
GONE = _VANISHED | _REPLACED
"""S3's error codes if the requested version does not exist any more."""
_FORBIDDEN = frozenset({"AccessDenied", "403", "KMS.DisabledException", "InvalidObjectState"})


@define(kw_only=True)
class Download:
    """The bytes of an object as it was when it was opened, or a range of them, from as many responses as that takes."""

    client: "S3Client"
    target: "GetObjectRequestTypeDef"
    pause: float
    etag: str
    size: int
    """Of the whole object."""
    body: "StreamingBody | None"
    """The response that has the first bytes; None to request them."""
    start: int = 0
    end: int = field()
    """The offset after the last byte."""
    stopped: Event = field(factory=Event, init=False)
    """Set by the reader to end a pause, when it needs no more chunks."""
    _offset: int = field(init=False)
    _futile: int = field(default=0, init=False)
    """Resumptions since the last chunk."""
    _failure: str = field(default="too few bytes", init=False)

    @end.default
    def _whole(self) -> int:
        return self.size

    @_offset.default
    def _beginning(self) -> int:
        return self.start

    def chunks(self) -> Generator[bytes, None, None]:
        """Yield the bytes; raises StorageUnavailable, ObjectVanished or ObjectForbidden if they end too early.

        botocore compares S3's checksum if one response has the whole object.
        """
        if self.body is None:
            yield from self._requested()
        else:
            with self.body:
                yield from self._received(self.body)
        while self._offset < self.end:
            self._wait()
            yield from self._requested()

    def _received(self, body: "StreamingBody") -> Iterator[bytes]:
        """Yield chunks until the stream ends or breaks; only the number of bytes distinguishes the two."""
        while chunk := self._read(body):
            self._offset += len(chunk)
            self._futile = 0
            yield chunk

    def _read(self, body: "StreamingBody") -> bytes:
        # At the end of a whole object, the response is read once more: botocore compares the checksum then.
        most = CHUNK_BYTES if self.end == self.size else min(CHUNK_BYTES, self.end - self._offset)
        try:
            return body.read(most) if most else b""
        except FlexibleChecksumError as error:
            raise not_as_sent(self.target, error_code(error)) from None
        except (BotoCoreError, HTTPError) as error:  # botocore lets urllib3's SSLError through
            self._failure = error_code(error)
            return b""

    def _wait(self) -> None:
        """Wait before a resumption; raises StorageUnavailable after RESUMPTIONS futile ones."""
        pause = self.pause * 2**self._futile * random()  # noqa: S311 - jitter
        if self._futile == RESUMPTIONS or self.stopped.wait(pause):
            received = f"{self._offset} of {self.size} bytes"
            raise StorageUnavailable(f"{_uri(self.target)} broke off after {received}: {self._failure}")
        self._futile += 1

    def _requested(self) -> Iterator[bytes]:
        """Yield what S3 sends of the rest, which may be nothing."""
        last = "" if self.end == self.size else self.end - 1
        rest: GetObjectRequestTypeDef = {
            **self.target,
            "Range": f"bytes={self._offset}-{last}",
            "IfMatch": self.etag,
        }
        try:
            response = get_object(self.client, rest)
        except StorageUnavailable as error:
            self._failure = str(error)
            return
        with response["Body"]:
            self._check(response)
            yield from self._received(response["Body"])

    def _check(self, response: "GetObjectOutputTypeDef") -> None:
        """Raise unless the response continues the same content where the last one ended."""
        if response["ETag"] != self.etag:
            raise _replaced(_uri(self.target))
        if not response.get("ContentRange", "").startswith(f"bytes {self._offset}-"):
            raise StorageUnavailable(f"{_uri(self.target)} is not sent from byte {self._offset} on")


def read_ahead(download: Download, most: int = CHUNKS_AHEAD) -> Iterator[bytes]:
    """Yield the chunks of a download, while a thread downloads up to `most` further ones.

    The thread starts with the first chunk, and ends when the content is exhausted, closed or garbage-collected.
    """
    yield from _started(download, most)


def read_ranges(download: Download, checksum: "Checksum", *, streams: int, range_bytes: int) -> Iterator[bytes]:
    """Yield the chunks of a download by ranges, several of which are downloaded at once, each in a thread.

    They hold at most `streams * range_bytes` and a chunk. Raises StorageUnavailable if the checksum is another.
    """
    starts = range(download.start, download.end, range_bytes)
    ranges = (
        evolve(
            download,
            start=start,
            end=min(start + range_bytes, download.end),
            body=download.body if start == download.start else None,
        )
        for start in starts
    )
    ahead: deque[Generator[bytes, None, None]] = deque()
    try:
        while True:
            while len(ahead) < streams and (following := next(ranges, None)):
                ahead.append(_started(following, max(range_bytes // CHUNK_BYTES, 1)))
            if not ahead:
                break
            for chunk in ahead[0]:
                checksum.update(chunk)
                yield chunk
            ahead.popleft()
    finally:
        for each in ahead:
            each.close()
    checksum.compare(download.target)


def _started(download: Download, most: int) -> Generator[bytes, None, None]:
    """Return the chunks of a download that has begun in a thread."""
    chunks = _ahead(download, most)
    next(chunks)
    return chunks


def _ahead(download: Download, most: int) -> Generator[bytes, None, None]:
    """Start to download, yield an empty chunk, and then the others.

    An error is raised after the chunks that came before it. The thread never waits for the reader, so that it cannot
    keep the program from ending.
    """
    chunks = download.chunks()
    reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead")
    thread = reader.submit(current_thread).result()
    try:
        ahead = deque(reader.submit(next, chunks, b"") for _ in range(most))
        yield b""
        while chunk := ahead.popleft().result():
            ahead.append(reader.submit(next, chunks, b""))
            yield chunk
    finally:
        if current_thread() is thread:
            # The garbage collector closed this generator in the thread itself, which cannot wait for its own end.
            reader.shutdown(wait=False, cancel_futures=True)
        else:
            download.stopped.set()
            reader.shutdown(cancel_futures=True)
            chunks.close()


@define
class Checksum:
    """The checksum of a whole object that is read by ranges, whose responses have none."""

    algorithm: "BaseChecksum | None"
    expected: str

    @classmethod
    def of(cls, response: "GetObjectOutputTypeDef") -> Self:
        """Return the checksum that S3 sent. One that combines the checksums of parts is ignored, as botocore does."""
        for name, algorithm in _ALGORITHMS.items():
            expected = str(response.get(name, ""))
            if expected and "-" not in expected:
                return cls(algorithm(), expected)
        return cls(None, "")

    def update(self, chunk: bytes) -> None:
        """Include a chunk."""
        if self.algorithm is not None:
            self.algorithm.update(chunk)

    def compare(self, target: "GetObjectRequestTypeDef") -> None:
        """Raise StorageUnavailable if the chunks have another checksum."""
        if self.algorithm is not None and self.algorithm.b64digest() != self.expected:
            raise not_as_sent(target, type(self.algorithm).__name__)


_ALGORITHMS: Mapping[str, type["BaseChecksum"]] = {
    "ChecksumCRC32": Crc32Checksum,
    "ChecksumSHA1": Sha1Checksum,
    "ChecksumSHA256": Sha256Checksum,
}
"""Those that botocore can compute without awscrt, by the name in a response."""


def get_object(client: "S3Client", target: "GetObjectRequestTypeDef") -> "GetObjectOutputTypeDef":
    """Request an object; raises ObjectVanished, ObjectForbidden or StorageUnavailable."""
    try:
        return client.get_object(**target)
    except (BotoCoreError, ClientError) as error:
        raise _translated(error, _uri(target)) from None


def _uri(target: "GetObjectRequestTypeDef") -> str:
    return f"s3://{target['Bucket']}/{target['Key']}"


def _translated(error: BotoCoreError | ClientError, uri: str) -> AssayError:
    code = error_code(error)
    if code in _VANISHED:
        return ObjectVanished(f"{uri} is gone")
    if code in _REPLACED:
        return _replaced(uri)
    if code in _FORBIDDEN:
        return ObjectForbidden(f"{uri} may not be read: {code}")
    return StorageUnavailable(f"{uri} cannot be read at the moment: {code}")


def _replaced(uri: str) -> ObjectVanished:
    return ObjectVanished(f"{uri} was replaced while it was read")


def not_as_sent(target: "GetObjectRequestTypeDef", reason: str) -> StorageUnavailable:
    """Return the error of a wrong checksum."""
    return StorageUnavailable(f"{_uri(target)} did not arrive as it was sent: {reason}")
