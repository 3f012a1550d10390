"""The content of a file: what it holds when it has been decompressed, as far as it can be, and no more than is allowed.

A gzip file (RFC 1952) may have several members, one after the other, and zeros after the last.
"""

import zlib
from collections.abc import Iterable, Iterator

from chalicelib.validation.report import ErrorCode, Fault

MOST_TIMES = 200
"""How many times as large as its gzip file a content may be, past `ALWAYS_BYTES`. DEFLATE can do 1,032 times."""
ALWAYS_BYTES = 64 * 1024 * 1024
"""So many bytes are read whatever they have been compressed to."""

_GZIP = 16 + zlib.MAX_WBITS
_FIRST = b"\x1f"
"""What a member begins with."""
_NO_HEADER = "incorrect header check"
"""What zlib says of data that does not begin like a member."""
_PIECE = 4 * 1024
"""How much is decompressed at once, in bytes: what is left of it when a member ends is copied."""
_MOST_GIVEN = 256 * 1024
"""How much is given at once, in bytes."""

_NOT_GZIP = Fault(
    ErrorCode.COMPRESSION_ERROR, "the name ends in .gz, but the file is not compressed by gzip: name it .csv"
)
_CORRUPT = Fault(
    ErrorCode.COMPRESSION_ERROR, "the gzip data is corrupt: compress the file anew, and upload it as it is"
)
_TRUNCATED = Fault(ErrorCode.COMPRESSION_ERROR, "the gzip data ends too early: upload the whole file")
_GARBAGE = Fault(ErrorCode.COMPRESSION_ERROR, "something follows the gzip data that is none: compress the file anew")
_BOMB = Fault(
    ErrorCode.COMPRESSION_ERROR,
    f"the file is more than {MOST_TIMES} times as large as its gzip data: split it, or upload it uncompressed",
)


def is_gzip(filename: str) -> bool:
    """Say whether a file of that name is to be decompressed."""
    return filename.lower().endswith(".gz")


def oversized(most: int, size: int | None = None) -> Fault:
    """Say that a file is larger than allowed, and how large it is if that is known."""
    has = f"more than {most:,} bytes when it is decompressed" if size is None else f"{size:,} bytes"
    reason = f"the file has {has}, and {most:,} are allowed: split it, or have MAX_OBJECT_BYTES raised"
    return Fault(ErrorCode.OVERSIZED_FILE, reason)


class Content:
    """The bytes of a file, to be gone through once; they end where something is wrong with the file as a whole."""

    def __init__(self, chunks: Iterable[bytes], *, gzipped: bool = False, most: int | None = None) -> None:
        """Take a file as it is, or decompress it; give no more than `most` bytes."""
        self.fault: Fault | None = None
        """What is wrong, once all that could be read has been."""
        self._chunks = chunks
        self._gzipped = gzipped
        self._most = most

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes, at most 256 KiB at a time if they were compressed."""
        given = 0
        for chunk in self._decompressed() if self._gzipped else self._chunks:
            given += len(chunk)
            if self._most is not None and given > self._most:
                self.fault = oversized(self._most)
                return
            yield chunk

    def _decompressed(self) -> Iterator[bytes]:
        members = _Members()
        for piece in _pieces(self._chunks):
            try:
                for data in members.decompressed(piece):
                    if members.given > max(ALWAYS_BYTES, MOST_TIMES * members.taken):
                        self.fault = _BOMB
                        return
                    yield data
            except zlib.error as error:
                self.fault = members.fault_for(error)
                return
        self.fault = members.fault_at_end()


class _Members:
    """The members of a gzip file, decompressed piece by piece."""

    def __init__(self) -> None:
        self.taken = 0
        """How many bytes have been given to be decompressed."""
        self.given = 0
        """How many came of them."""
        self._finished = 0
        """How many members have come to their end."""
        self._member: zlib._Decompress | None = None

    def decompressed(self, piece: bytes) -> Iterator[bytes]:
        """Give what a piece holds; raises zlib.error."""
        self.taken += len(piece)
        has_more = False
        while (piece := self._after_zeros(piece)) or has_more:
            if self._member is None and not piece.startswith(_FIRST):
                raise zlib.error(_NO_HEADER)  # zlib itself would wait for a second byte
            member = self._member = self._member or zlib.decompressobj(_GZIP)
            data = member.decompress(piece, _MOST_GIVEN)
            self.given += len(data)
            if data:
                yield data
            piece, has_more = member.unconsumed_tail, len(data) == _MOST_GIVEN
            if member.eof:
                piece, has_more, self._member = member.unused_data, False, None
                self._finished += 1

    def _after_zeros(self, piece: bytes) -> bytes:
        """Leave out zeros that follow a member, as on a tape."""
        return piece.lstrip(b"\0") if self._finished and self._member is None else piece

    def fault_for(self, error: zlib.error) -> Fault:
        """Say what is wrong with data that cannot be decompressed."""
        if _NO_HEADER not in str(error):
            return _CORRUPT
        return _GARBAGE if self._finished else _NOT_GZIP

    def fault_at_end(self) -> Fault | None:
        """Say what is wrong with data that has ended."""
        return _TRUNCATED if self._member else None


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), _PIECE):
            yield chunk[start : start + _PIECE]
