"""Finds the ends of physical lines in the bytes of a file, whatever its encoding."""

import codecs
import re
from collections.abc import Mapping
from itertools import chain
from types import MappingProxyType

from chalicelib.validation.reading.dialect import Dialect

_UNIVERSAL = ("\r\n", "\n", "\r")


class LineEnds:
    """The line ends of a dialect in an encoding, which has no byte order mark of its own."""

    def __init__(self, dialect: Dialect, encoding: str) -> None:
        unit = 4 if encoding.startswith("utf-32") else 2 if encoding.startswith("utf-16") else 1
        ends = _UNIVERSAL if dialect.line_terminator is None else (dialect.line_terminator,)
        others = [token for token in dialect.tokens if len(token.encode()) > 1 and token not in ends]
        self._ends = frozenset(end.encode(encoding) for end in ends)
        # The longest first, as the reader replaces tokens: a line break in another token ends no line.
        tokens = sorted(chain(others, ends), key=lambda token: len(token.encode()), reverse=True)
        self._tokens = [token.encode(encoding) for token in tokens]
        encoded = b"|".join(map(re.escape, self._tokens))
        between = b"(?s:.{%d})*?" % unit if unit > 1 else b""
        find = re.compile(between + b"(" + encoded + b")")
        self._find = find.match if between else find.search
        self._longest = max(map(len, self._tokens))

    def next(self, data: bytes | bytearray, at: int, *, is_final: bool) -> int | None:
        """Return where the line ends that is at `at`, with its line break; None if that is not known yet."""
        while found := self._find(data, at):
            if not is_final and self._may_go_on(data, found.start(1)):
                return None
            if found[1] in self._ends:
                return found.end()
            at = found.end()
        return None

    def _may_go_on(self, data: bytes | bytearray, at: int) -> bool:
        """Return whether the data ends within what may be a longer token, such as CRLF after its CR."""
        if at + self._longest <= len(data):
            return False
        seen = bytes(data[at:])
        return any(token.startswith(seen) for token in self._tokens if len(token) > len(seen))


def byte_order(encoding: str, beginning: bytes) -> tuple[str, bytes]:
    """Return the encoding of a file by its beginning, and the file's byte order mark, which may be empty."""
    for mark, ordered in _MARKS.get(encoding, {}).items():
        if beginning.startswith(mark):
            return ordered, mark
    if encoding == "utf-16":  # as the reader takes it: the first character is one of the first 256
        return ("utf-16-be" if beginning.startswith(b"\0") else "utf-16-le"), b""
    if encoding == "utf-32":
        return "utf-32-le", b""
    try:
        mark = "\ufeff".encode(encoding)
    except UnicodeEncodeError:
        return encoding, b""
    return encoding, mark if beginning.startswith(mark) else b""


_MARKS: Mapping[str, Mapping[bytes, str]] = MappingProxyType(
    {
        "utf-16": {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"},
        "utf-32": {codecs.BOM_UTF32_LE: "utf-32-le", codecs.BOM_UTF32_BE: "utf-32-be"},
    }
)
