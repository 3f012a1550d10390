"""Detects files that are not CSV, or not of the declared dialect, from their first bytes.

A workbook is reported as one error of the file, not as thousands of cells that are not UTF-8.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from chalicelib.validation.reading.dialect import Dialect
from chalicelib.validation.report import ErrorCode, Fault

_SIGNATURES: Mapping[bytes, str] = MappingProxyType(
    {
        b"PK\x03\x04": "a zip archive",
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
        b"[Content_Types].xml": "an Excel workbook (.xlsx)",
        b"xl/": "an Excel workbook (.xlsx)",
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
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONTROLS = bytes({*range(0x20), 0x7F} - set(b"\t\n\v\f\r"))
"""Control characters that text does not contain."""
_TEXT_BYTES_PER_CONTROL = 20
"""With one control character in 20 bytes or fewer a file is binary. Random bytes have one in ten."""
_MIN_CONTROLS = 32
"""Fewer control characters are reported cell by cell."""
_SAMPLE_BYTES = 4096
"""How many bytes of a file are examined."""

_DELIMITERS: Mapping[str, str] = MappingProxyType(
    {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
)


def detect_non_csv(beginning: bytes, dialect: Dialect) -> Fault | None:
    """Return the fault of a file that begins like another format; None if it may be CSV."""
    start = beginning[:_SAMPLE_BYTES]
    if start.startswith(_GZIP):
        return _GZIP_UNNAMED
    for signature, name in _SIGNATURES.items():
        if start.startswith(signature):
            inside = (kind for mark, kind in _IN_ZIP.items() if mark in start)
            return _looks_like(next(inside, name) if signature == b"PK\x03\x04" else name)
    if dialect.header and (markup := _MARKUP.match(start)):
        return _looks_like(_MARKUP_NAMES[str(markup.lastgroup)])
    if not dialect.encoding.startswith("utf-16") and _is_utf16(start):
        return Fault(ErrorCode.ENCODING_ERROR, f"the file looks like UTF-16; save it in {dialect.encoding.upper()}")
    return _looks_like("binary data") if _is_binary(start, dialect) else None


def detect_delimiter(label: str | Fault, beginning: bytes, names: Sequence[str], dialect: Dialect) -> Fault | None:
    """Return the fault of a header with one label that another delimiter splits into known labels.

    If the label's quoting is broken, the first line of the file is examined in its place.
    """
    line = (
        label
        if isinstance(label, str)
        else next(iter(beginning[:_SAMPLE_BYTES].decode(errors="replace").lstrip("\ufeff").splitlines()), "")
    )
    known = {name.casefold() for name in names}
    if len(names) == 1 or line.strip('"').casefold() in known:
        return None
    for delimiter, plural in _DELIMITERS.items():
        parts = [part.strip(' "').casefold() for part in line.split(delimiter)]
        if delimiter != dialect.delimiter and len(parts) > 1 and (len(parts) == len(names) or known & set(parts)):
            wanted = _DELIMITERS.get(dialect.delimiter, repr(dialect.delimiter))
            return Fault(ErrorCode.FORMAT_ERROR, f"the columns are separated by {plural}; expected {wanted}")
    return None


def _looks_like(name: str) -> Fault:
    return Fault(ErrorCode.FORMAT_ERROR, f"the file looks like {name}; save it as CSV")


def _is_binary(start: bytes, dialect: Dialect) -> bool:
    """Return whether there are many control characters that the dialect does not use. UTF-16 is full of zeros."""
    if dialect.encoding.startswith("utf-16"):
        return False
    marks = (dialect.delimiter, dialect.quote_char, dialect.escape_char, dialect.line_terminator)
    controls = _CONTROLS.translate(None, "".join(filter(None, marks)).encode())
    count = len(start) - len(start.translate(None, controls))
    return count >= max(_MIN_CONTROLS, len(start) / _TEXT_BYTES_PER_CONTROL)


def _is_utf16(start: bytes) -> bool:
    """Return whether a text begins with the byte order mark of UTF-16, or every other byte is zero."""
    even, odd = start[0:64:2], start[1:64:2]
    zeros = (even.count(0), odd.count(0))
    return start.startswith(_UTF16_MARKS) or (len(odd) > 1 and sorted(zeros) == [0, len(odd)])
