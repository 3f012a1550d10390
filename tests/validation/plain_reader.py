"""RFC 4180 once more, slowly: what the record reader is held against, byte by byte and with the whole file in hand."""

from collections.abc import Iterator

from chalicelib.validation.records import (
    NOT_UTF8,
    NUL,
    QUOTE_INSIDE,
    TEXT_AFTER_QUOTE,
    UNTERMINATED,
    Record,
    UnreadableRecord,
)
from chalicelib.validation.report import Fault


def plain_records(data: bytes, record_bytes: int) -> Iterator[Record | UnreadableRecord]:
    """Read a file's records; larger ones than `record_bytes`, without their line break, are unreadable."""
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    row, line = 0, 1
    while at < len(data):
        row += 1
        start, cells = at, list[str | Fault]()
        while True:
            after_quotes = _after_quotes(data, at)
            if after_quotes is None:
                yield UnreadableRecord(row, line, len(cells) + 1, UNTERMINATED)
                return
            stop = after_quotes
            while stop < len(data) and data[stop] not in b",\r\n":
                stop += 1
            cells.append(_cell(data[at:after_quotes], data[after_quotes:stop]))
            at = stop + 1
            if data[stop : stop + 1] != b",":
                break
        if data[stop : stop + 2] == b"\r\n":
            at = stop + 2
        if stop - start > record_bytes:
            reason = f"the record is larger than {record_bytes} bytes: is a closing quote missing?"
            yield UnreadableRecord(row, line, None, Fault("oversized-record", reason))
        else:
            yield Record(row, line, cells)
        line += data[start:at].replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n")


def _after_quotes(data: bytes, at: int) -> int | None:
    """Give the place after the quoted part that starts at `at`, if one does; None if it has no end."""
    if data[at : at + 1] != b'"':
        return at
    at += 1
    while at < len(data):
        if data[at : at + 2] == b'""':
            at += 2
        elif data[at : at + 1] == b'"':
            return at + 1
        else:
            at += 1
    return None


def _cell(quoted: bytes, unquoted: bytes) -> str | Fault:
    if quoted and unquoted:
        return TEXT_AFTER_QUOTE
    if b'"' in unquoted:
        return QUOTE_INSIDE
    try:
        text = (quoted[1:-1].replace(b'""', b'"') or unquoted).decode()
    except UnicodeDecodeError:
        return NOT_UTF8
    return NUL if "\0" in text else text
