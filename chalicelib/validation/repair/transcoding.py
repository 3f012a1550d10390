"""Brings a file into UTF-8 and back, without losing a byte."""

import codecs
from collections.abc import Iterator
from itertools import chain

from chalicelib.errors import FieldInvalid
from chalicelib.validation.reading.encodings import encoding_label

_MARKS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decoded(blocks: Iterator[bytes], encoding: str) -> tuple[Iterator[bytes], str]:
    """Return blocks in UTF-8, and the encoding by which `encoded` restores them.

    Bytes that the encoding does not define are kept as surrogates, which are invalid in UTF-8.
    """
    if encoding == "utf-8":
        return blocks, encoding
    first = next(blocks, b"")
    if encoding == "utf-16":
        guess = "utf-16-be" if first.startswith(b"\0") else "utf-16-le"
        encoding = next((name for mark, name in _MARKS if first.startswith(mark)), guess)
    return _decoded(chain([first], blocks), encoding), encoding


def _decoded(blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
    for block, is_last in chain(((each, False) for each in blocks), [(b"", True)]):
        try:
            text = decoder.decode(block, is_last)
        except UnicodeDecodeError:
            raise FieldInvalid("file", f"it is not valid {encoding_label(encoding)}") from None
        if text:
            yield text.encode(errors="surrogatepass")


def encoded(blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Return blocks of whole characters of UTF-8 in another encoding."""
    if encoding == "utf-8":
        yield from blocks
        return
    encoder = codecs.getincrementalencoder(encoding)("surrogateescape")
    for block in blocks:
        try:
            yield encoder.encode(block.decode(errors="surrogatepass"))
        except UnicodeEncodeError:
            reason = f"a character of it cannot be written in {encoding_label(encoding)}"
            raise FieldInvalid("file", reason) from None
