"""Bytes as they come, in blocks and in UTF-8."""

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Protocol

BLOCK_BYTES = 1024 * 1024
"""What is scanned at once; smaller ones would not be worth it to threads that hand them to each other."""


class BinaryFile(Protocol):
    """Anything with a `read` that gives bytes, and none at the end."""

    def read(self, size: int, /) -> bytes:
        """Give at most `size` bytes."""
        ...


def chunks(source: BinaryFile | Iterable[bytes], size: int) -> Iterator[bytes]:
    """Go through a source, a file in chunks of at most `size` bytes; raises TypeError if it gives no bytes."""
    for chunk in iter(lambda: source.read(size), b"") if hasattr(source, "read") else source:
        if not isinstance(chunk, bytes | bytearray | memoryview):
            raise TypeError("the source must be a binary file or an iterable of bytes")
        yield bytes(chunk)


def blocks(source: BinaryFile | Iterable[bytes], size: int) -> Iterator[bytes]:
    """Bring a source into blocks of at least `size` bytes; only the last may be smaller."""
    gathered: list[bytes] = []
    length = 0
    for chunk in chunks(source, size):
        gathered.append(chunk)
        length += len(chunk)
        if length >= size:
            yield b"".join(gathered)
            gathered, length = [], 0
    if length:
        yield b"".join(gathered)


_UNDECODABLE = "assay.undecodable"
"""The name under which Python knows how we mark what cannot be decoded."""


def in_utf8(source: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Bring blocks from their encoding into UTF-8; what cannot be decoded becomes what UTF-8 does not allow."""
    if encoding == "utf-8":
        yield from source
        return
    first = next(source, b"")
    if encoding == "utf-16" and not first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # Text begins with a letter of the first 256, whose high byte is zero.
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
