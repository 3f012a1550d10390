"""The encodings that files may have, and how a file in another one is recognized."""

import codecs
import re
from collections.abc import Mapping
from types import MappingProxyType

from chalicelib.validation.report import ErrorCode, Fault

_AS_UTF_8 = frozenset({"utf-8", "utf-8-sig", "ascii"})
"""Encodings that are read as UTF-8, of which ASCII is a part, and which may begin with a byte order mark."""
_LABELS: Mapping[str, str] = MappingProxyType({"iso8859-1": "latin-1"})
_NOT_FOR_FILES = frozenset(
    {"charmap", "idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}
)
"""Python's codecs of text that are no encodings of files."""

_BOM = codecs.BOM_UTF8
_WELL_FORMED = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""A character of UTF-8 that is not ASCII."""
_HIGH = re.compile(rb"[\x80-\xff]")
_CUT_CHARACTER = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\Z")
"""What the end of a sample may leave of a character."""
_WORD = re.compile(rb"(?<![A-Za-z\x80-\xff])[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
"""A word with bytes that are not ASCII; tried only where words begin, or long ones would take quadratic time."""
_ADJACENT = re.compile(r"[^\x00-\x7f]{2,}")
_USUAL_PAIR = re.compile("[äöü]ß|[áéíóú]ñ|ñ[áéíóú]|ç[ãõú]|éé")
"""Adjacent letters of German, Spanish, Portuguese and French words: Größe, Núñez, Logroñés, São Conceição, créée.

The same bytes in windows-1250, 1254 and 1257 are no adjacent letters of the languages that use these, or the same
letters. Other pairs are: in windows-1250, the bytes of `Dvoøák` are `Dvořák`.
"""
_MIN_WORDS = 2
"""With fewer words of another encoding in a sample, each is an error of its cell."""
_MIN_BYTES = 16
"""The same for bytes that are not part of such words."""


def python_encoding(name: str) -> str | None:
    """Return Python's name of an encoding; None if it is unknown, or cannot be decoded piece by piece."""
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    known = codec.name.lower().replace("_", "-")
    is_text = codec._is_text_encoding and codec.incrementaldecoder is not None  # noqa: SLF001 - as `open` does
    if not is_text or known in _NOT_FOR_FILES:
        return None
    return "utf-8" if known in _AS_UTF_8 else _LABELS.get(known, known)


def encoding_label(encoding: str) -> str:
    """Return how messages name one of Python's encodings."""
    return re.sub(r"^cp(125\d)$", r"windows-\1", encoding.lower()) if encoding.startswith("cp") else encoding.upper()


def detect_other_encoding(sample: bytes, encoding: str) -> Fault | None:
    """Return the fault of a file that begins like one in another encoding than the declared one."""
    label = encoding_label(encoding)
    if encoding != "utf-8" and sample.startswith(_BOM):
        return _fault(f"the file is UTF-8, by its byte order mark: save it in {label}, or declare UTF-8")
    if encoding.startswith(("utf-16", "utf-32")) and _is_ascii_text(sample):
        return _fault(f"the file is not {label}: save it in that encoding, or declare the one it has")
    if encoding == "utf-8" and (name := _not_utf_8(sample)):
        return _fault(f"the file is not UTF-8, but looks like {name}: save it in UTF-8, or declare its encoding")
    return None


def _fault(message: str) -> Fault:
    return Fault(ErrorCode.ENCODING_ERROR, message)


def _is_ascii_text(sample: bytes) -> bool:
    """Return whether a sample has several ASCII characters, with line breaks, and no zero bytes between them."""
    return len(sample) >= _MIN_BYTES and sample.isascii() and b"\n" in sample and b"\0" not in sample


def _not_utf_8(sample: bytes) -> str | None:
    """Return what a sample looks like that has no characters of UTF-8 beyond ASCII, but other bytes.

    A few bytes among characters of UTF-8 are broken cells, not another encoding.
    """
    if sample.isascii():
        return None
    sample = _CUT_CHARACTER.sub(b"", sample)
    if _WELL_FORMED.search(sample):
        return None
    places = [match.start() for match in _HIGH.finditer(sample)]
    words = _WORD.findall(sample)
    letters = [word for word in words if _is_word(word)]
    if len(letters) >= _MIN_WORDS and 2 * len(letters) > len(words):
        return "windows-1252 or a similar encoding"
    return "another encoding" if len(places) >= _MIN_BYTES else None


def _is_word(word: bytes) -> bool:
    """Return whether bytes are a word of windows-1252 in which letters of ASCII stand beside the others."""
    text = word.decode("cp1252", errors="replace")
    return (
        text.isalpha()
        and any(letter.isascii() for letter in text)
        and all(_USUAL_PAIR.fullmatch(pair) for pair in _ADJACENT.findall(text.lower()))
    )
