"""Detects files that are not CSV, or not of the declared dialect, from their first bytes.

A workbook is reported as one error of the file, not as thousands of cells that are not UTF-8.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.reading.encodings import encoding_label
from chalicelib.validation.report import ErrorCode, Fault

_WORKBOOK = "an Excel workbook (.xlsx)"
_ZIP = b"PK\x03\x04"
_SIGNATURES: Mapping[bytes, str] = MappingProxyType(
    {
        _ZIP: "a zip archive",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an Excel workbook of the old kind (.xls)",
        b"BZh91AY&SY": "a bzip2 archive",
        b"\xfd7zXZ\x00": "an xz archive",
        b"7z\xbc\xaf\x27\x1c": "a 7z archive",
        b"\x28\xb5\x2f\xfd": "a zstd archive",
        b"%PDF-": "a PDF document",
        b"PAR1\x15": "a Parquet file",
        b"SQLite format 3\x00": "an SQLite database",
        b"ARROW1\x00": "an Arrow file",
        b"\x89PNG\r\n": "a PNG picture",
        b"\xff\xd8\xff": "a JPEG picture",
        b"{\\rtf": "an RTF document",
    }
)
_IN_ZIP: Mapping[bytes, str] = MappingProxyType(
    {
        b"[Content_Types].xml": _WORKBOOK,
        b"xl/": _WORKBOOK,
        b"application/vnd.oasis.opendocument.spreadsheet": "an OpenDocument spreadsheet (.ods)",
    }
)
_GZIP = b"\x1f\x8b\x08"
_GZIP_UNNAMED = Fault(
    ErrorCode.FORMAT_ERROR, "the file looks like a gzip archive; give it a name that ends in .csv.gz, or save it as CSV"
)
_MARKUP = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*"
    rb"(?:(?P<html><!doctype html|<html)|(?P<xml><\?xml)|(?P<json>\{\s*\"|\[\s*[\[{]))",
    re.IGNORECASE,
)
_MARKUP_NAMES: Mapping[str, str] = MappingProxyType({"html": "an HTML page", "xml": "an XML document", "json": "JSON"})
_WIDE_ENCODINGS = ("utf-16", "utf-32")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONTROLS = bytes({*range(0x20), 0x7F} - set(b"\t\n\v\f\r"))
"""Control characters that text does not contain."""
_TEXT_BYTES_PER_CONTROL = 20
"""With one control character in 20 bytes or fewer a file is binary. Random bytes have one in ten."""
_MIN_CONTROLS = 32
"""Fewer control characters are reported cell by cell."""
_SAMPLE_BYTES = 4096
"""How many bytes are examined for another format."""
_MANY = 10
_DOUBLE_ENDS: Mapping[bytes, int] = MappingProxyType({b"\r\r\n": 1, b"\n\r": 1, b"\n\n": _MANY, b"\r\n\r\n": _MANY})
"""Line ends that are read as two, and from how many on they are no empty rows."""


def detect_non_csv(beginning: bytes, dialect: Dialect) -> Fault | None:
    """Return the fault of a file that begins like another format; None if it may be CSV."""
    start = beginning[:_SAMPLE_BYTES]
    if start.startswith(_GZIP):
        return _GZIP_UNNAMED
    for signature, name in _SIGNATURES.items():
        if start.startswith(signature):
            return _looks_like(_inside(start, name) if signature == _ZIP else name)
    if dialect.header and (markup := _MARKUP.match(start)):
        return _looks_like(_MARKUP_NAMES[str(markup.lastgroup)])
    if not dialect.encoding.startswith(_WIDE_ENCODINGS) and _is_utf16(start):
        label = encoding_label(dialect.encoding)
        return Fault(ErrorCode.ENCODING_ERROR, f"the file looks like UTF-16; save it in {label}")
    return _looks_like("binary data") if _is_binary(start, dialect) else None


def is_workbook(beginning: bytes) -> bool:
    """Return whether a file begins like an Excel workbook, whatever its name."""
    return beginning.startswith(_ZIP) and _inside(beginning[:_SAMPLE_BYTES], "") == _WORKBOOK


def detect_double_line_ends(sample: bytes, dialect: Dialect) -> Fault | None:
    """Return the fault of a file all of whose lines end twice, as in CR CR LF, so that every other row is empty."""
    if dialect.line_terminator is not None or dialect.skip_blank_rows:
        return None
    for end in _DOUBLE_ENDS:
        rest = sample.rstrip(b"\r\n").replace(end, b"")
        if sample.count(end) >= _DOUBLE_ENDS[end] and b"\r" not in rest and b"\n" not in rest:
            name = " ".join("CR" if byte == ord("\r") else "LF" for byte in end)
            reason = f"the lines end in {name}, so that every other row is empty: end them in CR LF or LF"
            return Fault(ErrorCode.FORMAT_ERROR, reason)
    return None


def _inside(start: bytes, otherwise: str) -> str:
    """Return what a zip archive contains."""
    return next((kind for mark, kind in _IN_ZIP.items() if mark in start), otherwise)


def _looks_like(name: str) -> Fault:
    return Fault(ErrorCode.FORMAT_ERROR, f"the file looks like {name}; save it as CSV")


def _is_binary(start: bytes, dialect: Dialect) -> bool:
    """Return whether there are many control characters that the dialect does not use. UTF-16 is full of zeros."""
    if dialect.encoding.startswith(_WIDE_ENCODINGS):
        return False
    start = start.rstrip(b"\x1a\r\n")  # Ctrl-Z fills the end of some files
    controls = _CONTROLS.translate(None, "".join(dialect.tokens).encode())
    count = len(start) - len(start.translate(None, controls))
    return count >= max(_MIN_CONTROLS, len(start) / _TEXT_BYTES_PER_CONTROL)


def _is_utf16(start: bytes) -> bool:
    """Return whether a text begins with the byte order mark of UTF-16, or every other byte is zero."""
    even, odd = start[0:64:2], start[1:64:2]
    zeros = (even.count(0), odd.count(0))
    return start.startswith(_UTF16_MARKS) or (len(odd) > 1 and sorted(zeros) == [0, len(odd)])
