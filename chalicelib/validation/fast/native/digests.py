"""Digests of values, which the kernel makes of their texts.

A digest is the SipHash of a text under a secret of this validation. So a file cannot be made to contain two values with
the same digest, and by chance that is as unlikely as two equal UUIDs.
"""

import ctypes
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
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
        self.secret = [int.from_bytes(secret[at : at + 8], "little") for at in (0, 8)]
        """As the kernel has it: two numbers of 64 bits."""

    def of_text(self, text: bytes, kind: int = 0, before: bytes = b"") -> bytes:
        """Return the digest of a text behind `before`; each kind has a secret of its own.

        A text of megabytes is copied once.
        """
        secret = (ctypes.c_uint64 * 2)(self.secret[0] ^ kind, self.secret[1])
        digest = ctypes.create_string_buffer(_BYTES)
        padded = b"".join((before, text, bytes(8)))
        self._library.digest_of(secret, padded, len(before) + len(text), digest)
        return digest.raw

    def of_key(self, value: Value) -> bytes:
        """Return the digest of a part of a key. Equal values have equal digests, whatever the types of their fields.

        That of other values than texts is of a text with a NUL, which no text contains, or has another secret.
        """
        match value:
            case str():
                return self.of_text(value.encode())
            case list() | tuple() | Mapping():
                return self.of_json(value)
            case Decimal() if not _is_whole(value):
                return self.of_text(_normal(value), c.OF_NUMBER)
            case datetime() if value.tzinfo is UTC:
                of_second = value.isoformat()[: len("2024-02-29T12:30:00")]
                fraction = f"{value.microsecond:06}" if value.microsecond else ""
                return self.of_text(f"{of_second}{fraction}".encode(), c.OF_MOMENT)
            case date() if not isinstance(value, datetime):
                return self.of_text(value.isoformat().encode(), c.OF_DATE)
            case time() if value.tzinfo is UTC and not value.microsecond:
                return self.of_text(value.isoformat()[: len("12:30:00")].encode(), c.OF_TIME)
        return self.of_text(canonical(value).encode(), before=b"\0")

    def of_json(self, value: Any) -> bytes:
        """Return the digest of JSON, or of a list of other values, as `json_digest` in the kernel does."""
        match value:
            case str():
                return self.of_text(value.encode(errors="surrogatepass"), c.OF_STRING)
            case bool() | None:
                return self.of_text(json.dumps(value).encode(), c.OF_WORD)
            case Decimal() | int():
                return self.of_text(_normal(Decimal(value)), c.OF_NUMBER)
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


def _is_whole(number: Decimal) -> bool:
    return number == number.to_integral_value()


def _normal(number: Decimal) -> bytes:
    """Return where the point is, the sign, and the digits without zeros at the ends; equal for equal numbers."""
    mantissa, _, exponent = str(number).lstrip("-").partition("E")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(digits) - len(fraction) + int(exponent or 0) if digits else 0
    sign = (0 if number.is_signed() else 2) if digits else 1
    return point.to_bytes(8, "little", signed=True) + bytes([sign]) + digits.rstrip("0").encode()
