"""Texts for cells of strings, in each format, and texts that some readers parse incorrectly."""

import uuid
from collections.abc import Sequence
from random import Random

from tests.fuzz.values.temporal import Descriptor

UGLY: Sequence[str] = (
    "",
    " ",
    "  ",
    "\t",
    "\xa0",
    "\ufeff",
    "\ufeffx",
    "\u2028",
    "\x0b",
    "\x85",
    "\x1c",
    "\x7f",
    "é",
    "e\u0301",
    "\u0130",
    "\u017f",
    "\u212a",
    "😀",
    "\U0010ffff",
    "\uffff",
    "\ufffe",
    "日本",
    "１２",
    "٣",
    ",",
    ";",
    '"',
    '""',
    "'",
    "a,b",
    'say "x"',
    "two\nlines",
    "two\r\nlines",
    "two\rlines",
    "\n",
    "\r",
    "\r\n",
    "\n\r",
    "\r\r\n",
    "x\n",
    "\nx",
    "#x",
    "-",
    "NA",
    "null",
    "-999",
    "0",
    "1",
    "\\N",
    "\\",
    "\\\\",
    "a\\,b",
    "x" * 300,
    "é" * 64,
)
"""Texts that some readers parse incorrectly."""
RAW: Sequence[str] = (
    "\0",
    "x\0",
    "\udcff",
    "x\udcc3",
    "\udcc3(",
    "\udced\udca0\udc80",
    "\udcc0\udcaf",
    "\udce0\udc80\udcaf",
    "\udcf4\udc90\udc80\udc80",
    "\udcf8\udc88\udc80\udc80\udc80",
    "\udcef\udcbb",
    "\udcf0\udc9f\udc98",
    "\udc80",
)
"""Undecodable bytes, as Python escapes them."""


def strings(rng: Random, descriptor: Descriptor) -> Sequence[str]:
    """Return texts for a column of strings in a format."""
    words = ["".join(rng.choices("abcxyzABC é0129-_.,;'\"😀ßſ", k=rng.randint(1, 12))) for _ in range(20)]
    match descriptor.get("format"):
        case "email":
            return [*_EMAILS, *(f"{word}@example.org" for word in words[:5])]
        case "uri":
            return [*_URIS, *(f"urn:{word}" for word in words[:5])]
        case "uuid":
            ids = [str(uuid.UUID(int=rng.getrandbits(128))) for _ in range(20)]
            return [*ids, ids[0].upper(), ids[0].replace("-", ""), f"{{{ids[0]}}}", f"urn:uuid:{ids[0]}", ids[0][:-1]]
        case "binary":
            return ["", "QQ==", "QUI=", "QUJD", "QQ=", "QUJD\n", "QR==", "Q===", "QUJDREVG", "QUJ-", "QQ==QQ==", "===="]
    return [*words, *rng.sample(UGLY, 12)]


_EMAILS = (
    "a@b.co",
    "first.last@example.org",
    "é@bücher.example",
    "a@b",
    "a..b@c.org",
    "a@-b.org",
    "a@b-.org",
    "a@b.c",
    "a@b.xn--p1ai",
    "a@b.1a",
    "a@" + "x" * 63 + ".org",
    "a@" + "x" * 64 + ".org",
    "x" * 65 + "@b.org",
    '"a b"@c.org',
    "a,b@c.org",
    "A+B!#$%&'*/=?^_`{|}~-@c.org",
    "a@b.org.",
    ".a@b.org",
    "a@b.org\n",
    "😀@b.org",
    "a@[1.2.3.4]",
)
_URIS = (
    "https://example.org/",
    "http://a/b?c=d#e",
    "urn:x:y",
    "mailto:a@b.co",
    "http://[::1]:80/",
    "http://a/%20",
    "http://a/%2",
    "http://a b/",
    "example.org",
    "a:",
    "1a:b",
    "http://é/",
    "x://a,b;c",
    "x:??##",
    "x:a#b#c",
    "x://[",
    "x:/a//b",
    "x:|",
)
