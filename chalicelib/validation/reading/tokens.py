"""The delimiter, quote, escape and line terminator of a dialect, each as one byte.

The reader compares bytes. A token of several characters, or of one beyond ASCII, is replaced in the data by a byte that
UTF-8 does not have, and restored in the text of cells. Such a dialect is left to the reference checker.
"""

import re
from collections.abc import Iterator, Mapping

from chalicelib.validation.reading.dialect import Dialect

_STAND_INS = b"\xf8\xf9\xfa\xfb"
_UNDECODABLE = b"\xff"
"""Replaces a stand-in that is in the data itself: neither can be decoded."""


class Tokens:
    """The tokens of a dialect as bytes; empty where the dialect has none."""

    def __init__(self, dialect: Dialect) -> None:
        """Choose a byte for each token."""
        named = (dialect.delimiter, dialect.quote_char, dialect.escape_char, dialect.line_terminator)
        encoded = [(token or "").encode() for token in named]
        self._stand_ins: Mapping[bytes, bytes] = {
            token: _STAND_INS[at : at + 1] for at, token in enumerate(encoded) if len(token) > 1
        }
        self.delimiter, self.quote, self.escape, self.terminator = (
            self._stand_ins.get(token, token) for token in encoded
        )
        longest_first = sorted(self._stand_ins, key=len, reverse=True)
        self._pattern = re.compile(b"|".join([*map(re.escape, longest_first), b"[%b]" % _STAND_INS]))
        self._longest = max(map(len, self._stand_ins), default=0)

    def replace_in(self, source: Iterator[bytes]) -> Iterator[bytes]:
        """Replace the tokens in blocks, wherever these end."""
        if not self._stand_ins:
            yield from source
            return
        held = b""
        for block in source:
            data = held + block
            cut = self._cut(data)
            held = data[cut:]
            if cut:
                yield self.replaced(data[:cut])
        if held:
            yield self.replaced(held)

    def replaced(self, data: bytes) -> bytes:
        """Replace the tokens in data."""
        return self._pattern.sub(self._stand_in, data) if self._stand_ins else data

    def _stand_in(self, match: "re.Match[bytes]") -> bytes:
        return self._stand_ins.get(match[0], _UNDECODABLE)

    def _cut(self, data: bytes) -> int:
        """Return where the beginning of a token starts that the end of the data may cut in two."""
        inside = {at for match in self._pattern.finditer(data) for at in range(match.start() + 1, match.end())}
        for at in range(max(len(data) - self._longest + 1, 0), len(data)):
            rest = data[at:]
            if at not in inside and any(len(rest) < len(token) and token.startswith(rest) for token in self._stand_ins):
                return at
        return len(data)

    def restored(self, raw: bytes) -> bytes:
        """Restore the tokens in the bytes of a cell."""
        for token, stand_in in self._stand_ins.items():
            raw = raw.replace(stand_in, token)
        return raw
