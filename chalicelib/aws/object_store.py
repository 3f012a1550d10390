"""Objects in Amazon S3."""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import random
from threading import Event, current_thread
from typing import TYPE_CHECKING

from attrs import define, field, frozen
from botocore.exceptions import BotoCoreError, ClientError, FlexibleChecksumError
from urllib3.exceptions import HTTPError

from chalicelib.aws.errors import error_code
from chalicelib.errors import AssayError, ObjectForbidden, ObjectVanished, StorageUnavailable
from chalicelib.uploads.ports import StoredObject

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef, GetObjectRequestTypeDef

CHUNK_BYTES = 256 * 1024
CHUNKS_AHEAD = 8
"""How many chunks are read ahead; with the one in use they take 2.25 MiB."""
RESUMPTIONS = 5
"""How often a broken stream is resumed without receiving another chunk."""

_VANISHED = frozenset({"NoSuchKey", "NoSuchVersion", "NoSuchBucket", "404", "MethodNotAllowed"})
"""MethodNotAllowed: the version is a delete marker."""
_REPLACED = frozenset({"PreconditionFailed", "412", "InvalidRange", "416"})
"""Answers to a resumption; the last two if the object is shorter now than what has been read."""
_FORBIDDEN = frozenset({"AccessDenied", "403", "KMS.DisabledException", "InvalidObjectState"})


@frozen(kw_only=True)
class S3ObjectStore:
    """Opens objects in S3 for reading, one chunk at a time."""

    client: "S3Client"
    pause: float = 0.5
    """The longest wait before the first resumption of a broken stream, in seconds; doubles with each futile one."""

    def open(self, bucket: str, key: str, version_id: str | None) -> StoredObject:
        """Open an object; raises ObjectVanished, ObjectForbidden or StorageUnavailable.

        The content is read ahead in a thread. It starts with the first chunk, and ends when the content is exhausted,
        closed or garbage-collected.
        """
        target: GetObjectRequestTypeDef = {"Bucket": bucket, "Key": key}
        if version_id:
            target["VersionId"] = version_id
        response = _get(self.client, target)
        metadata = {name.lower(): value for name, value in response["Metadata"].items()}
        download = _Download(client=self.client, target=target, pause=self.pause, first=response)
        return StoredObject(size=response["ContentLength"], metadata=metadata, content=_read_ahead(download))


@define(kw_only=True)
class _Download:
    """The bytes of an object as it was when it was opened, from as many responses as that takes."""

    client: "S3Client"
    target: "GetObjectRequestTypeDef"
    pause: float
    first: "GetObjectOutputTypeDef"
    stopped: Event = field(factory=Event, init=False)
    """Set by the reader to end a pause, when it needs no more chunks."""
    _offset: int = field(default=0, init=False)
    _futile: int = field(default=0, init=False)
    """Resumptions since the last chunk."""
    _failure: str = field(default="too few bytes", init=False)

    def chunks(self) -> Generator[bytes, None, None]:
        """Yield the object's bytes; raises StorageUnavailable, ObjectVanished or ObjectForbidden if they end too early.

        botocore compares S3's checksum if one response has the whole object.
        """
        with self.first["Body"]:
            yield from self._received(self.first["Body"])
        while self._offset < self.first["ContentLength"]:
            self._wait()
            yield from self._resumed()

    def _received(self, body: "StreamingBody") -> Iterator[bytes]:
        """Yield chunks until the stream ends or breaks; only the number of bytes distinguishes the two."""
        while chunk := self._read(body):
            self._offset += len(chunk)
            self._futile = 0
            yield chunk

    def _read(self, body: "StreamingBody") -> bytes:
        try:
            return body.read(CHUNK_BYTES)
        except FlexibleChecksumError as error:
            raise StorageUnavailable(
                f"{_uri(self.target)} did not arrive as it was sent: {error_code(error)}"
            ) from None
        except (BotoCoreError, HTTPError) as error:  # botocore lets urllib3's SSLError through
            self._failure = error_code(error)
            return b""

    def _wait(self) -> None:
        """Wait before a resumption; raises StorageUnavailable after RESUMPTIONS futile ones."""
        pause = self.pause * 2**self._futile * random()  # noqa: S311 - jitter
        if self._futile == RESUMPTIONS or self.stopped.wait(pause):
            received = f"{self._offset} of {self.first['ContentLength']} bytes"
            raise StorageUnavailable(f"{_uri(self.target)} broke off after {received}: {self._failure}")
        self._futile += 1

    def _resumed(self) -> Iterator[bytes]:
        """Yield what S3 sends of the rest, which may be nothing."""
        rest: GetObjectRequestTypeDef = {
            **self.target,
            "Range": f"bytes={self._offset}-",
            "IfMatch": self.first["ETag"],
        }
        try:
            response = _get(self.client, rest)
        except StorageUnavailable as error:
            self._failure = str(error)
            return
        with response["Body"]:
            self._check(response)
            yield from self._received(response["Body"])

    def _check(self, response: "GetObjectOutputTypeDef") -> None:
        """Raise unless the response continues the same content where the last one ended."""
        if response["ETag"] != self.first["ETag"]:
            raise _replaced(_uri(self.target))
        if not response.get("ContentRange", "").startswith(f"bytes {self._offset}-"):
            raise StorageUnavailable(f"{_uri(self.target)} is not sent from byte {self._offset} on")


def _read_ahead(download: _Download) -> Iterator[bytes]:
    """Yield the chunks of a download, while a thread downloads up to CHUNKS_AHEAD further ones.

    An error is raised after the chunks that came before it. The thread never waits for the reader, so that it cannot
    keep the program from ending.
    """
    chunks = download.chunks()
    reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead")
    thread = reader.submit(current_thread).result()
    try:
        ahead = deque(reader.submit(next, chunks, b"") for _ in range(CHUNKS_AHEAD))
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


def _get(client: "S3Client", target: "GetObjectRequestTypeDef") -> "GetObjectOutputTypeDef":
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
