"""Brings the bytes of a source into blocks, and into UTF-8, and leaves out the Ctrl-Z at its end."""

import codecs
import errno
import io
import os
import stat
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Protocol

from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.report import ErrorCode, Fault

BLOCK_BYTES = 1024 * 1024
"""How much is scanned at once."""


MIN_WHOLE_FILE_BYTES = 4 * 1024 * 1024
"""A smaller file is read in chunks by one process: more processes would cost more time than they save."""
MAX_END_MARKS = 4096
"""How many Ctrl-Z at the end of a file are left out: CP/M filled the last sector with them."""


class BinaryFile(Protocol):
    """Anything with a `read` that returns bytes, and no bytes at the end."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes."""
        ...


def whole_file(stream: BinaryFile | Iterable[bytes]) -> int | None:
    """Return the descriptor of a regular file that is open at its beginning; None if it is something else, or small."""
    if not isinstance(stream, io.BufferedReader | io.FileIO):
        return None
    raw = stream.raw if isinstance(stream, io.BufferedReader) else stream
    if type(raw) is not io.FileIO or not raw.readable():  # others may decompress what they read
        return None
    status = os.fstat(raw.fileno())
    is_large = stat.S_ISREG(status.st_mode) and status.st_size >= MIN_WHOLE_FILE_BYTES
    return raw.fileno() if is_large and stream.tell() == 0 else None


class FileChunks:
    """A regular file, read by its descriptor up to the size that it has when this object is made.

    The iteration and `read_into` share one position. Both raise OSError if the file becomes shorter.
    """

    def __init__(self, descriptor: int, chunk_bytes: int) -> None:
        """Read chunks of `chunk_bytes`; only the last one is smaller."""
        self._descriptor = descriptor
        self._chunk_bytes = chunk_bytes
        self._end = os.fstat(descriptor).st_size
        self.size = 0
        """How many bytes have been read."""

    def __iter__(self) -> Iterator[bytes]:
        """Iterate over the remaining chunks."""
        while size := min(self._chunk_bytes, self._end - self.size):
            chunk = os.pread(self._descriptor, size, self.size)
            self._counted(len(chunk))
            yield chunk

    def read_into(self, room: memoryview) -> int:
        """Read the next bytes into `room`, at most a chunk of them; return how many, 0 near the end of the file.

        The last bytes are left to the iteration, so that it sees a Ctrl-Z there, and whether there are too many.
        """
        size = min(len(room), self._chunk_bytes, self._end - 2 * MAX_END_MARKS - self.size)
        return self._counted(os.preadv(self._descriptor, [room[:size]], self.size)) if size > 0 else 0

    def _counted(self, size: int) -> int:
        """Count bytes that were read; raises OSError if there are none."""
        require_bytes(size)
        self.size += size
        return size


def require_bytes(size: int) -> None:
    """Raise OSError if a read before the end of a file returned no bytes."""
    if not size:
        raise OSError(errno.EIO, "the file became shorter while it was read")


def chunks(source: BinaryFile | Iterable[bytes], size: int) -> Iterator[bytes]:
    """Iterate over the chunks of a source, at most `size` bytes of a file; raises TypeError if they are not bytes."""
    for chunk in iter(lambda: source.read(size), b"") if hasattr(source, "read") else source:
        if not isinstance(chunk, bytes | bytearray | memoryview):
            raise TypeError("the source must be a pathlib.Path, a binary file or an iterable of bytes")
        yield bytes(chunk)


def blocks(source: BinaryFile | Iterable[bytes], size: int) -> Iterator[bytes]:
    """Bring chunks into blocks of `size` to twice as many bytes; only the last block may be smaller."""
    gathered: list[bytes] = []
    length = 0
    for chunk in chunks(source, size):
        for start in range(0, len(chunk), size):
            part = chunk[start : start + size]
            gathered.append(part)
            length += len(part)
            if length >= size:
                yield b"".join(gathered)
                gathered, length = [], 0
    if length:
        yield b"".join(gathered)


_UNDECODABLE = "assay.undecodable"
"""The name of the codec error handler that marks undecodable bytes."""


def in_utf8(source: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Transcode blocks to UTF-8. Undecodable bytes become a surrogate, which is invalid in UTF-8."""
    if encoding == "utf-8":
        yield from source
        return
    first = next(source, b"")
    if encoding == "utf-16" and not first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # The first character is taken to be one of the first 256, whose high byte is zero.
        encoding = "utf-16-be" if first.startswith(b"\0") else "utf-16-le"
    decode = codecs.getincrementaldecoder(encoding)(_UNDECODABLE).decode
    for block in chain([first], source):
        if decoded := decode(block):
            yield decoded.encode(errors="surrogatepass")
    if rest := decode(b"", final=True):
        yield rest.encode(errors="surrogatepass")


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


codecs.register_error(_UNDECODABLE, _mark)


END_MARK = Fault(ErrorCode.FORMAT_ERROR, "the file ends with Ctrl-Z (0x1A), which is no text: remove it")
END_MARK_BYTE = b"\x1a"
"""Ctrl-Z, with which old programs end a text file."""


def may_end_in_mark(dialect: Dialect) -> bool:
    """Return whether a Ctrl-Z at the end of a file is no part of its text."""
    return END_MARK_BYTE.decode() not in "".join(dialect.tokens)


def without_end_mark(data: bytes) -> bytes:
    """Return data without the Ctrl-Z at its end, and a line break behind it."""
    text = data.removesuffix(b"\n").removesuffix(b"\r").rstrip(END_MARK_BYTE) if END_MARK_BYTE in data[-3:] else data
    return text if data.startswith(END_MARK_BYTE, len(text)) and len(data) - len(text) <= MAX_END_MARKS else data
