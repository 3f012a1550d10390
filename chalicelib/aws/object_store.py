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

from chalicelib.aws.errors import reason
from chalicelib.errors import AssayError, ObjectForbidden, ObjectVanished, StorageUnavailable
from chalicelib.uploads.ports import StoredObject

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef, GetObjectRequestTypeDef

CHUNK_BYTES = 256 * 1024
CHUNKS_AHEAD = 8
"""How many chunks are read before they are asked for; with the one in use they take 2.25 MiB."""
RESUMPTIONS = 5
"""How often a stream that breaks off is taken up again without one more chunk."""

_VANISHED = frozenset({"NoSuchKey", "NoSuchVersion", "NoSuchBucket", "404", "MethodNotAllowed"})
"""What S3 calls it; the last one when the version is a delete marker."""
_REPLACED = frozenset({"PreconditionFailed", "412", "InvalidRange", "416"})
"""What S3 says to a resumption; the last two if the object now ends before the place where it is to go on."""
_FORBIDDEN = frozenset({"AccessDenied", "403", "KMS.DisabledException", "InvalidObjectState"})


@frozen(kw_only=True)
class S3ObjectStore:
    """Opens objects in S3 for reading, one chunk at a time."""

    client: "S3Client"
    pause: float = 0.5
    """How long to wait at the most, in seconds, before a broken stream is taken up again; doubles while it is vain."""

    def open(self, bucket: str, key: str, version_id: str | None) -> StoredObject:
        """Open an object; raises ObjectVanished, ObjectForbidden or StorageUnavailable.

        The content is read ahead in a thread that starts with the first chunk, and ends before the content does: read
        to its end, closed or dropped.
        """
        target: GetObjectRequestTypeDef = {"Bucket": bucket, "Key": key}
        if version_id:
            target["VersionId"] = version_id
        answer = _answer(self.client, target)
        metadata = {name.lower(): value for name, value in answer["Metadata"].items()}
        download = _Download(client=self.client, target=target, pause=self.pause, opened=answer)
        return StoredObject(size=answer["ContentLength"], metadata=metadata, content=_read_ahead(download))


@define(kw_only=True)
class _Download:
    """The bytes of an object as it was when it was opened, from as many answers as that takes."""

    client: "S3Client"
    target: "GetObjectRequestTypeDef"
    pause: float
    opened: "GetObjectOutputTypeDef"
    stopped: Event = field(factory=Event, init=False)
    """Whoever sets this does not want any more; a pause ends then."""
    _offset: int = field(default=0, init=False)
    _vain: int = field(default=0, init=False)
    """How many resumptions there have been since the last chunk."""
    _trouble: str = field(default="too few bytes", init=False)

    def chunks(self) -> Generator[bytes, None, None]:
        """Give the object's bytes; raises StorageUnavailable, ObjectVanished or ObjectForbidden if they end too early.

        S3's checksum of the object is compared where one answer has all of it.
        """
        with self.opened["Body"]:
            yield from self._received(self.opened["Body"])
        while self._offset < self.opened["ContentLength"]:
            self._wait()
            yield from self._resumed()

    def _received(self, body: "StreamingBody") -> Iterator[bytes]:
        """Give what comes; whether that is all, or has broken off, only the count of bytes tells."""
        while chunk := self._read(body):
            self._offset += len(chunk)
            self._vain = 0
            yield chunk

    def _read(self, body: "StreamingBody") -> bytes:
        try:
            return body.read(CHUNK_BYTES)
        except FlexibleChecksumError as error:
            raise StorageUnavailable(f"{_place(self.target)} did not arrive as it was sent: {reason(error)}") from None
        except (BotoCoreError, HTTPError) as error:  # botocore lets urllib3's SSLError through
            self._trouble = reason(error)
            return b""

    def _wait(self) -> None:
        """Pause before a resumption; raises StorageUnavailable if there have been enough of them."""
        pause = self.pause * 2**self._vain * random()  # noqa: S311 - no secret, only jitter
        if self._vain == RESUMPTIONS or self.stopped.wait(pause):
            read = f"{self._offset} of {self.opened['ContentLength']} bytes"
            raise StorageUnavailable(f"{_place(self.target)} broke off after {read}: {self._trouble}")
        self._vain += 1

    def _resumed(self) -> Iterator[bytes]:
        """Give what S3 sends of the rest, which may be nothing."""
        rest: GetObjectRequestTypeDef = {
            **self.target,
            "Range": f"bytes={self._offset}-",
            "IfMatch": self.opened["ETag"],
        }
        try:
            answer = _answer(self.client, rest)
        except StorageUnavailable as error:
            self._trouble = str(error)
            return
        with answer["Body"]:
            self._check(answer)
            yield from self._received(answer["Body"])

    def _check(self, answer: "GetObjectOutputTypeDef") -> None:
        """Make sure that an answer goes on where the last one ended, lest the content be a mixture."""
        if answer["ETag"] != self.opened["ETag"]:
            raise _replaced(_place(self.target))
        if not answer.get("ContentRange", "").startswith(f"bytes {self._offset}-"):
            raise StorageUnavailable(f"{_place(self.target)} is not given from byte {self._offset} on")


def _read_ahead(download: _Download) -> Iterator[bytes]:
    """Give the chunks of a download that goes on in a thread meanwhile, up to CHUNKS_AHEAD of them.

    Errors come where they happened. The thread never waits for whoever reads, so that it keeps no program from ending.
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
            # The garbage collector can run there and find this; a thread cannot wait for itself.
            reader.shutdown(wait=False, cancel_futures=True)
        else:
            download.stopped.set()
            reader.shutdown(cancel_futures=True)
            chunks.close()


def _answer(client: "S3Client", target: "GetObjectRequestTypeDef") -> "GetObjectOutputTypeDef":
    try:
        return client.get_object(**target)
    except (BotoCoreError, ClientError) as error:
        raise _translated(error, _place(target)) from None


def _place(target: "GetObjectRequestTypeDef") -> str:
    return f"s3://{target['Bucket']}/{target['Key']}"


def _translated(error: BotoCoreError | ClientError, place: str) -> AssayError:
    code = reason(error)
    if code in _VANISHED:
        return ObjectVanished(f"{place} is gone")
    if code in _REPLACED:
        return _replaced(place)
    if code in _FORBIDDEN:
        return ObjectForbidden(f"{place} may not be read: {code}")
    return StorageUnavailable(f"{place} cannot be read at the moment: {code}")


def _replaced(place: str) -> ObjectVanished:
    return ObjectVanished(f"{place} was replaced while it was read")
