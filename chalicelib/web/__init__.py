"""The page: static files, served as they are, with their headers.

There is no build step, and no file loads anything from another origin. All URLs are relative, so that the page works
under the stage in API Gateway's path. The path of a file contains a digest of all files, so that browsers can cache it
until a deployment changes one.
"""

import html
import json
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from importlib import resources
from types import MappingProxyType
from urllib.parse import quote

from attrs import frozen

from chalicelib.errors import PageFileUnknown
from chalicelib.validation.reporting.advice import ADVICE
from chalicelib.validation.reporting.markup import HIDDEN, NAMES

_DOCUMENT = "index.html"
_TYPES = MappingProxyType(
    {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
)
_HEADERS: Mapping[str, str] = MappingProxyType({"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"})
"""No referrer, because the URL of a partner link contains its token."""


@frozen(kw_only=True)
class StaticFile:
    """A file and its response headers."""

    content: str
    headers: Mapping[str, str]


def document(path: str, *, sends_to: Iterable[str] = ()) -> StaticFile:
    """Return the page for the path at which it was requested.

    `sends_to` are further origins to which the page may send files: that of the bucket.
    """
    # The path is that of the request: nothing in it may become markup, or the URL of another host.
    files = html.escape(f"./{quote(_root(path))}page/{version()}")
    return StaticFile(
        content=_texts()[_DOCUMENT].replace("{{files}}", files),
        headers={
            **_HEADERS,
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": _policy(sends_to),
            "Cache-Control": "no-store",
        },
    )


def file(requested_version: str, name: str) -> StaticFile:
    """Return one of the page's files, cacheable if the requested version is current; raises PageFileUnknown."""
    kind = _TYPES.get(name[name.rfind(".") :])
    if kind is None or name not in _texts():
        raise PageFileUnknown("the page has no such file")
    caching = "public, max-age=31536000, immutable" if requested_version == version() else "no-store"
    return StaticFile(content=_texts()[name], headers={**_HEADERS, "Content-Type": kind, "Cache-Control": caching})


@cache
def version() -> str:
    """Return the digest of all files."""
    return sha256("\0".join(f"{name}\0{text}" for name, text in _texts().items()).encode()).hexdigest()[:12]


@cache
def _texts() -> Mapping[str, str]:
    entries = sorted(resources.files(__name__).iterdir(), key=lambda entry: entry.name)
    texts = {entry.name: entry.read_text("utf-8") for entry in entries if entry.name.endswith((*_TYPES, _DOCUMENT))}
    # The report uses the same advice and the same signs.
    return {**texts, "advice.js": f"export const ADVICE = {json.dumps(dict(ADVICE))};\n", "signs.js": _signs()}


def _signs() -> str:
    """Return the invisible characters and their names, as JavaScript."""
    hidden = "".join(it if it in "^$ +|[-]" else f"\\u{{{ord(it):x}}}" for it in HIDDEN.pattern)
    return f"export const HIDDEN = /{hidden}/gu;\nexport const NAMES = {json.dumps(dict(NAMES))};\n"


def _root(path: str) -> str:
    """Return the relative URL from the document at a path to the root of the HTTP API."""
    *_, before, folder, last = f"//{path}".split("/")
    match before, folder, last:
        case (_, _, "links"):
            return ""
        case (_, "links", _):
            return "../"
        case ("links", _, ""):
            return "../../"
    return f"{last}/" if last else ""


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
