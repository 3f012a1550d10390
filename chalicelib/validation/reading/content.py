"""The content of a file: decompressed if it is a gzip file, and limited in size.

A gzip file (RFC 1952) may have several members, one after the other, and zeros after the last.
"""

import zlib
from collections.abc import Iterable, Iterator

from chalicelib.validation.report import ErrorCode, Fault

MAX_RATIO = 200
"""The largest ratio of a file to its gzip data, beyond `UNLIMITED_RATIO_BYTES`. DEFLATE reaches 1,032."""
UNLIMITED_RATIO_BYTES = 64 * 1024 * 1024
"""Up to this size the ratio is not limited."""

_GZIP = 16 + zlib.MAX_WBITS
_MAGIC = b"\x1f"
"""The first byte of a member."""
_NO_HEADER = "incorrect header check"
"""zlib's message about data that does not begin as a member does."""
_INPUT_BYTES = 4 * 1024
"""How many bytes are passed to zlib at once. zlib copies what is left of them when a member ends."""
_MAX_OUTPUT = 256 * 1024
"""How many bytes are decompressed at once."""

_NOT_GZIP = Fault(
    ErrorCode.COMPRESSION_ERROR, "the name ends in .gz, but the file is not compressed by gzip: name it .csv"
)
_CORRUPT = Fault(
    ErrorCode.COMPRESSION_ERROR, "the gzip data is corrupt: compress the file again, or upload it uncompressed"
)
_TRUNCATED = Fault(ErrorCode.COMPRESSION_ERROR, "the gzip data ends too early: upload the whole file")
_GARBAGE = Fault(ErrorCode.COMPRESSION_ERROR, "the gzip data is followed by other data: compress the file again")
_BOMB = Fault(
    ErrorCode.COMPRESSION_ERROR,
    f"the file is more than {MAX_RATIO} times as large as its gzip data: split it, or upload it uncompressed",
)


def is_gzip(filename: str) -> bool:
    """Return whether a file of that name is to be decompressed."""
    return filename.lower().endswith(".gz")


def oversized(max_bytes: int, size: int | None = None) -> Fault:
    """Return the fault of a file that is larger than allowed, with its size if that is known."""
    has = f"more than {max_bytes:,} bytes when it is decompressed" if size is None else f"{size:,} bytes"
    reason = f"the file has {has}, and {max_bytes:,} are allowed: split it, or have MAX_OBJECT_BYTES raised"
    return Fault(ErrorCode.OVERSIZED_FILE, reason)


class Content:
    """The bytes of a file, to be iterated once. They end early where the file as a whole has a fault."""

    def __init__(self, chunks: Iterable[bytes], *, gzipped: bool = False, max_bytes: int | None = None) -> None:
        """Decompress the chunks if `gzipped`, and return at most `max_bytes` bytes of them."""
        self.fault: Fault | None = None
        """The fault of the file, set when the iteration has ended."""
        self._chunks = chunks
        self._gzipped = gzipped
        self._max_bytes = max_bytes

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over the bytes, at most 256 KiB at a time if they were compressed."""
        total = 0
        for chunk in self._decompressed() if self._gzipped else self._chunks:
            total += len(chunk)
            if self._max_bytes is not None and total > self._max_bytes:
                self.fault = oversized(self._max_bytes)
                return
            yield chunk

    def _decompressed(self) -> Iterator[bytes]:
        members = _Members()
        for piece in _pieces(self._chunks):
            try:
                for data in members.decompressed(piece):
                    if members.bytes_out > max(UNLIMITED_RATIO_BYTES, MAX_RATIO * members.bytes_in):
                        self.fault = _BOMB
                        return
                    yield data
            except zlib.error as error:
                self.fault = members.fault_for(error)
                return
        self.fault = members.fault_at_end()


class _Members:
    """Decompresses the members of a gzip file, piece by piece."""

    def __init__(self) -> None:
        self.bytes_in = 0
        """How many compressed bytes were read."""
        self.bytes_out = 0
        """How many bytes they were decompressed to."""
        self._finished = 0
        """How many members have ended."""
        self._member: zlib._Decompress | None = None

    def decompressed(self, piece: bytes) -> Iterator[bytes]:
        """Iterate over the decompressed data of a piece; raises zlib.error."""
        self.bytes_in += len(piece)
        has_more = False
        while (piece := self._after_zeros(piece)) or has_more:
            if self._member is None and not piece.startswith(_MAGIC):
                raise zlib.error(_NO_HEADER)  # zlib would wait for a second byte
            member = self._member = self._member or zlib.decompressobj(_GZIP)
            data = member.decompress(piece, _MAX_OUTPUT)
            self.bytes_out += len(data)
            if data:
                yield data
            piece, has_more = member.unconsumed_tail, len(data) == _MAX_OUTPUT
            if member.eof:
                piece, has_more, self._member = member.unused_data, False, None
                self._finished += 1

    def _after_zeros(self, piece: bytes) -> bytes:
        """Skip zeros that follow a member, as tapes have them."""
        return piece.lstrip(b"\0") if self._finished and self._member is None else piece

    def fault_for(self, error: zlib.error) -> Fault:
        """Return the fault of data that zlib cannot decompress."""
        if _NO_HEADER not in str(error):
            return _CORRUPT
        return _GARBAGE if self._finished else _NOT_GZIP

    def fault_at_end(self) -> Fault | None:
        """Return the fault of data that has ended."""
        return _TRUNCATED if self._member else None


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Split chunks into pieces of the size that zlib is given."""
    for chunk in chunks:
        for start in range(0, len(chunk), _INPUT_BYTES):
            yield chunk[start : start + _INPUT_BYTES]
