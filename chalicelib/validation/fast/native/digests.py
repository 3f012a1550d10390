"""Digests of values, which the kernel makes of their texts.

A digest is the SipHash of a text under a secret of this validation. So a file cannot be made to contain two values with
the same digest, and by chance that is as unlikely as two equal UUIDs.
"""

import ctypes
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from chalicelib.validation.fast.native import library as c
from chalicelib.validation.schema.field_types import Value, canonical

_BYTES = 16
_ZERO = bytes(_BYTES)


class Digests:
    """Makes digests under one secret."""

    def __init__(self, library: ctypes.CDLL, secret: bytes) -> None:
        """Use these 16 bytes."""
        self._library = library
        self.secret = secret
        self._words = [int.from_bytes(secret[at : at + 8], "little") for at in (0, 8)]

    def of_text(self, text: bytes, kind: int = 0, before: bytes = b"") -> bytes:
        """Return the digest of a text behind `before`; each kind has a secret of its own.

        A text of megabytes is copied once.
        """
        secret = (ctypes.c_uint64 * 2)(self._words[0] ^ kind, self._words[1])
        digest = ctypes.create_string_buffer(_BYTES)
        padded = b"".join((before, text, bytes(8)))
        self._library.digest_of(secret, padded, len(before) + len(text), digest)
        return digest.raw

    def of_key(self, value: Value) -> bytes:
        """Return the digest of a part of a key: of values with parts as of JSON, and of others as of a text."""
        if isinstance(value, list | tuple | Mapping):
            return self.of_json(value)
        if isinstance(value, str):
            return self.of_text(value.encode())
        return self.of_text(canonical(value).encode(), before=b"\0")  # which no text contains

    def of_json(self, value: Any) -> bytes:
        """Return the digest of JSON, or of a list of other values, as `json_digest` in the kernel does."""
        match value:
            case str():
                return self.of_text(value.encode(errors="surrogatepass"), c.OF_STRING)
            case Decimal():
                return self.of_text(_normal(value), c.OF_NUMBER)
            case bool() | None:
                return self.of_text(json.dumps(value).encode(), c.OF_WORD)
            case list() | tuple():
                digest = _ZERO
                for item in value:
                    digest = self.of_text(digest + self.of_json(item), c.OF_ARRAY)
                return self.of_text(digest + _of_size(value), c.OF_ARRAY)
            case Mapping():
                total = 0
                for name, member in value.items():
                    total += int.from_bytes(
                        self.of_text(self.of_json(name) + self.of_json(member), c.OF_MEMBER), "little"
                    )
                digest = (total % 2 ** (8 * _BYTES)).to_bytes(_BYTES, "little")
                return self.of_text(digest + _of_size(value), c.OF_OBJECT)
        return self.of_text(canonical(value).encode(errors="surrogatepass"), c.OF_OTHER)


def _of_size(value: Any) -> bytes:
    return len(value).to_bytes(_BYTES, "little")


def _normal(number: Decimal) -> bytes:
    """Return where the point is, the sign, and the digits without zeros at the ends; equal for equal numbers."""
    sign, digits, exponent = number.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    point = len(text) + int(exponent) if text else 0
    sign = (0 if sign else 2) if text else 1
    return point.to_bytes(8, "little", signed=True) + bytes([sign]) + text.rstrip("0").encode()
