"""The page: static files, served as they are, with their headers.

There is no build step, and no file loads anything from another origin. All URLs are relative, so that the page works
under the stage in API Gateway's path. The path of a file contains a digest of all files, so that browsers can cache it
until a deployment changes one.
"""

import html
import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from importlib import resources
from types import MappingProxyType
from urllib.parse import quote

from attrs import frozen

from chalicelib import words
from chalicelib.errors import PageFileUnknown
from chalicelib.validation.reporting.markup import HIDDEN, NAMES

_DOCUMENT = "index.html"
_TYPES = MappingProxyType(
    {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
)
_KEY = re.compile(r"\{\{([\w.]+)\}\}")
_HEADERS: Mapping[str, str] = MappingProxyType({"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"})
"""No referrer, because the URL of a partner link contains its token."""


_PROBLEM_STYLE = (
    "body{margin:0;padding:clamp(2rem,10vw,7rem);font:1.05rem/1.6 system-ui,sans-serif}"
    "main{max-width:38rem}h1{font:600 2rem/1.2 Georgia,serif}"
)
_PROBLEM_STYLE_DIGEST = f"sha256-{b64encode(sha256(_PROBLEM_STYLE.encode()).digest()).decode()}"


@frozen(kw_only=True)
class StaticFile:
    """A file and its response headers."""

    content: str
    headers: Mapping[str, str]


def document(path: str, *, language: str = words.ENGLISH, bucket: str, sends_to: Iterable[str] = ()) -> StaticFile:
    """Return the page for the path at which it was requested, in one of the languages of `words`.

    The page sends files to the origin of the bucket, and shows reports from there in a frame. `sends_to` are further
    origins to which it sends requests.
    """
    # The path is that of the request: nothing in it may become markup, or the URL of another host.
    files = html.escape(f"./{quote(_root(path))}page/{version()}")
    return StaticFile(
        content=_translated(language).replace("{{files}}", files),
        headers={
            **_HEADERS,
            "Content-Type": "text/html; charset=utf-8",
            "Content-Language": language,
            "Vary": "Accept-Language",
            "Content-Security-Policy": _policy(bucket, sends_to),
            "Cache-Control": "no-store",
        },
    )


def problem_page(title: str, detail: str, *, language: str = words.ENGLISH) -> StaticFile:
    """Return a page that says why what a browser opened cannot be shown, and what to do."""
    texts = words.texts(language)
    known = texts.get(f"problems.{title}")
    sentence = html.escape(known if isinstance(known, str) else f"{detail[:1].upper()}{detail[1:].rstrip('.')}.")
    heading = html.escape(words.text("problems.title", language))
    return StaticFile(
        content=(
            f'<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n'
            f"<title>{heading}</title>\n<style>{_PROBLEM_STYLE}</style>\n"
            f"<main><h1>{heading}</h1>\n<p>{sentence}</p></main>\n</html>\n"
        ),
        headers={
            **_HEADERS,
            "Content-Type": "text/html; charset=utf-8",
            "Content-Language": language,
            "Content-Security-Policy": f"default-src 'none'; style-src '{_PROBLEM_STYLE_DIGEST}'",
            "Cache-Control": "no-store",
            "Vary": "Accept, Accept-Language",
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
    spoken = {f"words.{language}.js": _words(language) for language in words.LANGUAGES}
    return {**texts, **spoken, "signs.js": _signs()}


@cache
def _translated(language: str) -> str:
    """Return the document with the texts of a language in place of their keys."""
    texts = words.texts(language)
    known = {"language": language, "files": "{{files}}", **{key: html.escape(str(texts[key])) for key in texts}}
    return _KEY.sub(lambda key: known[key[1]], _texts()[_DOCUMENT])


def _words(language: str) -> str:
    """Return the texts of a language as JavaScript."""
    texts = {key: text if isinstance(text, str) else dict(text) for key, text in words.texts(language).items()}
    return f"export const WORDS = {json.dumps(texts, ensure_ascii=False)};\n"


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


def _policy(bucket: str, sends_to: Iterable[str]) -> str:
    own = "'self'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {own}",
            f"worker-src {own}",
            f"style-src {own}",
            f"img-src {own}",
            f"connect-src {' '.join((own, bucket, *sends_to))}",
            f"frame-src {bucket}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
