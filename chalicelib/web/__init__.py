"""The live page: files that a browser takes as they are, each with the headers that it is served with.

There is no build step, and the files ask for nothing from anywhere else. The document finds its files relative to where
it is itself, and the scripts find the HTTP API relative to where they are: the stage in API Gateway's path makes no
difference. The path of a file has a digest of all of them, so that a browser keeps it until a deployment changes one.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from importlib import resources
from types import MappingProxyType

from attrs import frozen

from chalicelib.errors import PageFileUnknown
from chalicelib.validation.reporting.advice import ADVICE
from chalicelib.validation.reporting.markup import HIDDEN, NAMES

_DOCUMENT = "index.html"
_TYPES = MappingProxyType(
    {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
)
_HEADERS: Mapping[str, str] = MappingProxyType({"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"})
"""No referrer: the address of a signed link is all that it takes to use it."""


@frozen(kw_only=True)
class Served:
    """A file and the headers that it is served with."""

    content: str
    headers: Mapping[str, str]


def document(path: str, *, sends_to: Iterable[str] = ()) -> Served:
    """Give the page as it is at a path, which ends in `/` or names what the page is asked for as.

    `sends_to` are the origins to which the page may send files, besides its own: that of the bucket.
    """
    return Served(
        content=_texts()[_DOCUMENT].replace("{{files}}", f"{_root(path)}page/{version()}"),
        headers={
            **_HEADERS,
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": _policy(sends_to),
            "Cache-Control": "no-store",
        },
    )


def file(asked: str, name: str) -> Served:
    """Give one of the page's files, to be kept if it is of the version that was asked for; raises PageFileUnknown."""
    kind = _TYPES.get(name[name.rfind(".") :])
    if kind is None or name not in _texts():
        raise PageFileUnknown("the page has no such file")
    keeping = "public, max-age=31536000, immutable" if asked == version() else "no-store"
    return Served(content=_texts()[name], headers={**_HEADERS, "Content-Type": kind, "Cache-Control": keeping})


@cache
def version() -> str:
    """Give what the present files are known by."""
    return sha256("\0".join(f"{name}\0{text}" for name, text in _texts().items()).encode()).hexdigest()[:12]


@cache
def _texts() -> Mapping[str, str]:
    entries = sorted(resources.files(__name__).iterdir(), key=lambda entry: entry.name)
    texts = {entry.name: entry.read_text("utf-8") for entry in entries if entry.name.endswith((*_TYPES, _DOCUMENT))}
    # The report gives the same advice, and the same signs: they are written down in one place.
    return {**texts, "advice.js": f"export const ADVICE = {json.dumps(dict(ADVICE))};\n", "signs.js": _signs()}


def _signs() -> str:
    """Write what one would not see, and how it is called, in JavaScript."""
    hidden = "".join(it if it in "^$ +|[-]" else f"\\u{{{ord(it):x}}}" for it in HIDDEN.pattern)
    return f"export const HIDDEN = /{hidden}/gu;\nexport const NAMES = {json.dumps(dict(NAMES))};\n"


def _root(path: str) -> str:
    """Say how to get from the document at a path to the root of the HTTP API."""
    *_, before, folder, last = f"//{path}".split("/")
    if last:
        return "../" if folder == "links" else f"{last}/"
    return "../../" if before == "links" else ""


def _policy(sends_to: Iterable[str]) -> str:
    own = "'self'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {own}",
            f"style-src {own}",
            f"img-src {own}",
            f"connect-src {' '.join((own, *sends_to))}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
