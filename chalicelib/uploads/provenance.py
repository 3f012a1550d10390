"""What was validated: the digest of an object, and the control data that its sender may attach to it."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from chalicelib.validation.report import ErrorCode, Fault

ROWS_KEY, SHA256_KEY = "rows", "sha256"
"""The object's metadata, `x-amz-meta-rows` and `x-amz-meta-sha256`, that must agree with the object if present."""

_ROWS = re.compile("[0-9]{1,18}", re.ASCII)
_SHA256 = re.compile("[0-9a-f]{64}", re.ASCII | re.IGNORECASE)


class HashedContent:
    """The content of an object, whose digest is computed while it is read."""

    def __init__(self, content: Iterable[bytes]) -> None:
        """Read this content."""
        self._content = content
        self.sha256: str | None = None
        """In hexadecimal digits; None unless the content was read to its end."""

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over the chunks. A thread computes the digest of one while the next one is read and checked."""
        digest = hashlib.sha256()
        with ThreadPoolExecutor(1, "digest") as pool:
            before: Future[None] | None = None
            for chunk in self._content:
                if before:
                    before.result()
                before = pool.submit(digest.update, chunk)
                yield chunk
        self.sha256 = digest.hexdigest()


def control_fault(metadata: Mapping[str, str], *, rows: int, sha256: str) -> Fault | None:
    """Return the one fault of an object that differs from its control data; None if it agrees, or has none.

    Metadata is not repeated, except for a number of rows: it may be anything.
    """
    reasons = [*_rows_reasons(metadata.get(ROWS_KEY), rows), *_digest_reasons(metadata.get(SHA256_KEY), sha256)]
    return Fault(ErrorCode.CONTROL_ERROR, "; ".join(reasons)) if reasons else None


def _rows_reasons(announced: str | None, rows: int) -> Iterator[str]:
    if announced is None:
        return
    if not _ROWS.fullmatch(announced):
        yield "x-amz-meta-rows is not a whole number of rows"
    elif int(announced) != rows:
        yield f"x-amz-meta-rows announces {int(announced):,} rows, and the file has {rows:,}"


def _digest_reasons(announced: str | None, sha256: str) -> Iterator[str]:
    if announced is None:
        return
    if not _SHA256.fullmatch(announced):
        yield "x-amz-meta-sha256 is not a SHA-256 in 64 hexadecimal digits"
    elif announced.lower() != sha256:
        yield f"x-amz-meta-sha256 is not the SHA-256 of the object, which is {sha256}"
